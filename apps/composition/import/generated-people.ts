import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { Dice } from '../demo/dice.js';
import { Names, positions } from '../demo/names.js';
import type { SourceRow } from './reading/types.js';

interface PeopleOf {
  /** Column that names the company. */
  readonly column: string;
  /** So many at each. */
  readonly people: number;
}

/** Chance that follows from a text: another company leaves the people of this one as they are. */
function diceOf(text: string): Dice {
  return new Dice(createHash('sha256').update(text).digest().readUInt32BE());
}

/** Lower case letters and digits, as addresses take them. */
function plain(text: string): string {
  return text
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
}

/**
 * Writes a file of made-up people for companies, the same for the same companies. Their mail
 * addresses are under `.example`, which belongs to nobody.
 */
export async function writePeople(
  rows: AsyncIterable<SourceRow>,
  { column, people }: PeopleOf,
  path: string,
): Promise<void> {
  const lines = ['account,first_name,last_name,email,position'];
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  for await (const { cells } of rows) {
    const company = cells[column] ?? '';
    if (company === '') continue;
    const dice = diceOf(company);
    const names = new Names(dice);
    for (let n = 0; n < people; n++) {
      const { firstName, lastName } = names.person();
      const email = `${plain(firstName)}.${plain(lastName)}@${plain(company)}.example`;
      const position = dice.pick(positions);
      lines.push([company, firstName, lastName, email, position].map(quoted).join(','));
    }
  }
  await writeFile(path, `${lines.join('\n')}\n`);
}
