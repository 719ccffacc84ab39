import type { Fault } from '../problems.js';
import type { FileRecord } from './records.js';
import { shown } from './shown.js';

const MOST_COLUMNS = 1000;
const MOST_CHARACTERS = 200;

type HeadingProblem = Fault & { readonly column?: string; readonly value?: string };

/**
 * The names of the columns, each one different, and what is wrong with them. Without names the
 * rows cannot be read; empty columns at the end are left out.
 */
export function headingOf(
  { cells, broken }: FileRecord,
  wanted: readonly string[],
): { readonly names?: readonly string[]; readonly problems: readonly HeadingProblem[] } {
  const given = cells.map((cell) => cell.trim());
  while (given.at(-1) === '') given.pop();
  const wrong = faultOfHeading(given, broken !== undefined);
  if (wrong) return { problems: [wrong] };
  const names: string[] = [];
  const problems: HeadingProblem[] = [];
  const taken = new Set(given);
  for (const [n, name] of given.entries()) {
    if (name !== '' && !names.includes(name)) {
      names.push(shown(name));
      continue;
    }
    let other = name === '' ? `Column ${n + 1}` : `${name} (2)`;
    for (let next = 3; taken.has(other); next++) other = `${name || `Column ${n + 1}`} (${next})`;
    taken.add(other);
    names.push(other);
    const twice = wanted.includes(name);
    const message = name === '' ? `has no name for column ${n + 1}` : `has two columns ${name}`;
    const remedy = twice ? 'Keep one of them.' : `Rename it; it is read as "${other}".`;
    problems.push({ rule: 'heading', message, remedy });
    if (twice) return { problems };
  }
  const missing = wanted.filter((name) => !names.includes(name));
  if (missing.length === 0) return { names, problems };
  const message = `has no column ${missing.join(', ')}`;
  const remedy = `Its columns are ${names.join(', ')}.`;
  return { problems: [...problems, { rule: 'heading', message, remedy }] };
}

function faultOfHeading(given: readonly string[], broken: boolean): HeadingProblem | undefined {
  const fault = (message: string, remedy: string) => ({ rule: 'heading', message, remedy });
  if (broken) return fault('has a heading that cannot be read', 'Close every double quote in it.');
  if (given.length === 0) return fault('has no heading', 'Name the columns in the first line.');
  if (given.length > MOST_COLUMNS) {
    return fault(`has more than ${MOST_COLUMNS} columns`, 'Leave out those you do not need.');
  }
  const lost = given.find((name) => /[\0\ufffd]/.test(name));
  if (lost !== undefined) {
    const message = 'has a heading with characters that cannot be read';
    return { ...fault(message, 'Save the file as UTF-8.'), value: shown(lost) };
  }
  const long = given.find((name) => name.length > MOST_CHARACTERS);
  if (long === undefined) return undefined;
  const message = `has a heading of more than ${MOST_CHARACTERS} characters`;
  const remedy = 'Write the names of the columns into the first line.';
  return { ...fault(message, remedy), value: shown(long) };
}
