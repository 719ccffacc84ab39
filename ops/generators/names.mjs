// The names a slice has in every file, from `<context>/<aggregate>/<verb-noun>`.
const IRREGULAR = {
  begin: 'begun',
  choose: 'chosen',
  give: 'given',
  hide: 'hidden',
  hold: 'held',
  leave: 'left',
  lose: 'lost',
  make: 'made',
  pay: 'paid',
  put: 'put',
  send: 'sent',
  set: 'set',
  split: 'split',
  take: 'taken',
  tell: 'told',
  win: 'won',
  withdraw: 'withdrawn',
};

/** The past participle of a verb: events say what has happened. */
export function past(verb) {
  if (IRREGULAR[verb]) return IRREGULAR[verb];
  if (verb.endsWith('e')) return `${verb}d`;
  if (/[^aeiou]y$/.test(verb)) return `${verb.slice(0, -1)}ied`;
  // One short vowel and one consonant double it: pin → pinned, flag → flagged.
  if (/^[^aeiou]*[aeiou][^aeiouwxy]$/.test(verb)) return `${verb}${verb.at(-1)}ed`;
  return `${verb}ed`;
}

const pascal = (text) =>
  text
    .split('-')
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join('');
const camel = (text) => pascal(text).replace(/^./, (letter) => letter.toLowerCase());

export function namesOf(target) {
  const [context, aggregateName, file] = target.split('/');
  const [verb, ...noun] = file.split('-');
  const aggregate = camel(aggregateName);
  const aggregateClass = pascal(aggregateName);
  const own = noun.join('-') === aggregateName;
  const event = `${aggregateClass}${own ? '' : pascal(noun.join('-'))}${pascal(past(verb))}`;
  const folder = `libs/${context}/${aggregateName}`;
  return {
    context,
    aggregate,
    aggregateClass,
    file,
    event,
    eventConst: event[0].toLowerCase() + event.slice(1),
    action: own ? past(verb) : `${noun.join('_')}_${past(verb)}`,
    command: pascal(file),
    commandConst: camel(file),
    idKey: `${aggregate}Id`,
    life: `${aggregate}Life`,
    route: own ? verb : file,
    sentence: `${verb[0].toUpperCase()}${verb.slice(1)}s ${own ? `a ${aggregateName}` : `the ${noun.join(' ')} of a ${aggregateName}`}.`,
    commandFile: `${folder}/${file}.ts`,
    specFile: `${folder}/${file}.spec.ts`,
    commandsFile: `${folder}/commands.ts`,
    aggregateFile: `${folder}/${aggregateName}.ts`,
    eventsFile: `event-schemas/${context}/${aggregateName}.events.ts`,
  };
}
