import { formats, isFault, readAs } from './formats.js';
import { readRows } from './rows.js';
import { shown } from './shown.js';
import type { ColumnSample, Dialect } from './types.js';

const SAMPLES = 5;
const settings = { currency: 'EUR', timeZone: 'UTC' };

/** What is gathered of a column while rows go by. */
interface Gathered {
  readonly samples: Set<string>;
  filled: number;
  /** Formats that have fitted every value so far. */
  fit: string[];
}

/** What the columns of a file look like in its first rows that can be read. */
export async function describe(
  path: string,
  dialect: Dialect,
  sampleRows = 1000,
): Promise<ColumnSample[]> {
  const columns = new Map<string, Gathered>();
  let heading: readonly string[] = [];
  let rows = 0;
  const options = { heading: (names: readonly string[]) => (heading = names) };
  for await (const { cells } of readRows(path, dialect, options, () => undefined)) {
    for (const [name, value] of Object.entries(cells)) gather(columns, name, value);
    rows += 1;
    if (rows === sampleRows) break;
  }
  const all = heading.map((name) => ({ name, ...(columns.get(name) ?? nothing()) }));
  const order = likelihood(
    dialect,
    all.map(({ fit }) => fit),
  );
  return all.map(({ name, samples, filled, fit }) => ({
    name,
    samples: [...samples],
    filled: rows === 0 ? 0 : filled / rows,
    formats: filled === 0 ? [] : fit.toSorted((a, b) => order(a) - order(b)),
  }));
}

function nothing(): Gathered {
  return { samples: new Set(), filled: 0, fit: Object.keys(formats) };
}

function gather(columns: Map<string, Gathered>, name: string, value: string): void {
  let column = columns.get(name);
  if (!column) columns.set(name, (column = nothing()));
  if (value === '') return;
  column.filled += 1;
  if (column.samples.size < SAMPLES) column.samples.add(shown(value));
  column.fit = column.fit.filter((format) => {
    const { kinds } = formats[format]!;
    return !isFault(readAs(formats[format]!, value, kinds[0]!, settings));
  });
}

/**
 * The order of formats. What the other columns of the file leave no doubt about decides where day
 * and month, or point and comma, could be either.
 */
function likelihood(
  { delimiter }: Dialect,
  fits: readonly (readonly string[])[],
): (format: string) => number {
  const certain = (format: string, other: string) =>
    fits.some((fit) => fit.includes(format) && !fit.includes(other));
  const filled = fits.filter((fit) => fit.length < Object.keys(formats).length);
  const dotted = filled.some((fit) => fit.includes('DD.MM.YYYY'));
  const monthFirst = certain('MM/DD/YYYY', 'DD/MM/YYYY');
  const dayFirst = certain('DD/MM/YYYY', 'MM/DD/YYYY') || dotted || delimiter === ';';
  const pointed = certain('1,234.5', '1.234,5');
  const comma = certain('1.234,5', '1,234.5') || delimiter === ';';
  const order = new Map(Object.keys(formats).map((format, n) => [format, n]));
  if (dayFirst && !monthFirst) {
    order.set('DD/MM/YYYY', order.get('MM/DD/YYYY')! - 0.5);
  }
  if (comma && !pointed) {
    for (const format of ['1.234,5', '1.234,5 EUR']) {
      order.set(format, order.get(format.replace('1.234,5', '1234.5'))! - 0.5);
    }
  }
  return (format) => order.get(format)!;
}
