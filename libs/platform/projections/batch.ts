import type { RecordedEvent } from '#kernel/event';
import type { StoredEvent } from '../event-store/port.js';
import type { Queryable } from '../postgres/database.js';
import type { Discards } from './discards.js';
import type { Undecodable } from './feed-page.js';
import { park, QUEUED } from './parking.js';
import type { Poison, RecordProjection } from './record-projection.js';

/** What is set aside already, and what for good. */
export interface Aside {
  /** `<read model>/<tenant>/<stream>` */
  readonly parked: ReadonlySet<string>;
  readonly discards: Discards;
}

/** What a batch did with a read model's parked streams. */
export interface Applied {
  /** Streams that were parked by it. */
  readonly parked: readonly string[];
  /** Parked streams that have more events waiting now. */
  readonly waiting: readonly string[];
}

type Streamed = Pick<StoredEvent, 'tenantId' | 'streamId'>;

const streamOf = ({ tenantId, streamId }: Streamed) => `${tenantId}/${streamId}`;

/** Applies events to one read model; those that cannot be applied park their streams. */
export async function applyBatch(
  query: Queryable,
  projection: RecordProjection,
  events: readonly RecordedEvent[],
  failed: readonly Undecodable[],
  { parked, discards }: Aside,
  how: 'apply' | 'applyCarefully',
): Promise<Applied> {
  const { name, category } = projection.model;
  const keyOf = (event: Streamed) => `${name}/${streamOf(event)}`;
  const isParked = (event: Streamed) => parked.has(keyOf(event));
  const own = events.filter((event) => event.category === category && !discards.has(name, event));
  const undecodable = failed.filter(
    ({ event }) => event.streamId.startsWith(`${category}-`) && !discards.has(name, event),
  );
  // By stream, the first revision that cannot be decoded; what comes before it can be applied.
  const broken = firstRevisions(undecodable.map(({ event }) => event));
  const free = own.filter(
    (event) => !isParked(event) && event.version < (broken.get(streamOf(event)) ?? Infinity),
  );
  const poison = await projection[how](query, free);
  const letters = [
    ...poison,
    ...undecodable,
    ...queuedBehind(own, poison, isParked, broken).map((event) => ({ event, reason: QUEUED })),
  ];
  for (const { event, reason } of letters) await park(query, name, event, reason);
  return {
    parked: letters.map(({ event }) => keyOf(event)),
    waiting: own.filter(isParked).map(keyOf),
  };
}

function firstRevisions(events: readonly StoredEvent[]): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const event of events) {
    const key = streamOf(event);
    first.set(key, Math.min(event.version, first.get(key) ?? Infinity));
  }
  return first;
}

/** Events of the batch that wait behind a parked one of their stream. */
function queuedBehind(
  events: readonly RecordedEvent[],
  poison: readonly Poison[],
  isParked: (event: RecordedEvent) => boolean,
  broken: ReadonlyMap<string, number>,
): RecordedEvent[] {
  const poisoned = new Map(poison.map(({ event }) => [streamOf(event), event.version]));
  return events.filter((event) => {
    const key = streamOf(event);
    const first = poisoned.get(key) ?? broken.get(key);
    return isParked(event) || (first !== undefined && event.version > first);
  });
}
