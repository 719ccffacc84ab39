import { pipeline, Readable } from 'node:stream';
import { scopeOf } from '#kernel/context';
import type { Money } from '#kernel/fields';
import type { ReadModel, Row } from '#kernel/read-model';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { seenBy } from '#platform/projections/field-rights';
import { Problems } from '#platform/projections/list-checks';
import { decodeCursor, type ListQuery } from '#platform/projections/list-query';
import { allColumns } from '#platform/projections/physical';
import type { Caller } from '../http/request-context.js';
import { forbidden, type Answer } from './endpoint.js';
import type { Services } from './services.js';

const PAGE = 500;

/** Whether a list is wanted as CSV; a refusal for a format there is not. */
export function wantsCsv(
  format: string | readonly string[] | undefined,
  accept = '',
): boolean | Refusal {
  if (format === undefined) {
    return accept.includes('text/csv') && !accept.includes('application/json');
  }
  if (format === 'csv' || format === 'json') return format === 'csv';
  const message = 'format must be csv or json.';
  return refusal('VALIDATION_ERROR', 'shape', message, [
    { field: 'format', rule: 'enum', message },
  ]);
}

const digits = new Map<string, number>();

/** Decimals of a currency: 2 for USD, 0 for JPY, 3 for KWD. */
function digitsOf(currency: string): number {
  let known = digits.get(currency);
  if (known === undefined) {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency });
    digits.set(currency, (known = format.resolvedOptions().maximumFractionDigits ?? 2));
  }
  return known;
}

/** An amount in major units: 105400 minor units of USD are 1054.00. */
export function majorUnits({ amountMinor, currency }: Money): string {
  const places = digitsOf(currency);
  const negative = amountMinor.startsWith('-');
  const all = amountMinor.replace('-', '').padStart(places + 1, '0');
  const whole = all.slice(0, all.length - places);
  const text = places === 0 ? all : `${whole}.${all.slice(-places)}`;
  return `${negative ? '-' : ''}${text}`;
}

/** A cell: numbers stay numbers, which is what keeps them out of the neutralising of formulas. */
type Cell = string | number | boolean | null;

function cellsOf(kind: string, value: unknown): Cell[] {
  if (kind === 'money') {
    if (value === null || value === undefined) return [null, null];
    const money = value as Money;
    const text = majorUnits(money);
    return [text.startsWith('-') ? Number(text) : text, money.currency];
  }
  if (value === null || value === undefined) return [null];
  if (kind === 'tags') return [(value as readonly string[]).join(';')];
  return [typeof value === 'object' ? JSON.stringify(value) : (value as Cell)];
}

async function* pages(
  { platform }: Services,
  caller: Caller,
  model: ReadModel,
  query: ListQuery,
): AsyncGenerator<readonly Row[]> {
  let next: ListQuery = { ...query, limit: PAGE };
  for (;;) {
    const page = await platform.reader.list(caller, model, next);
    if (isRefusal(page)) throw new Error(page.message);
    yield page.rows;
    const last = page.cursors.at(-1);
    if (!page.hasNext || last === undefined) return;
    const cursor = decodeCursor(model, last, query.sort, new Problems());
    next = { ...next, offset: 0, ...(cursor ? { cursor } : {}) };
  }
}

/** The whole filtered list as CSV, read by cursor, so that memory stays flat. */
export async function csvAnswer(
  services: Services,
  model: ReadModel,
  caller: Caller,
  query: ListQuery,
  names: readonly string[] | undefined,
): Promise<Answer | Refusal> {
  const permission = `${model.name}:export`;
  const scope = scopeOf(caller.grants, permission);
  if (!scope) return forbidden(permission);
  const read = scopeOf(caller.grants, `${model.name}:read`);
  if (!read) return forbidden(`${model.name}:read`);
  const narrower = scope === 'all' ? read : scope;
  const exporter = { ...caller, grants: { ...caller.grants, [`${model.name}:read`]: narrower } };
  const columns = allColumns(seenBy(caller, model));
  const shown = names ?? Object.keys(columns);
  const header = shown.flatMap((name) =>
    columns[name]!.kind === 'money' ? [name, `${name}Currency`] : [name],
  );
  services.accessLog.exported(caller, model.record);
  const { stringify } = await import('csv-stringify');
  const csv = stringify({
    header: true,
    columns: header,
    escape_formulas: true,
    record_delimiter: 'windows',
    cast: { boolean: (value) => String(value) },
  });
  const rows = async function* () {
    for await (const page of pages(services, exporter, model, query)) {
      for (const row of page) {
        yield shown.flatMap((name) => cellsOf(columns[name]!.kind, row[name]));
      }
    }
  };
  return {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${model.name}.csv"`,
    },
    // A client that goes away ends the reading as well; what went wrong is on the stream itself.
    stream: pipeline(Readable.from(rows()), csv, () => undefined),
  };
}
