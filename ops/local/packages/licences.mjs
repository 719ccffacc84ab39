// The licences that packages may have.

/** Ask for no more than the names of their authors. */
const permissive = new Set([
  ...['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'Zlib'],
  ...['BlueOak-1.0.0', 'CC0-1.0', 'Unlicense', 'Python-2.0'],
]);

/** What else is used, and why it may be. Names match whole packages; `-*` stands for platforms. */
const exceptions = [
  { name: 'axe-core', licence: 'MPL-2.0', why: 'Tests run it unchanged; it is not delivered.' },
  { name: 'lightningcss', licence: 'MPL-2.0', why: 'Builds styles unchanged; not delivered.' },
  { name: 'lightningcss-*', licence: 'MPL-2.0', why: 'The same, per platform.' },
  { name: 'caniuse-lite', licence: 'CC-BY-4.0', why: 'Data of the build; not delivered.' },
  {
    name: '@fontsource-variable/inter',
    licence: 'OFL-1.1',
    why: 'A font that may be delivered with programs, unchanged and under its name.',
  },
  {
    name: 'xmlhttprequest-ssl',
    licence: undefined,
    why: 'Its LICENSE file is the MIT licence, which package.json does not name; tests alone.',
  },
];

/** Whether an SPDX expression can be met with permissive licences alone. */
export function isPermissive(expression) {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  const either = () => {
    let met = both();
    while (tokens[0] === 'OR') {
      tokens.shift();
      met = both() || met;
    }
    return met;
  };
  const both = () => {
    let met = one();
    while (tokens[0] === 'AND') {
      tokens.shift();
      met = one() && met;
    }
    return met;
  };
  const one = () => {
    const token = tokens.shift();
    if (token !== '(') return permissive.has(token);
    const met = either();
    return tokens.shift() === ')' && met;
  };
  return either() && tokens.length === 0;
}

const matches = (pattern, name) =>
  pattern.endsWith('-*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;

/** What is wrong with the licences of a lockfile's packages. */
export function licenceComplaints(packages) {
  const used = new Set();
  const found = packages.flatMap(({ name, licence, dev }) => {
    if (licence && isPermissive(licence)) return [];
    const exception = exceptions.find(
      (one) => matches(one.name, name) && one.licence === licence && dev,
    );
    if (exception) used.add(exception);
    const known = licence ?? 'no licence that it names';
    return exception ? [] : [`${name} has ${known}: allow it with a reason, or take another.`];
  });
  const stale = exceptions.filter((one) => !used.has(one));
  return [...found, ...stale.map(({ name }) => `${name} needs no exception any more.`)];
}
