import { eventHash, GENESIS } from './hash.js';
import { MemoryKeyStore } from './key-ring.js';
import {
  categoryOf,
  checkLimits,
  comparePositions,
  parsePosition,
  START,
  type AppendOutcome,
  type AppendRequest,
  type Closed,
  type EventStore,
  type FeedOptions,
  type FeedPage,
  type Loaded,
  type Snapshot,
  type StoredEvent,
  type StoredResult,
} from './port.js';
import { shardOf } from './shard.js';

const satisfied = (expected: AppendRequest['streams'][number]['expected'], actual: number) =>
  expected === 'any' ||
  (expected === 'exists' ? actual > 0 : actual === (expected === 'none' ? 0 : expected));

/** The log in memory: the same promises without durability, for tests and comparisons. */
export class MemoryEventStore implements EventStore {
  private readonly streams = new Map<string, StoredEvent[]>();
  private readonly commands = new Map<string, StoredResult>();
  private readonly snapshots = new Map<string, Snapshot>();
  private readonly closed = new Map<string, Closed>();
  private readonly eventIds = new Set<string>();
  private readonly feed: StoredEvent[] = [];
  private transactions = 0;

  /** @param keys where the subject keys of appends go, for a key ring to find them */
  constructor(
    private readonly clock: () => number = Date.now,
    private readonly keys = new MemoryKeyStore(),
  ) {}

  // The methods are async so that a refused argument rejects, as it does with a database.
  async append(request: AppendRequest): Promise<AppendOutcome> {
    checkLimits(request);
    return this.appendNow(request);
  }

  private appendNow(request: AppendRequest): AppendOutcome {
    const { tenantId, commandId } = request;
    const stored = this.commands.get(`${tenantId}/${commandId}`);
    if (stored) {
      return stored.requestHash === request.requestHash
        ? { status: 'duplicate', stored }
        : { status: 'reused' };
    }
    for (const { streamId, expected, events } of request.streams) {
      const as = this.closed.get(`${tenantId}/${streamId}`);
      if (as && events.length > 0) return { status: 'closed', streamId, as };
      const actual = this.streams.get(`${tenantId}/${streamId}`)?.length ?? 0;
      if (!satisfied(expected, actual)) return { status: 'conflict', streamId, actual };
    }
    for (const { subjectId, version } of request.keys ?? []) {
      if (this.keys.newest(tenantId, subjectId) >= version) {
        return { status: 'keyConflict', subjectId };
      }
    }
    const ids = request.streams.flatMap(({ events }) =>
      events.map(({ eventId }) => `${tenantId}/${eventId}`),
    );
    if (new Set(ids).size < ids.length || ids.some((id) => this.eventIds.has(id))) {
      throw new Error('an event id was used before');
    }
    for (const id of ids) this.eventIds.add(id);
    this.keys.add(tenantId, request.keys ?? []);
    this.transactions += 1;
    let position = `1.${this.transactions}.0.0`;
    for (const { streamId, events } of request.streams) {
      const key = `${tenantId}/${streamId}`;
      const stream = this.streams.get(key) ?? [];
      for (const event of events) {
        const last = stream.at(-1);
        const recorded = Math.max(this.clock(), last?.recordedAt.getTime() ?? 0);
        const occurred = Math.max(
          event.occurredAt?.getTime() ?? recorded,
          last?.occurredAt.getTime() ?? 0,
        );
        position = `1.${this.transactions}.${this.feed.length + 1}.${shardOf(tenantId, streamId)}`;
        const next = {
          tenantId,
          streamId,
          version: stream.length + 1,
          position,
          eventId: event.eventId,
          commandId,
          type: event.type,
          schemaVersion: event.schemaVersion,
          data: event.data,
          meta: event.meta,
          keyId: event.keyId ?? null,
          prevHash: last?.hash ?? GENESIS,
          occurredAt: new Date(occurred),
          recordedAt: new Date(recorded),
        };
        const complete = { ...next, hash: eventHash(next) };
        stream.push(complete);
        this.feed.push(complete);
      }
      if (events.length > 0) this.streams.set(key, stream);
    }
    const { requestHash, result } = request;
    this.commands.set(`${tenantId}/${commandId}`, { requestHash, result, position });
    return { status: 'appended', position };
  }

  load(
    tenantId: string,
    streamId: string,
    options: { commandId?: string; stateKey?: string } = {},
  ): Promise<Loaded> {
    const stored = this.commands.get(`${tenantId}/${options.commandId ?? ''}`);
    const found = this.snapshots.get(`${tenantId}/${streamId}`);
    const snapshot = found?.stateKey === options.stateKey ? found : undefined;
    const events = this.streams.get(`${tenantId}/${streamId}`) ?? [];
    return Promise.resolve({
      ...(stored ? { stored } : {}),
      ...(snapshot ? { snapshot } : {}),
      events: events.slice(snapshot?.version ?? 0),
    });
  }

  readStream(
    tenantId: string,
    streamId: string,
    options: { from?: number; limit?: number; direction?: 'forward' | 'backward' } = {},
  ): Promise<readonly StoredEvent[]> {
    const events = this.streams.get(`${tenantId}/${streamId}`) ?? [];
    const limit = options.limit ?? events.length;
    if (options.direction === 'backward') {
      const from = options.from ?? events.length;
      return Promise.resolve(events.slice(0, from).reverse().slice(0, limit));
    }
    const from = options.from ?? 1;
    return Promise.resolve(events.slice(from - 1, from - 1 + limit));
  }

  async readFeed(options: FeedOptions): Promise<FeedPage> {
    const { after, limit, tenantId, categories, types, shards } = options;
    const rest = this.feed.slice(this.firstAfter(after));
    const own = rest.filter((event) => !tenantId || event.tenantId === tenantId);
    const page = own.slice(0, limit);
    return {
      events: page.filter(
        ({ streamId, type, position }) =>
          (shards?.includes(parsePosition(position).shard) ?? true) &&
          (categories?.includes(categoryOf(streamId)) ?? true) &&
          (types?.includes(type) ?? true),
      ),
      position: page.at(-1)?.position ?? after,
      caughtUp: page.length === own.length,
    };
  }

  /** Index of the first event after a position. */
  private firstAfter(position: string): number {
    parsePosition(position);
    let [low, high] = [0, this.feed.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comparePositions(this.feed[middle]!.position, position) > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  head(): Promise<string> {
    return Promise.resolve(this.feed.at(-1)?.position ?? START);
  }

  settled(): Promise<string> {
    return this.head();
  }

  saveSnapshot(tenantId: string, streamId: string, snapshot: Snapshot): Promise<void> {
    const key = `${tenantId}/${streamId}`;
    const old = this.snapshots.get(key);
    if (old?.stateKey !== snapshot.stateKey || old.version < snapshot.version) {
      this.snapshots.set(key, snapshot);
    }
    return Promise.resolve();
  }

  async closeStream(tenantId: string, streamId: string, as: Closed | null) {
    const key = `${tenantId}/${streamId}`;
    if (!this.streams.has(key)) return 'absent';
    if (this.closed.get(key) !== 'tombstoned') {
      if (as) this.closed.set(key, as);
      else this.closed.delete(key);
    }
    return this.closed.get(key) ?? 'open';
  }

  /** Streams of one category, for tests that compare stores. */
  streamIds(tenantId: string, category?: string): string[] {
    return [...this.streams.keys()]
      .filter((key) => key.startsWith(`${tenantId}/`))
      .map((key) => key.slice(tenantId.length + 1))
      .filter((id) => !category || categoryOf(id) === category);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
