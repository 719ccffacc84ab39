import type { RowProblem } from '../problems.js';
import { rowsOf } from './rows.js';
import { textOf } from './source.js';
import type { Delimiter, Encoding, Report } from './types.js';

/** What came of reading: rows with their lines, and problems. */
export interface Read {
  readonly rows: [number, Record<string, string>][];
  readonly problems: RowProblem[];
}

/** Reads to the end. */
export async function gather(read: (report: Report) => ReturnType<typeof rowsOf>): Promise<Read> {
  const problems: RowProblem[] = [];
  const rows: Read['rows'] = [];
  for await (const { line, cells } of read((one) => problems.push(one))) {
    rows.push([line, { ...cells }]);
  }
  return { rows, problems };
}

/** Reads bytes that come in pieces of a length. */
export function inPieces(
  bytes: Buffer,
  size: number,
  encoding: Encoding,
  delimiter: Delimiter,
  maxCell?: number,
) {
  async function* pieces() {
    for (let n = 0; n < bytes.length; n += size) yield bytes.subarray(n, n + size);
  }
  const options = maxCell === undefined ? {} : { maxCell };
  const file = { name: 'rows.csv', share: 0 };
  return gather((report) => rowsOf(file, textOf(pieces(), encoding), delimiter, options, report));
}
