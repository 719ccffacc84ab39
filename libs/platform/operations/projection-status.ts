import type { Database, Queryable } from '../postgres/database.js';
import { rebuildNotes, type RebuildNote } from '../projections/rebuild-notes.js';

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
  epoch: number;
  xid: string;
  pos: string;
  events: string;
  seconds: number;
  letters: string;
  updated_at: Date;
}

/** Every projection with its lag and dead letters, by name. */
export async function projectionStatus(database: Database): Promise<readonly ProjectionStatus[]> {
  // Read models mostly stand at the same place, so each place is counted once.
  const pool = database.pool('feed');
  const notes = await rebuildNotes(pool as unknown as Queryable);
  const { rows } = await pool.query<StatusRow>(
    `WITH place AS (SELECT DISTINCT epoch, xid, pos FROM es_checkpoint WHERE shard = -1),
      lag AS (
        SELECT p.*, l.* FROM place p CROSS JOIN LATERAL (
          SELECT count(*) AS events, coalesce(
              extract(epoch FROM clock_timestamp() - min(e.recorded_at)), 0)::float8 AS seconds
            FROM es_event e WHERE (e.epoch, e.xid, e.pos) > (p.epoch, p.xid, p.pos)) l)
     SELECT c.processor, c.version, c.epoch, c.xid::text AS xid, c.pos, lag.events, lag.seconds,
        (SELECT count(*) FROM es_dead_letter d WHERE d.processor = c.processor) AS letters,
        c.updated_at
       FROM es_checkpoint c JOIN lag ON (lag.epoch, lag.xid, lag.pos) = (c.epoch, c.xid, c.pos)
      WHERE c.shard = -1 ORDER BY c.processor`,
  );
  return rows.map((row) => ({
    name: row.processor,
    version: row.version,
    position: `${row.epoch}.${row.xid}.${row.pos}.0`,
    lagEvents: Number(row.events),
    lagSeconds: Math.max(0, Math.round(row.seconds * 10) / 10),
    deadLetters: Number(row.letters),
    updatedAt: row.updated_at,
    rebuild: notes.get(row.processor) ?? null,
  }));
}

/** Who projects this database at present, if anybody. */
export async function projectingProcess(database: Database): Promise<string | undefined> {
  const { rows } = await database
    .pool('feed')
    .query<{ holder: string }>(
      `SELECT holder FROM es_lease WHERE name = 'projections' AND expires_at > clock_timestamp()`,
    );
  return rows[0]?.holder;
}
