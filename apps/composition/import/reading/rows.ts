import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Fault, RowProblem } from '../problems.js';
import { headingOf } from './heading.js';
import { Records, type FileRecord } from './records.js';
import { shown } from './shown.js';
import { bytesOf, faultOfFile, textOf } from './source.js';
import type { Delimiter, Dialect, ReadOptions, Report, SourceRow } from './types.js';

const MAX_CELL = 1_000_000;

/** The first line by which spreadsheets are told the delimiter; no row. */
export const isSeparatorLine = ([first = '', ...rest]: readonly string[]) =>
  /^sep=.?$/i.test(first.trim()) && rest.every((cell) => cell === '');

/**
 * The rows of a CSV file, one after the other in constant memory. What cannot be taken is told to
 * `report`, one problem a row, and left out; rows without any value are passed over.
 */
export async function* readRows(
  path: string,
  dialect: Dialect,
  options: ReadOptions,
  report: Report,
): AsyncGenerator<SourceRow> {
  const fault = await faultOfFile(path);
  if (fault) return report({ file: options.name ?? basename(path), line: 0, ...fault });
  const { size } = await stat(path);
  const file = { name: options.name ?? basename(path), share: 0 };
  const bytes = bytesOf(path, (passed) => (file.share = Math.min(1, passed / size)));
  yield* rowsOf(file, textOf(bytes, dialect.encoding), dialect.delimiter, options, report);
}

/** The rows in pieces of text, wherever these are cut. */
export async function* rowsOf(
  file: { readonly name: string; readonly share: number },
  texts: AsyncIterable<string>,
  delimiter: Delimiter,
  options: ReadOptions,
  report: Report,
): AsyncGenerator<SourceRow> {
  const { afterLine = 0, maxCell = MAX_CELL } = options;
  const records = new Records(delimiter, maxCell);
  const source = texts[Symbol.asyncIterator]();
  let heading: readonly string[] | undefined;
  let told = false;
  const tell = (problem: Omit<RowProblem, 'file'>) => {
    told = true;
    if (problem.line > afterLine) report({ file: file.name, ...problem });
  };
  try {
    for (let more = true; more;) {
      const piece = await source.next();
      more = piece.done !== true;
      if (piece.done) records.end();
      else records.add(piece.value);
      for (let record = records.next(); record; record = records.next()) {
        const { line, cells } = record;
        if (!heading) {
          if (isSeparatorLine(cells)) continue;
          const { names, problems } = headingOf(record, options.columns ?? []);
          for (const problem of problems) tell({ line, ...problem });
          if (!names) return;
          heading = names;
          records.width = names.length;
          options.heading?.(names);
          continue;
        }
        if (line <= afterLine) {
          told = true;
          continue;
        }
        const fault = faultOf(record, heading, delimiter, maxCell, records.suspicious);
        if (fault) {
          tell({ line, ...fault });
          continue;
        }
        const row = rowOf(heading, cells);
        if (!row) continue;
        told = true;
        yield { file: file.name, line, cells: row, share: file.share };
      }
    }
  } finally {
    await source.return?.();
  }
  if (told) return;
  const remedy = 'Add rows below the heading, or choose another file.';
  if (heading) return tell({ line: 1, rule: 'rows', message: 'has a heading and no rows', remedy });
  const message = 'has no heading';
  tell({ line: 1, rule: 'heading', message, remedy: 'Name the columns in the first line.' });
}

/** The cells by heading; undefined if none has a value. */
function rowOf(heading: readonly string[], cells: readonly string[]) {
  const row = Object.create(null) as Record<string, string>;
  let filled = false;
  for (let n = 0; n < heading.length; n++) {
    const value = cells[n]!.trim();
    if (value !== '') filled = true;
    row[heading[n]!] = value;
  }
  return filled ? row : undefined;
}

type Placed = Fault & { readonly column?: string; readonly value?: string };

function faultOf(
  { broken, cells }: FileRecord,
  heading: readonly string[],
  delimiter: Delimiter,
  maxCell: number,
  suspicious: boolean,
): Placed | undefined {
  if (broken) {
    const { cell, value } = broken;
    const column = cell === undefined ? undefined : heading[cell];
    return {
      ...(column === undefined ? {} : { column }),
      ...(value === undefined ? {} : { value: shown(value) }),
      ...faultOfBroken(broken.rule, cells, heading, delimiter, maxCell),
    };
  }
  if (!suspicious) return undefined;
  const place = cells.findIndex((cell) => /[\0\ufffd]/.test(cell));
  if (place < 0) return undefined;
  const value = cells[place]!;
  const at = { column: heading[place]!, value: shown(value) };
  if (value.includes('\0')) {
    const message = 'holds a NUL character';
    return { ...at, rule: 'nul', message, remedy: 'Remove it, or save the file again.' };
  }
  const message = 'holds bytes that are no character in the encoding of the file';
  return { ...at, rule: 'encoding', message, remedy: 'Save the file as UTF-8.' };
}

function faultOfBroken(
  rule: NonNullable<FileRecord['broken']>['rule'],
  cells: readonly string[],
  heading: readonly string[],
  delimiter: Delimiter,
  maxCell: number,
): Fault {
  switch (rule) {
    case 'columns': {
      const message = `has ${cells.length} cells instead of ${heading.length}`;
      const mark = delimiter === '\t' ? 'a tab' : delimiter;
      const remedy = `Put text that holds ${mark} between double quotes, and close each of them.`;
      return { rule, message, remedy };
    }
    case 'quote': {
      const remedy = 'Write a double quote within a quoted cell twice.';
      return { rule, message: 'goes on after its closing double quote', remedy };
    }
    case 'unclosed': {
      const remedy = 'Close it, and write a double quote within a quoted cell twice.';
      return { rule: 'quote', message: 'begins with a double quote that is not closed', remedy };
    }
    case 'size': {
      const message = `is longer than ${maxCell.toLocaleString('en')} characters`;
      return { rule, message, remedy: 'Shorten it, or leave the cell out.' };
    }
  }
}
