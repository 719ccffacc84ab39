import type { Database, Queryable } from '../postgres/database.js';
import { REACHED } from '../projections/places.js';
import { rebuildNotes, type RebuildNote } from '../projections/rebuild-notes.js';
import { RANGE } from '../projections/shard-leases.js';

/** How far a read model is behind the log. */
export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  /** Feed position of the last event applied, opaque. */
  readonly position: string;
  /** Events of the log it has not seen yet. */
  readonly lagEvents: number;
  /** Age of the first event it has not seen, in seconds. */
  readonly lagSeconds: number;
  /** Events set aside because they, or one before them in their stream, cannot be applied. */
  readonly deadLetters: number;
  readonly updatedAt: Date;
  /** The rebuild that is under way or was left; null for none. */
  readonly rebuild: RebuildNote | null;
}

interface StatusRow {
  processor: string;
  version: number;
  position: string;
  events: string;
  seconds: number;
  letters: string;
  updated_at: Date;
}

/** Every projection with its lag and dead letters, by name. */
export async function projectionStatus(database: Database): Promise<readonly ProjectionStatus[]> {
  const pool = database.pool('feed');
  const notes = await rebuildNotes(pool as unknown as Queryable);
  // Shards of most read models stand at the same places, so each place is counted once, in one
  // look at the end of the log.
  const { rows } = await pool.query<StatusRow>(
    `WITH reached AS MATERIALIZED (SELECT * FROM ${REACHED} c WHERE c.shard >= 0),
      place AS (SELECT DISTINCT shard, epoch, xid, pos FROM reached),
      least AS (SELECT epoch, xid, pos FROM place ORDER BY place.epoch, place.xid, place.pos LIMIT 1),
      lag AS (
        SELECT p.shard, p.epoch, p.xid, p.pos, count(*) AS events, min(e.recorded_at) AS since
          FROM least l JOIN es_event e ON (e.epoch, e.xid, e.pos) > (l.epoch, l.xid, l.pos)
          JOIN place p ON p.shard = e.shard AND (e.epoch, e.xid, e.pos) > (p.epoch, p.xid, p.pos)
         GROUP BY p.shard, p.epoch, p.xid, p.pos)
     SELECT c.processor, max(c.version) AS version, coalesce(sum(lag.events), 0) AS events,
        coalesce(extract(epoch FROM clock_timestamp() - min(lag.since)), 0)::float8 AS seconds,
        (array_agg(concat_ws('.', c.epoch, c.xid, c.pos, c.shard)
          ORDER BY c.epoch DESC, c.xid DESC, c.pos DESC))[1] AS position,
        (SELECT count(*) FROM es_dead_letter d WHERE d.processor = c.processor) AS letters,
        max(c.updated_at) AS updated_at
       FROM reached c LEFT JOIN lag
         ON (lag.shard, lag.epoch, lag.xid, lag.pos) = (c.shard, c.epoch, c.xid, c.pos)
      GROUP BY c.processor ORDER BY c.processor`,
  );
  return rows.map((row) => ({
    name: row.processor,
    version: row.version,
    position: row.position,
    lagEvents: Number(row.events),
    lagSeconds: Math.max(0, Math.round(row.seconds * 10) / 10),
    deadLetters: Number(row.letters),
    updatedAt: row.updated_at,
    rebuild: notes.get(row.processor) ?? null,
  }));
}

/** Who projects this database at present, if anybody: each worker with its number of shards. */
export async function projectingProcess(database: Database): Promise<string | undefined> {
  const { rows } = await database.pool('feed').query<{ holder: string; ranges: string }>(
    `SELECT holder, count(*) AS ranges FROM es_lease
      WHERE name LIKE 'projections/%' AND expires_at > clock_timestamp() GROUP BY holder ORDER BY 1`,
  );
  if (rows.length <= 1) return rows[0]?.holder;
  return rows.map((row) => `${row.holder} (${Number(row.ranges) * RANGE} shards)`).join(', ');
}
