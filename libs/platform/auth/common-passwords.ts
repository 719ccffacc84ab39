/** What people choose when asked for anything: words, names, teams, months, and this product. */
const words = (
  'password passwort passwd passphrase kennwort motdepasse contrasena parola wachtwoord senha ' +
  'pass word welcome willkommen bienvenue letmein openup opensesame abracadabra changeme ' +
  'changeit default secret geheim private access login logon signin admin administrator root ' +
  'toor user username guest test tester testing demo sample example temp temporary master ' +
  'superuser system server service office company business work worker sales team manager crm ' +
  'clientforge client forge customer contact deal iloveyou loveyou love lover lovely ' +
  'sunshine princess prince queen king angel dragon monkey tiger lion eagle panther shadow ' +
  'phoenix unicorn butterfly flower chocolate cookie banana orange cheese pepper ginger ' +
  'football soccer baseball basketball hockey tennis golf ferrari porsche mercedes yamaha ' +
  'harley mustang corvette superman batman spiderman starwars pokemon nintendo minecraft ' +
  'computer internet windows google facebook samsung iphone android hello hallo bonjour ciao ' +
  'whatever nothing trustno fuckyou asshole freedom liberty peace summer winter spring autumn ' +
  'january february march april may june july august september october november december ' +
  'monday tuesday wednesday thursday friday saturday sunday morning michael jennifer jessica ' +
  'michelle daniel thomas robert andrew joshua matthew charlie jordan hunter killer ' +
  'correct horse battery staple thequickbrownfox theforcebewithyou maytheforce bewithyou ' +
  'tobeornottobe onceuponatime this that the and for you your with are not mypassword my is'
).split(' ');

/** Paths of a finger over the keyboard. */
const rows = [
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'yxcvbnm',
  '1234567890',
  '!@#$%^&*()_+',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'qazwsxedcrfvtgbyhnujmikolp',
];
const walks = [...rows, ...rows.map((row) => [...row].reverse().join(''))].join(' ');
const WALK = 4;
const RUN = 3;

/** Signs that stand for letters: `p@$$w0rd`. */
const disguises: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
  '+': 't',
};

/** Length of the run from here whose characters repeat, climb or descend by one. */
function runAt(text: string, start: number): number {
  const step = text.charCodeAt(start + 1) - text.charCodeAt(start);
  if (!(Math.abs(step) <= 1)) return 1;
  let end = start + 1;
  while (text.charCodeAt(end + 1) - text.charCodeAt(end) === step) end++;
  return end - start + 1;
}

/** Length of the longest keyboard walk from here. */
function walkAt(text: string, start: number): number {
  let length = WALK;
  while (start + length <= text.length && walks.includes(text.slice(start, start + length))) {
    length++;
  }
  return length - 1;
}

function withoutSequences(text: string): string {
  let rest = '';
  for (let at = 0; at < text.length;) {
    const run = runAt(text, at);
    const walk = walkAt(text, at);
    if (run >= RUN) at += run;
    else if (walk >= WALK) at += walk;
    else rest += text[at++];
  }
  return rest;
}

function withoutWords(text: string, known: readonly string[]): string {
  return known.reduce((rest, word) => rest.replaceAll(word, ''), text);
}

const longestFirst = (list: readonly string[]) => [...list].sort((a, b) => b.length - a.length);
const common = longestFirst(words);

/** The shortest part that gives the whole text by repetition. */
function period(text: string): number {
  return (text + text).indexOf(text, 1);
}

const FEW_CHARACTERS = 5;
const SHORT_PERIOD = 8;
const LITTLE_LEFT = 6;

/**
 * Whether a password is one of those tried first: few characters, a short part repeated, or little
 * left once words, dates, sequences and what is known of the person are taken out. A list of leaked
 * passwords would hardly help: nearly all of them are shorter than the shortest allowed.
 */
export function isGuessable(password: string, about: readonly string[] = []): boolean {
  const text = password.toLowerCase();
  if (new Set(text).size < FEW_CHARACTERS || period(text) < SHORT_PERIOD) return true;
  const personal = about
    .flatMap((one) => one.toLowerCase().split(/[^\p{L}\p{N}]+/u))
    .filter((one) => one.length >= 3);
  const known = longestFirst([...personal, ...common]);
  const plain = withoutWords(withoutSequences(text), known).replace(/(19|20)\d\d/g, '');
  const shown = withoutWords([...plain].map((sign) => disguises[sign] ?? sign).join(''), known);
  return [...shown.replace(/[\s\p{P}]/gu, '')].length < LITTLE_LEFT;
}
