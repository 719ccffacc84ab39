import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { RowProblem } from '../problems.js';
import { harmless } from './format.js';

const COLUMNS = ['line', 'column', 'value', 'rule', 'message', 'remedy'] as const;
/** Without it spreadsheets take UTF-8 for something else. */
const BYTE_ORDER_MARK = '\ufeff';

/** A file that names every rejected row. */
export interface ProblemFile {
  /** Resolves once more may be written without filling the memory. */
  write(problem: RowProblem): Promise<void>;
  close(): Promise<void>;
}

function lineOf(cells: readonly string[]): string {
  const quoted = cells.map((cell) =>
    /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
  );
  return `${quoted.join(',')}\r\n`;
}

/**
 * Opens the CSV file of the rejected rows, UTF-8 with a byte order mark, in which no cell is a
 * formula. With `append` it goes on where it ended.
 */
export async function problemFile(
  path: string,
  { append = false }: { readonly append?: boolean } = {},
): Promise<ProblemFile> {
  const begun =
    append &&
    (await stat(path).then(
      ({ size }) => size > 0,
      () => false,
    ));
  const stream = createWriteStream(path, { flags: append ? 'a' : 'w', mode: 0o600 });
  await once(stream, 'open');
  const put = async (line: string) => {
    if (stream.errored) throw stream.errored;
    if (!stream.write(line)) await once(stream, 'drain');
  };
  if (!begun) await put(BYTE_ORDER_MARK + lineOf(COLUMNS));
  return {
    write: (problem) => put(lineOf(COLUMNS.map((name) => harmless(String(problem[name] ?? ''))))),
    async close() {
      stream.end();
      await finished(stream);
    },
  };
}

/** Writes all problems into a file as `problemFile` does; gives their number. */
export async function writeProblems(
  path: string,
  problems: AsyncIterable<RowProblem> | Iterable<RowProblem>,
): Promise<number> {
  const file = await problemFile(path);
  let count = 0;
  try {
    for await (const problem of problems) {
      await file.write(problem);
      count += 1;
    }
  } finally {
    await file.close();
  }
  return count;
}
