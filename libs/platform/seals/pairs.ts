import type { SealRow } from './seal-table.js';
import { readSeal, sealOfLine } from './seal.js';

/** A seal as the table has it and as the copy outside does; one of them may be missing. */
export interface Pair {
  readonly number: number;
  readonly row?: SealRow;
  readonly line?: string;
}

/** Walks both in step, by number; a line nobody can read counts as the next. */
export async function* pairsOf(
  rows: AsyncIterator<SealRow>,
  lines: AsyncIterator<string>,
  misplaced: (line: number) => void,
): AsyncGenerator<Pair> {
  let place = 0;
  let reached = 0;
  const nextLine = async (): Promise<{ number: number; line: string } | undefined> => {
    for (;;) {
      const { done, value: line } = await lines.next();
      if (done) return undefined;
      place += 1;
      const number = readSeal(sealOfLine(line)?.content ?? '')?.number ?? reached + 1;
      if (number > reached) {
        reached = number;
        return { number, line };
      }
      misplaced(place);
    }
  };
  let row = await rows.next();
  let copied = await nextLine();
  while (!row.done || copied) {
    const number = Math.min(row.done ? Infinity : row.value.number, copied?.number ?? Infinity);
    const inTable = !row.done && row.value.number === number;
    const inCopy = copied?.number === number;
    yield {
      number,
      ...(inTable ? { row: row.value as SealRow } : {}),
      ...(inCopy ? { line: copied!.line } : {}),
    };
    if (inTable) row = await rows.next();
    if (inCopy) copied = await nextLine();
  }
}
