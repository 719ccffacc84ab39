import type { RecordedEvent } from '#kernel/event';
import { failpoint } from '../failpoints.js';
import type { EventCodec } from '../event-store/codec.js';
import { comparePositions, type EventStore, type StoredEvent } from '../event-store/port.js';

/** An event that cannot be decoded, with the reason. */
export interface Undecodable {
  readonly event: StoredEvent;
  readonly reason: string;
}

/** A page of the feed, ready to be applied. */
export interface DecodedPage {
  readonly count: number;
  /** Where it ends, events of others included; absent where nothing came. */
  readonly to: string | undefined;
  readonly decoded: readonly RecordedEvent[];
  readonly failed: readonly Undecodable[];
  /** Each shard that has an event, with the last position in it. */
  readonly shards: ReadonlyMap<number, string>;
  /** More is waiting. */
  readonly full: boolean;
}

export interface PageOptions {
  readonly after: string;
  readonly limit: number;
  /** Never beyond this position. */
  readonly until?: string;
  /** Only events of these shards; all when left out. */
  readonly shards?: readonly number[];
  /** Which events are worth decoding; all when left out. */
  readonly wanted?: (event: StoredEvent) => boolean;
}

/** Reads a page of the feed and decodes it. */
export async function readPage(
  store: EventStore,
  codec: EventCodec,
  { after, limit, until, shards, wanted }: PageOptions,
): Promise<DecodedPage> {
  failpoint('before_feed_read');
  const page = await store.readFeed({ after, limit, ...(shards ? { shards } : {}) });
  failpoint('after_feed_read');
  const events = until
    ? page.events.filter((event) => comparePositions(event.position, until) <= 0)
    : page.events;
  const cut = events.length < page.events.length;
  const to = cut ? until : page.position === after ? undefined : page.position;
  const { decoded, failed } = await decodeEach(codec, wanted ? events.filter(wanted) : events);
  return {
    count: events.length,
    to,
    decoded,
    failed,
    shards: shardsOf(events),
    full: !page.caughtUp,
  };
}

/** The shard a position names. */
export function shardOf(position: string): number {
  return Number(position.slice(position.lastIndexOf('.') + 1));
}

/** Each shard of the events, with the last position in it. */
export function shardsOf(
  events: readonly { readonly position: string }[],
): ReadonlyMap<number, string> {
  return new Map(events.map(({ position }) => [shardOf(position), position]));
}

/** Decodes a batch; what cannot be decoded is kept apart, with its reason. */
export async function decodeEach(codec: EventCodec, events: readonly StoredEvent[]) {
  try {
    return { decoded: await codec.decode(events), failed: [] };
  } catch {
    const decoded: RecordedEvent[] = [];
    const failed: Undecodable[] = [];
    for (const event of events) {
      try {
        decoded.push(...(await codec.decode([event])));
      } catch (error) {
        failed.push({ event, reason: (error as Error).message });
      }
    }
    return { decoded, failed };
  }
}
