import type { RecordedEvent } from '#kernel/event';
import type { ReadModel } from '#kernel/read-model';
import { refusal, type Refusal } from '#kernel/refusal';
import type { EventCodec } from '../event-store/codec.js';
import { comparePositions, type EventStore, type StoredEvent } from '../event-store/port.js';
import { shardOf } from '../event-store/shard.js';
import { BEGIN_DERIVED, type Database, type Queryable } from '../postgres/database.js';
import { Discards, leaveOut, type Discard } from './discards.js';
import { QUEUED } from './parking.js';
import { tablesOf } from './physical.js';
import { heldPlace, REBUILD_LOCK } from './places.js';
import { retryStopped } from './rebuild-notes.js';
import { RecordProjection } from './record-projection.js';

export interface FreeParts {
  readonly database: Database;
  readonly store: EventStore;
  readonly codec: EventCodec;
}

export interface ParkedStream {
  readonly tenantId: string;
  readonly streamId: string;
}

/** Where a stream stands after it was folded again. */
export interface Refolded {
  /** Whether nothing of it is parked any more. */
  readonly freed: boolean;
  /** Events that are in its row now. */
  readonly applied: number;
  /** The event that is to blame now. */
  readonly blamed: { readonly event: StoredEvent; readonly reason: string } | null;
}

interface Letter {
  version: string;
  event_id: string;
  type: string;
  reason: string;
  parked_at: Date;
}

const AT = 'processor = $1 AND tenant_id = $2 AND stream_id = $3';

/**
 * Folds a parked stream of a read model again, from its first event to where the model stands, and
 * lets it go on with the others; `discard` leaves the event out that is to blame, for good. One
 * transaction, in which the projection of the model waits.
 */
export async function freeStream(
  parts: FreeParts,
  model: ReadModel,
  stream: ParkedStream,
  discard?: Discard,
): Promise<Refolded | Refusal> {
  const place = [model.name, stream.tenantId, stream.streamId];
  // A discard is the word of a person: unlike rows, it cannot be derived again.
  const begin = `${BEGIN_DERIVED}; SET LOCAL synchronous_commit = on`;
  return parts.database.transaction('projector', begin, async (query) => {
    if (discard && !(await holdsRebuilds(query, model.name))) return rebuilding(model);
    const shard = shardOf(stream.tenantId, stream.streamId);
    const reached = await heldPlace(query, model.name, shard);
    const { rows: letters } = await query.query<Letter>(
      `SELECT version, event_id, type, reason, parked_at FROM es_dead_letter
        WHERE ${AT} ORDER BY reason = '${QUEUED}', version FOR UPDATE`,
      place,
    );
    const [first] = letters;
    if (!first || !reached) return notParked(model.name, stream);
    if (discard) {
      const actual = Number(first.version);
      if (actual !== discard.version) return notToBlame(discard.version, actual);
      await leaveOut(query, place, discard);
      // A rebuild that was left half-way may have passed the event already.
      await query.query('DELETE FROM es_checkpoint WHERE processor = $1', [`${model.name}__next`]);
    }
    const stored = await parts.store.readStream(stream.tenantId, stream.streamId);
    const events = stored.filter((one) => comparePositions(one.position, reached) <= 0);
    const refolded = await refold(parts, query, model, events);
    await query.query(`DELETE FROM es_dead_letter WHERE ${AT}`, place);
    const { blamed } = refolded;
    if (blamed) await parkFrom(query, model.name, events, blamed, first.parked_at);
    await retryStopped(query, model.name);
    return refolded;
  });
}

/** Rows of the record are written anew up to the first event that cannot be applied. */
async function refold(
  { codec }: FreeParts,
  query: Queryable,
  model: ReadModel,
  events: readonly StoredEvent[],
): Promise<Refolded> {
  const discards = await Discards.read(query, model.name);
  const kept = events.filter((event) => !discards.has(model.name, event));
  const decoded: RecordedEvent[] = [];
  let blamed: Refolded['blamed'] = null;
  for (const event of kept) {
    try {
      decoded.push(...(await codec.decode([event])));
    } catch (error) {
      blamed = { event, reason: (error as Error).message };
      break;
    }
  }
  await forget(query, model, events);
  const projection = new RecordProjection(model, (type) => codec.definition(type));
  const [poison] = await projection.applyCarefully(query, decoded);
  if (poison) {
    const { version, eventId } = poison.event;
    const event = kept.find((one) => one.eventId === eventId)!;
    return { freed: false, applied: version - 1, blamed: { event, reason: poison.reason } };
  }
  return { freed: !blamed, applied: decoded.length, blamed };
}

async function forget(query: Queryable, model: ReadModel, events: readonly StoredEvent[]) {
  const [event] = events;
  if (!event) return;
  const tables = tablesOf(model);
  const id = event.streamId.slice(model.category.length + 1);
  const names = model.temporal ? [tables.live, tables.history] : [tables.live];
  for (const name of names) {
    await query.query(`DELETE FROM ${name} WHERE tenant_id = $1 AND id = $2`, [event.tenantId, id]);
  }
  await query.query(`DELETE FROM ${tables.timeline} WHERE tenant_id = $1 AND record_id = $2`, [
    event.tenantId,
    id,
  ]);
}

/** The stream stays parked, from the event on that is to blame now. */
async function parkFrom(
  query: Queryable,
  processor: string,
  events: readonly StoredEvent[],
  { event: first, reason }: NonNullable<Refolded['blamed']>,
  since: Date,
): Promise<void> {
  const waiting = events.filter(({ version }) => version >= first.version);
  await query.query(
    `INSERT INTO es_dead_letter
       (processor, tenant_id, stream_id, version, event_id, type, reason, parked_at)
     SELECT $1, $2, $3, w.version, w.id, w.type, w.reason, $8
       FROM unnest($4::bigint[], $5::uuid[], $6::text[], $7::text[]) AS w(version, id, type, reason)`,
    [
      processor,
      first.tenantId,
      first.streamId,
      waiting.map(({ version }) => version),
      waiting.map(({ eventId }) => eventId),
      waiting.map(({ type }) => type),
      waiting.map((one) => (one.version === first.version ? reason : QUEUED)),
      since,
    ],
  );
}

/** Keeps rebuilds of the model from beginning until the transaction ends; false while one runs. */
async function holdsRebuilds(query: Queryable, name: string): Promise<boolean> {
  const { rows } = await query.query<{ free: boolean }>(
    `SELECT pg_try_advisory_xact_lock(${REBUILD_LOCK}, hashtext($1)) AS free`,
    [name],
  );
  return rows[0]!.free;
}

export function notParked(processor: string, { streamId }: ParkedStream): Refusal {
  const message = `${processor} has not parked ${streamId} of this workspace.`;
  const remedy = 'Read the dead letters again: it may have been freed meanwhile.';
  return refusal('NOT_FOUND', 'missing', message, [{ message, remedy }]);
}

function rebuilding({ name }: ReadModel): Refusal {
  const message = `${name} is being rebuilt or verified at present.`;
  const remedy = 'Wait until it is done, or cancel it.';
  return refusal('REBUILD_UNDER_WAY', 'conflict', message, [{ message, remedy }]);
}

/** Somebody wants another event left out than the one that holds the stream up. */
export function notToBlame(wanted: number, actual: number): Refusal {
  const message = `Revision ${wanted} is not the event to blame; revision ${actual} is.`;
  const remedy = 'Read the dead letters again and name the revision they show.';
  return refusal('NOT_TO_BLAME', 'conflict', message, [
    { field: 'revision', rule: 'current', message, remedy },
  ]);
}
