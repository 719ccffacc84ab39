import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { CsvError, parse, type Info } from 'csv-parse';
import type { RowProblem } from './problems.js';

/** A row as the file has it. */
export interface SourceRow {
  readonly file: string;
  /** Line the row begins on, from 1. */
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
  /** How much of the file has been read, from 0 to 1. */
  readonly share: number;
}

interface Parsed {
  readonly record: readonly string[];
  readonly info: Info;
}

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

/**
 * The rows of a CSV file with a heading, one after the other in constant memory. Rows that cannot
 * be read are told to `report` and left out; a heading without the wanted columns ends the file.
 */
export async function* readCsv(
  path: string,
  columns: readonly string[],
  report: (problem: RowProblem) => void,
): AsyncGenerator<SourceRow> {
  const file = basename(path);
  const bytes = await stat(path).then(
    ({ size }) => size,
    (error: unknown) => {
      if (!isMissing(error)) throw error;
      const remedy = 'Put it into the folder.';
      report({ file, line: 0, rule: 'file', message: 'is not there', remedy });
      return undefined;
    },
  );
  if (bytes === undefined) return;
  const parser = createReadStream(path).pipe(
    parse({ bom: true, info: true, relax_column_count: true, skip_empty_lines: true }),
  );
  let heading: readonly string[] | undefined;
  let lines = 0;
  let empty = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      // Empty lines before a row are not part of it.
      const line = lines + 1 + info.empty_lines - empty;
      [lines, empty] = [info.lines, info.empty_lines];
      if (!heading) {
        heading = record.map((name) => name.trim());
        const problem = headingProblem(heading, columns);
        if (problem) return report({ file, line, ...problem });
      } else if (record.length !== heading.length) {
        const message = `has ${record.length} cells instead of ${heading.length}`;
        const remedy = 'Put text that holds a comma between double quotes.';
        report({ file, line, rule: 'columns', message, remedy });
      } else {
        const cells = Object.fromEntries(heading.map((name, n) => [name, record[n]!.trim()]));
        yield { file, line, cells, share: bytes > 0 ? Math.min(1, info.bytes / bytes) : 1 };
      }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const message = `cannot be read from here on: ${error.message.toLowerCase()}`;
    report({ file, line: lines + 1, rule: 'csv', message, remedy: 'Close every double quote.' });
  } finally {
    parser.destroy();
  }
  if (heading) return;
  const remedy = `Name its columns in the first line: ${columns.join(', ')}.`;
  report({ file, line: 1, rule: 'heading', message: 'has no heading', remedy });
}

function headingProblem(heading: readonly string[], columns: readonly string[]) {
  const missing = columns.filter((name) => !heading.includes(name));
  if (missing.length > 0) {
    const message = `has no column ${missing.join(', ')}`;
    return { rule: 'heading', message, remedy: `Its columns are ${heading.join(', ')}.` };
  }
  const twice = columns.find((name) => heading.filter((one) => one === name).length > 1);
  if (twice === undefined) return undefined;
  const message = `has two columns ${twice}`;
  return { rule: 'heading', message, remedy: 'Keep one of them.' };
}
