import type { ReadModel } from '#kernel/read-model';
import type { Database, Queryable } from '../postgres/database.js';
import { REACHED } from '../projections/places.js';
import { rebuildNotes, type RebuildState } from '../projections/rebuild-notes.js';
import { deadLetters, parkedRecord, type ParkedRecord } from './dead-letters.js';
import { projectingProcess } from './projection-status.js';

/**
 * `current` shows all there is, `behind` will soon, `parked` lacks records whose events cannot be
 * applied, `stopped` stands still because no process projects.
 */
export type ProjectionState = 'current' | 'behind' | 'parked' | 'stopped';

/** How far a read model is behind the events of one workspace. */
export interface WorkspaceProjection {
  readonly name: string;
  readonly record: string;
  readonly version: number;
  readonly status: ProjectionState;
  /** Events of the workspace it has not applied yet. */
  readonly lagEvents: number;
  /** Whether there may be more than were counted. */
  readonly lagCapped: boolean;
  /** Age of the first of them, in seconds. */
  readonly lagSeconds: number;
  /** Events of the workspace that were set aside. */
  readonly deadLetterCount: number;
  /** The longest waiting, at most fifty. */
  readonly deadLetters: readonly ParkedRecord[];
  /** The rebuild that is under way or was left, and how much of the log it has read, 0 to 1. */
  readonly rebuild: { readonly state: RebuildState; readonly share: number } | null;
}

type Model = Pick<ReadModel, 'name' | 'record' | 'version'>;

interface LagRow {
  readonly processor: string;
  readonly events: number;
  readonly capped: boolean;
  readonly seconds: number;
}

/** Events looked at behind a checkpoint; so many more are told as "or more". */
const WINDOW = 20_000;
const LETTERS = 50;
/** A lag that passes by itself is no news. */
const LATE_SECONDS = 5;

/** The read models as one workspace sees them: nothing of others is counted or named. */
export async function workspaceProjections(
  database: Database,
  tenantId: string,
  models: readonly Model[],
): Promise<readonly WorkspaceProjection[]> {
  const [lags, letters, holder, notes] = await Promise.all([
    lagsOf(database, tenantId, models),
    deadLetters(database, { tenantId }),
    projectingProcess(database),
    rebuildNotes(database.pool('feed') as unknown as Queryable),
  ]);
  return models.map((model) => {
    const { name, record, version } = model;
    const lag = lags.get(name);
    const parked = letters.filter((letter) => letter.name === name);
    const lagSeconds = Math.max(0, Math.round((lag?.seconds ?? 0) * 10) / 10);
    const note = notes.get(name);
    // Rows of an older release are served, but are not what this one shows.
    const lagCapped = (lag?.capped ?? false) || note?.cause === 'declared';
    return {
      name,
      record,
      version,
      status: stateOf({ isRunning: holder !== undefined, parked, lagSeconds, lagCapped }),
      lagEvents: lag?.events ?? 0,
      lagCapped,
      lagSeconds,
      deadLetterCount: parked.reduce((sum, { events }) => sum + events, 0),
      deadLetters: parked.slice(0, LETTERS).map((letter) => parkedRecord(record, letter)),
      rebuild: note ? { state: note.state, share: note.share } : null,
    };
  });
}

function stateOf(seen: {
  readonly isRunning: boolean;
  readonly parked: readonly unknown[];
  readonly lagSeconds: number;
  readonly lagCapped: boolean;
}): ProjectionState {
  if (!seen.isRunning) return 'stopped';
  if (seen.parked.length > 0) return 'parked';
  return seen.lagSeconds > LATE_SECONDS || seen.lagCapped ? 'behind' : 'current';
}

async function lagsOf(
  database: Database,
  tenantId: string,
  models: readonly Model[],
): Promise<ReadonlyMap<string, LagRow>> {
  // The log has no index of a tenant's positions, so a bounded stretch of the feed is read, from
  // the shard on that is furthest behind.
  const { rows } = await database.pool('feed').query<LagRow>(
    `WITH place AS (
        SELECT processor, shard, epoch, xid, pos FROM ${REACHED} c
         WHERE shard >= 0 AND processor = ANY ($2)),
      least AS (SELECT epoch, xid, pos FROM place ORDER BY place.epoch, place.xid, place.pos LIMIT 1),
      seen AS MATERIALIZED (
        SELECT e.tenant_id, e.recorded_at, e.shard, e.epoch, e.xid, e.pos FROM es_event e, least l
         WHERE (e.epoch, e.xid, e.pos) > (l.epoch, l.xid, l.pos)
         ORDER BY e.epoch, e.xid, e.pos LIMIT $3)
     SELECT p.processor, count(w.shard)::int AS events,
        (SELECT count(*) = $3 FROM seen) AND count(w.shard) > 0 AS capped,
        coalesce(extract(epoch FROM clock_timestamp() - min(w.recorded_at)), 0)::float8 AS seconds
       FROM place p LEFT JOIN seen w ON w.tenant_id = $1 AND w.shard = p.shard
         AND (w.epoch, w.xid, w.pos) > (p.epoch, p.xid, p.pos)
      GROUP BY p.processor`,
    [tenantId, models.map(({ name }) => name), WINDOW],
  );
  return new Map(rows.map((row) => [row.processor, row]));
}
