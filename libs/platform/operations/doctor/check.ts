import type pg from 'pg';
import type { EventDefinition } from '#kernel/event';
import type { ReadModel } from '#kernel/read-model';
import type { AnyProcess } from '#kernel/saga';
import type { Effect } from '../../effects/effect.js';
import type { EventCodec } from '../../event-store/codec.js';
import type { KurrentDbServer } from '../../event-store/kurrentdb/server.js';
import type { KeyRing } from '../../event-store/key-ring.js';
import type { EventStore } from '../../event-store/port.js';
import type { Seals } from '../../platform.js';
import type { Database, LoginRole } from '../../postgres/database.js';

export interface DoctorParts {
  /** The migrator's URL. */
  readonly url: string;
  /** A connection of the migrator. */
  readonly owner: pg.Client;
  readonly database: Database;
  readonly store: EventStore;
  /** Where the log is, unless it is in the database. */
  readonly kurrentDb?: KurrentDbServer;
  readonly keys: KeyRing;
  readonly codec: EventCodec;
  readonly definition: (type: string) => EventDefinition;
  readonly models: readonly ReadModel[];
  readonly processes: readonly AnyProcess[];
  readonly effects: readonly Effect[];
  /** Days a job that ended is kept. */
  readonly jobKeepDays: number;
  /** Undefined where the keys of the seals are not at hand. */
  readonly seals: Seals | undefined;
  /** A file with what callers were answered; see `history.ts`. */
  readonly history?: string;
  readonly poolSize: number;
  readonly allowUnsafeDurability: boolean;
  /** Looks at everything instead of a sample, and folds every read model anew. */
  readonly deep: boolean;
  readonly signal?: AbortSignal;
}

/** What a check found: how much it looked at and the first thing that should not be. */
export interface Found {
  readonly checked: number;
  readonly example?: string;
  /** Worth knowing though it holds. */
  readonly note?: string;
  /** What would have been needed to look at all. */
  readonly unchecked?: string;
}

export interface Check {
  readonly name: string;
  /** The invariant of the product it stands for, if it is one of them. */
  readonly invariant?: string;
  readonly title: string;
  /** What is counted: `events`. */
  readonly unit: string;
  readonly deep?: true;
  run(parts: DoctorParts): Promise<Found>;
}

/** Counts by one statement, and words the first row of another. */
export async function look(
  { database }: DoctorParts,
  role: LoginRole,
  count: string,
  violation: string,
  words: (row: Readonly<Record<string, unknown>>) => string,
): Promise<Found> {
  const pool = database.pool(role);
  const counted = await pool.query<{ n: string }>(`SELECT count(*) AS n FROM ${count}`);
  const { rows } = await pool.query<Record<string, unknown>>(`${violation} LIMIT 1`);
  const checked = Number(counted.rows[0]!.n);
  return rows[0] ? { checked, example: words(rows[0]) } : { checked };
}

/** Adds up what was checked, and stops at the first that does not hold. */
export async function untilViolated<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<Found>,
): Promise<Found> {
  let checked = 0;
  for (const item of items) {
    const { checked: more, example } = await work(item);
    checked += more;
    if (example) return { checked, example };
  }
  return { checked };
}
