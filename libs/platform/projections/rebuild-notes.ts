import type { Queryable } from '../postgres/database.js';
import { RebuildError } from './shadow-fill.js';

/** Rebuilds that wait, run or were left: what operators see, and how they stop one. */
export const rebuildTables = /* sql */ `
CREATE TABLE rm_rebuild (
  name text PRIMARY KEY,
  cause text NOT NULL CHECK (cause IN ('declared', 'asked')),
  state text NOT NULL CHECK (state IN ('waiting', 'running', 'stopped', 'cancelled')),
  share double precision NOT NULL DEFAULT 0,
  events bigint NOT NULL DEFAULT 0,
  problem text,
  cancel boolean NOT NULL DEFAULT false,
  started_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
`;

/**
 * `waiting` for a worker, `running`, `stopped` at an event it cannot apply, or `cancelled`; a
 * rebuild that was swapped in leaves no note.
 */
export type RebuildState = 'waiting' | 'running' | 'stopped' | 'cancelled';

/** How the rebuild of a read model stands. */
export interface RebuildNote {
  readonly name: string;
  /** `declared`: the release builds its rows otherwise than those served; `asked`: by hand. */
  readonly cause: 'declared' | 'asked';
  readonly state: RebuildState;
  /** How much of the log is done, from 0 to 1. */
  readonly share: number;
  /** Events of the model applied by the last run. */
  readonly events: number;
  /** Why it stopped. */
  readonly problem: string | null;
  readonly startedAt: Date | null;
  readonly updatedAt: Date;
}

interface NoteRow {
  name: string;
  cause: RebuildNote['cause'];
  state: RebuildState;
  share: number;
  events: string;
  problem: string | null;
  started_at: Date | null;
  updated_at: Date;
}

/** Every rebuild that is not done, by the name of its read model. */
export async function rebuildNotes(query: Queryable): Promise<ReadonlyMap<string, RebuildNote>> {
  const { rows } = await query.query<NoteRow>('SELECT * FROM rm_rebuild ORDER BY name');
  return new Map(
    rows.map(({ events, started_at: startedAt, updated_at: updatedAt, ...row }) => [
      row.name,
      { ...row, events: Number(events), startedAt, updatedAt },
    ]),
  );
}

/**
 * Throws {@link RebuildError} where the rows are of an older declaration: they are replaced as a
 * whole, and nothing can be said of them before.
 */
export async function mustBeServed(query: Queryable, name: string): Promise<void> {
  const note = (await rebuildNotes(query)).get(name);
  if (note?.cause !== 'declared') return;
  throw new RebuildError(
    `${name} is declared anew and its rebuild is ${note.state}; see projections status.`,
  );
}

/** Asks the workers for a rebuild from the start. */
export async function wantRebuild(query: Queryable, name: string): Promise<void> {
  await query.query(
    `INSERT INTO rm_rebuild (name, cause, state) VALUES ($1, 'declared', 'waiting')
     ON CONFLICT (name) DO UPDATE SET cause = 'declared', state = 'waiting', share = 0, events = 0,
       problem = NULL, cancel = false, started_at = NULL, updated_at = clock_timestamp()`,
    [name],
  );
}

export async function noteBegin(query: Queryable, name: string): Promise<void> {
  await query.query(
    `INSERT INTO rm_rebuild (name, cause, state, started_at)
     VALUES ($1, 'asked', 'running', clock_timestamp())
     ON CONFLICT (name) DO UPDATE SET state = 'running', problem = NULL, cancel = false, events = 0,
       started_at = clock_timestamp(), updated_at = clock_timestamp()`,
    [name],
  );
}

/** Writes how far it is; answers whether an operator wants it to end. */
export async function noteProgress(
  query: Queryable,
  name: string,
  { done, share }: { readonly done: number; readonly share: number },
): Promise<boolean> {
  const { rows } = await query.query<{ cancel: boolean }>(
    `UPDATE rm_rebuild SET share = $2, events = $3, updated_at = clock_timestamp()
      WHERE name = $1 RETURNING cancel`,
    [name, share, done],
  );
  return rows[0]?.cancel ?? false;
}

export async function noteState(
  query: Queryable,
  name: string,
  state: RebuildState,
  problem: string | null = null,
): Promise<void> {
  await query.query(
    `UPDATE rm_rebuild SET state = $2, problem = $3, cancel = false,
        updated_at = clock_timestamp() WHERE name = $1`,
    [name, state, problem],
  );
}

export async function forgetRebuild(query: Queryable, name: string): Promise<void> {
  await query.query('DELETE FROM rm_rebuild WHERE name = $1', [name]);
}

/** Lets those that stopped at an event try again: it may have been mended or left out. */
export async function retryStopped(query: Queryable, name?: string): Promise<void> {
  await query.query(
    `UPDATE rm_rebuild SET state = 'waiting', updated_at = clock_timestamp()
      WHERE state = 'stopped' AND cause = 'declared' AND ($1::text IS NULL OR name = $1)`,
    [name ?? null],
  );
}

/** Ends a rebuild at its next batch; what is done stays. False when there is none to end. */
export async function cancelRebuild(query: Queryable, name: string): Promise<boolean> {
  const { rowCount } = await query.query(
    `UPDATE rm_rebuild SET cancel = state = 'running', updated_at = clock_timestamp(),
        state = CASE state WHEN 'waiting' THEN 'cancelled' ELSE state END
      WHERE name = $1 AND state IN ('waiting', 'running')`,
    [name],
  );
  return rowCount === 1;
}
