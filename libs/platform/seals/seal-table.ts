import type { Database, Queryable } from '../postgres/database.js';
import type { Entry, Place, SignedSeal } from './seal.js';

/** A seal as its row has it; nothing of it is to be believed before its signature is verified. */
export interface SealRow extends SignedSeal {
  readonly number: number;
  readonly entries: Buffer | null;
}

export interface NewSealRow extends SealRow {
  readonly tenantId: string;
}

interface Row {
  tenant_id: string;
  number: string;
  content: string;
  signature: string;
  entries: Buffer | null;
}

export interface FeedEntry extends Entry {
  readonly tenantId: string;
}

const PAGE = 200;

const sealRow = ({ number, content, signature, entries }: Row): SealRow => ({
  number: Number(number),
  content,
  signature,
  entries,
});

/** The last seal of each of these tenants. */
export async function lastSeals(
  db: Queryable,
  tenantIds: readonly string[],
): Promise<ReadonlyMap<string, SealRow>> {
  const { rows } = await db.query<Row>(
    `SELECT s.tenant_id, s.number, s.content, s.signature, NULL::bytea AS entries
       FROM unnest($1::uuid[]) AS t (id), LATERAL (SELECT * FROM es_seal
         WHERE tenant_id = t.id ORDER BY number DESC LIMIT 1) s`,
    [tenantIds],
  );
  return new Map(rows.map((row) => [row.tenant_id, sealRow(row)]));
}

/** A tenant's seals from a number on, in order, page by page. */
export async function* sealsFrom(
  db: Queryable,
  tenantId: string,
  from: number,
  withEntries: boolean,
): AsyncGenerator<SealRow> {
  for (let next = from; ;) {
    const { rows } = await db.query<Row>(
      `SELECT tenant_id, number, content, signature,
          ${withEntries ? 'entries' : 'NULL::bytea AS entries'} FROM es_seal
        WHERE tenant_id = $1 AND number >= $2 ORDER BY number LIMIT ${PAGE}`,
      [tenantId, next],
    );
    for (const row of rows) yield sealRow(row);
    if (rows.length < PAGE) return;
    next = Number(rows.at(-1)!.number) + 1;
  }
}

/** A tenant's seals below a number, the latest first. */
export async function sealsBefore(
  db: Queryable,
  tenantId: string,
  before: number,
  limit: number,
): Promise<readonly SealRow[]> {
  const { rows } = await db.query<Row>(
    `SELECT tenant_id, number, content, signature, NULL::bytea AS entries FROM es_seal
      WHERE tenant_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3`,
    [tenantId, before, limit],
  );
  return rows.map(sealRow);
}

export async function insertSeals(db: Queryable, seals: readonly NewSealRow[]): Promise<void> {
  const column = (name: keyof NewSealRow) => seals.map((one) => one[name]);
  await db.query(
    `INSERT INTO es_seal (tenant_id, number, content, signature, entries)
     SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::bytea[])`,
    [
      column('tenantId'),
      column('number'),
      column('content'),
      column('signature'),
      column('entries'),
    ],
  );
}

/** Events behind a place that nothing can slip in between any more, in feed order. */
export async function readEntries(
  database: Database,
  after: Place,
  limit: number,
  only: { readonly tenantId?: string; readonly to?: Place } = {},
): Promise<readonly FeedEntry[]> {
  const values: unknown[] = [...after.split('.'), limit];
  const conditions: string[] = [];
  if (only.tenantId) conditions.push(`AND e.tenant_id = $${values.push(only.tenantId)}::uuid`);
  if (only.to) {
    const [epoch, xid, pos] = only.to.split('.').map((part) => `$${values.push(part)}::text`);
    conditions.push(`AND (e.epoch, e.xid, e.pos) <= (${epoch}::int, ${xid}::xid8, ${pos}::bigint)`);
  }
  const { rows } = await database.pool('feed').query<{
    tenant_id: string;
    stream_id: string;
    version: string;
    hash: string;
    place: string;
  }>({
    text: `SELECT e.tenant_id, e.stream_id, e.version, encode(e.hash, 'hex') AS hash,
        concat_ws('.', e.epoch, e.xid, e.pos) AS place FROM es_event e
      WHERE (e.epoch, e.xid, e.pos) > ($1::int, $2::text::xid8, $3::bigint)
        AND (e.epoch, e.xid, e.pos) <
            ((SELECT max(p.epoch) FROM es_epoch p), pg_snapshot_xmin(pg_current_snapshot()), 0)
        ${conditions.join(' ')}
      ORDER BY e.epoch, e.xid, e.pos LIMIT $4`,
    values,
  });
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    streamId: row.stream_id,
    version: Number(row.version),
    hash: row.hash,
    place: row.place,
  }));
}
