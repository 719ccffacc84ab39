import pg from 'pg';
import type { EventDefinition, RecordedEvent } from '#kernel/event';
import type { ReadModel } from '#kernel/read-model';
import type { EventCodec } from '../event-store/codec.js';
import type { PostgresEventStore } from '../event-store/postgres-store.js';
import { DERIVED_WRITES, type Database, type Queryable } from '../postgres/database.js';
import { park } from '../projections/parking.js';
import { tablesOf, type ModelTables } from '../projections/physical.js';
import { REBUILD_LOCK } from '../projections/places.js';
import { RecordProjection } from '../projections/record-projection.js';
import { renewStatistics, tablesFor } from './scrub.js';
import type { Subject, Traces } from './traces.js';

export interface ForgetParts {
  /** The migrator's URL. */
  readonly url: string;
  readonly database: Database;
  readonly store: PostgresEventStore;
  readonly codec: EventCodec;
  readonly models: readonly ReadModel[];
}

/** Rows of one table that were written anew. */
export interface ForgottenRows {
  readonly table: string;
  readonly rows: number;
}

/** Records refolded in one short transaction. */
const RECORDS = 20;
const ADDRESSES = 1_000;
/** Served, being filled by a rebuild that was interrupted, and kept for a way back. */
const SUFFIXES = ['', '__next', '__former'];

/**
 * Folds every record with data of an erased subject anew, so that rows, past versions, search text
 * and timeline hold what the log can still say. The read models must have applied the erasure:
 * nothing from before it is written afterwards. Rebuilds of a model wait, and are waited for.
 */
export async function forgetRows(
  parts: ForgetParts,
  subject: Subject,
  traces: Traces,
): Promise<readonly ForgottenRows[]> {
  const forgotten: ForgottenRows[] = [];
  const owner = new pg.Client({
    connectionString: parts.url,
    application_name: 'clientforge-erasure',
  });
  await owner.connect();
  try {
    for (const model of parts.models) {
      const streams = traces.streams.get(model.category) ?? [];
      if (streams.length === 0 && traces.caused === 0) continue;
      await owner.query('SELECT pg_advisory_lock($1, hashtext($2))', [REBUILD_LOCK, model.name]);
      for (const suffix of SUFFIXES) {
        const tables = tablesOf(model, suffix);
        if (!(await isThere(owner, tables.live))) continue;
        forgotten.push(...(await forgetIn(parts, model, tables, subject, streams)));
      }
      await owner.query('SELECT pg_advisory_unlock($1, hashtext($2))', [REBUILD_LOCK, model.name]);
    }
    await renewStatistics(owner, tablesFor(parts.models, traces));
  } finally {
    await owner.end();
  }
  return forgotten.filter(({ rows }) => rows > 0);
}

async function isThere(owner: pg.Client, table: string): Promise<boolean> {
  const { rows } = await owner.query<{ there: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS there',
    [`public.${table}`],
  );
  return rows[0]!.there;
}

async function forgetIn(
  { database, store, codec }: ForgetParts,
  model: ReadModel,
  tables: ModelTables,
  { tenantId, subjectId }: Subject,
  streams: readonly string[],
): Promise<ForgottenRows[]> {
  // Batches of projections hold the lock shared: none is half-way while rows change below it.
  const begin = `BEGIN; SELECT pg_advisory_xact_lock(${DERIVED_WRITES})`;
  const change = <Result>(work: (query: Queryable) => Promise<Result>) =>
    database.transaction('projector', begin, work);
  const definition = (type: string) => codec.definition(type);
  let records = 0;
  for (let n = 0; n < streams.length; n += RECORDS) {
    const read = streams.slice(n, n + RECORDS).map((id) => store.readStream(tenantId, id));
    const events = await codec.decode((await Promise.all(read)).flat());
    records += await change((query) => refold(query, model, definition, tables, events));
  }
  let addresses = 0;
  for (let changed = ADDRESSES; changed === ADDRESSES; addresses += changed) {
    const { timeline } = tables;
    changed = await change(async (query) => {
      const { rowCount } = await query.query(
        `UPDATE ${timeline} SET ip = NULL, user_agent = NULL WHERE (tenant_id, id, part) IN (
           SELECT tenant_id, id, part FROM ${timeline} WHERE tenant_id = $1 AND actor_id = $2
             AND (ip IS NOT NULL OR user_agent IS NOT NULL) LIMIT ${ADDRESSES})`,
        [tenantId, subjectId],
      );
      return rowCount ?? 0;
    });
  }
  return [
    { table: tables.live, rows: records },
    { table: tables.timeline, rows: addresses },
  ];
}

/** Replaces what is written of the events' records by their fold, as far as each had been applied. */
async function refold(
  query: Queryable,
  model: ReadModel,
  definition: (type: string) => EventDefinition,
  tables: ModelTables,
  events: readonly RecordedEvent[],
): Promise<number> {
  const tenantId = events[0]?.tenantId;
  const ids = [...new Set(events.map(({ id }) => id))];
  const { rows } = await query.query<{ id: string; revision: string }>(
    `SELECT id, max(revision) AS revision FROM (
       SELECT id, revision FROM ${tables.live} WHERE tenant_id = $1 AND id = ANY ($2::uuid[])
       UNION ALL SELECT record_id, revision FROM ${tables.timeline}
        WHERE tenant_id = $1 AND record_type = $3 AND record_id = ANY ($2::uuid[])) r
      GROUP BY id`,
    [tenantId, ids, model.record],
  );
  const applied = new Map(rows.map(({ id, revision }) => [id, Number(revision)]));
  const known = [...applied.keys()];
  if (known.length === 0) return 0;
  const ofRecords = (table: string, column: string) =>
    query.query(`DELETE FROM ${table} WHERE tenant_id = $1 AND ${column} = ANY ($2::uuid[])`, [
      tenantId,
      known,
    ]);
  await ofRecords(tables.live, 'id');
  if (model.temporal) await ofRecords(tables.history, 'id');
  await ofRecords(tables.timeline, 'record_id');
  const projection = new RecordProjection(model, definition, tables);
  const again = events.filter(({ id, version }) => version <= (applied.get(id) ?? 0));
  // What cannot be folded without the erased values is missing rather than kept.
  for (const { event, reason } of await projection.apply(query, again)) {
    await park(query, model.name, event, reason);
  }
  return known.length;
}
