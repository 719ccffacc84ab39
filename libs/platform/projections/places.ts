import { parsePosition, SHARDS, START } from '../event-store/port.js';
import type { Queryable } from '../postgres/database.js';

/** Class of the advisory locks that rebuilds of one read model share. */
export const REBUILD_LOCK = 733_102;

/** Until now a read model stood at one place; from here on each of its shards has one. */
export const shardedCheckpoints = /* sql */ `
INSERT INTO es_checkpoint (processor, version, shard, epoch, xid, pos, fence)
SELECT processor, version, s, epoch, xid, pos, 0
  FROM es_checkpoint, generate_series(0, ${SHARDS - 1}) s WHERE shard = -1;
DELETE FROM es_checkpoint WHERE shard = -1;
`;

/** Up to where the events of a shard are applied, by those read models that take part. */
export const passedTables = /* sql */ `
CREATE TABLE es_passed (
  shard smallint PRIMARY KEY,
  epoch integer NOT NULL,
  xid xid8 NOT NULL,
  pos bigint NOT NULL,
  stamp text NOT NULL
) WITH (fillfactor = 50);
`;

/** The moment the set of read models that take part changed last. */
export const STAMP = `(SELECT coalesce(max(declared_at)::text, '') FROM rm_declaration
   WHERE name NOT LIKE '#%' AND name NOT LIKE '%\\_\\_next')`;

/**
 * Where each shard of a read model stands, as a table for FROM: its checkpoint moves with its rows,
 * the events of others it has passed are noted once for all of them.
 */
export const REACHED = `(SELECT c.processor, c.version, c.shard, c.updated_at, r.epoch, r.xid, r.pos
   FROM es_checkpoint c
   LEFT JOIN es_passed p ON p.shard = c.shard AND p.stamp = ${STAMP}
  CROSS JOIN LATERAL (
     SELECT c.epoch, c.xid, c.pos WHERE ((p.epoch, p.xid, p.pos) > (c.epoch, c.xid, c.pos)) IS NOT TRUE
     UNION ALL
     SELECT p.epoch, p.xid, p.pos WHERE (p.epoch, p.xid, p.pos) > (c.epoch, c.xid, c.pos)) r)`;

export interface PlaceRow {
  readonly processor: string;
  readonly shard: number;
  readonly epoch: number;
  readonly xid: string;
  readonly pos: string;
}

export const placeText = ({ epoch, xid, pos }: PlaceRow) => `${epoch}.${xid}.${pos}.0`;
/** A checkpoint names no shard. */
export const withoutShard = (position: string) => position.replace(/\.\d+$/, '.0');
const COLUMNS = 'processor, shard, epoch, xid::text AS xid, pos';

/** Where a processor with one place stands, as a shadow does; undefined without a checkpoint. */
export async function positionOf(query: Queryable, processor: string): Promise<string | undefined> {
  const { rows } = await query.query<PlaceRow>(
    `SELECT ${COLUMNS} FROM es_checkpoint WHERE processor = $1`,
    [processor],
  );
  return rows[0] && placeText(rows[0]);
}

/** Where one shard of a read model stands; its projection waits until the transaction ends. */
export async function heldPlace(
  query: Queryable,
  processor: string,
  shard: number,
): Promise<string | undefined> {
  const { rows } = await query.query<PlaceRow>(
    `SELECT ${COLUMNS} FROM es_checkpoint WHERE processor = $1 AND shard = $2 FOR UPDATE`,
    [processor, shard],
  );
  return rows[0] && placeText(rows[0]);
}

/**
 * Where each shard of a read model stands; for one without rows where all others are at least, and
 * the start of the log without any.
 */
export async function servedPlaces(
  query: Queryable,
  processor: string,
): Promise<ReadonlyMap<number, string>> {
  const { rows } = await query.query<PlaceRow>(
    `SELECT DISTINCT ON (c.processor = $1, c.shard) ${COLUMNS} FROM ${REACHED} c
      WHERE c.shard >= 0
      ORDER BY c.processor = $1, c.shard, c.epoch, c.xid, c.pos`,
    [processor],
  );
  const own = rows.filter((row) => row.processor === processor);
  const found = own.length > 0 ? own : rows;
  const places = new Map(found.map((row) => [row.shard, placeText(row)]));
  for (let shard = 0; shard < SHARDS; shard++) {
    if (!places.has(shard)) places.set(shard, START);
  }
  return places;
}

/** Lets a read model begin where its rows stand. */
export async function beginAt(
  query: Queryable,
  { name, version }: { readonly name: string; readonly version: number },
  places: ReadonlyMap<number, string>,
): Promise<void> {
  const at = [...places.values()].map(parsePosition);
  await query.query(
    `INSERT INTO es_checkpoint (processor, version, shard, epoch, xid, pos)
     SELECT $1, $2, p.shard, p.epoch, p.xid::xid8, p.pos
       FROM unnest($3::smallint[], $4::int[], $5::text[], $6::bigint[]) AS p(shard, epoch, xid, pos)
      WHERE NOT EXISTS (SELECT 1 FROM es_checkpoint WHERE processor = $1)`,
    [
      name,
      version,
      [...places.keys()],
      at.map(({ epoch }) => String(epoch)),
      at.map(({ xid }) => String(xid)),
      at.map(({ pos }) => String(pos)),
    ],
  );
}
