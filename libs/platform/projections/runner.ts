import { EventEmitter } from 'node:events';
import type { RecordedEvent } from '#kernel/event';
import type { ReadModel } from '#kernel/read-model';
import { failpoint } from '../failpoints.js';
import type { EventCodec } from '../event-store/codec.js';
import {
  comparePositions,
  parsePosition,
  type EventStore,
  type StoredEvent,
} from '../event-store/port.js';
import { BEGIN_DERIVED, type Database, type Queryable } from '../postgres/database.js';
import type { Leases } from './lease.js';
import { Discards } from './discards.js';
import { readPage, type DecodedPage } from './feed-page.js';
import { park, parkedStreams, QUEUED } from './parking.js';
import { isDataError, RecordProjection, type Poison } from './record-projection.js';
import type { PendingRebuilds } from './pending-rebuilds.js';
import { ReadAhead } from './read-ahead.js';
import type { WakeUp } from './wake-up.js';

export interface RunnerParts {
  readonly database: Database;
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly models: readonly ReadModel[];
  readonly leases: Leases;
  readonly wakeUp: WakeUp;
  /** Models whose rows have to be built anew first. */
  readonly rebuilds?: Pick<PendingRebuilds, 'start' | 'close'>;
  readonly log?: (problem: { readonly message: string; readonly error?: unknown }) => void;
}

/** The lease, a checkpoint or its fence belongs to someone else now: nothing was written. */
class Fenced extends Error {}

const LEASE = 'projections';
const BATCH = 500;
const POLL_MS = { least: 10, most: 1000 };

/**
 * Applies the feed to all read models: one read and one transaction per batch, rows and checkpoints
 * together under a fencing token, so each event counts exactly once. A model that is behind (new
 * or declared anew) catches up in batches of its own first.
 */
export class ProjectionRunner {
  /** Emits `applied` with the events of each committed batch. */
  readonly events = new EventEmitter<{ applied: [readonly RecordedEvent[], string] }>();
  private readonly projections: readonly RecordProjection[];
  private readonly stop = new AbortController();
  private loop: Promise<void> | undefined;
  private parked = new Set<string>();
  private discards: Discards | undefined;
  private held = false;
  private readonly ahead = new ReadAhead<DecodedPage>();

  constructor(private readonly parts: RunnerParts) {
    this.projections = parts.models.map(
      (model) => new RecordProjection(model, (type) => parts.codec.definition(type)),
    );
    this.events.setMaxListeners(0);
  }

  start(): void {
    this.loop ??= this.run();
    this.parts.rebuilds?.start();
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.parts.rebuilds?.close();
    await this.loop;
    if (this.held) await this.parts.leases.release(LEASE).catch(() => undefined);
  }

  /** Applies everything committed so far and returns; for tests and imports. */
  async catchUp(): Promise<void> {
    await this.parts.store.settled();
    const fence = await this.own();
    if (fence === undefined) throw new Error('another worker projects this database');
    while (await this.step(fence));
  }

  private async run(): Promise<void> {
    const { wakeUp, leases, log } = this.parts;
    let pause = POLL_MS.least;
    let fence: string | undefined;
    let renewed = 0;
    while (!this.stop.signal.aborted) {
      try {
        if (fence === undefined || Date.now() - renewed > leases.renewEvery) {
          fence = await this.own(fence);
          renewed = Date.now();
        }
        const busy = fence !== undefined && (await this.step(fence));
        pause = busy ? POLL_MS.least : Math.min(pause * 2, POLL_MS.most);
        if (busy) continue;
      } catch (error) {
        fence = undefined;
        pause = POLL_MS.most;
        if (!(error instanceof Fenced)) log?.({ message: 'projection batch failed', error });
      }
      const started = Date.now();
      await wakeUp.wait(pause, this.stop.signal);
      if (Date.now() - started < pause) pause = POLL_MS.least;
    }
  }

  /** Takes the lease and marks the checkpoints with its fence. */
  private async own(held?: string): Promise<string | undefined> {
    const lease = await this.parts.leases.acquire(LEASE);
    if (!lease) return undefined;
    this.held = true;
    const pool = this.parts.database.pool('projector');
    if (lease.fence !== held) {
      await pool.query('UPDATE es_checkpoint SET fence = $1 WHERE shard = -1 AND fence < $1', [
        lease.fence,
      ]);
    }
    // Read again with every renewal: a rebuild or an operator may have freed a stream.
    this.parked = new Set(await parkedStreams(pool as unknown as Queryable));
    this.discards = await Discards.read(pool as unknown as Queryable);
    return lease.fence;
  }

  /** One batch for those that are furthest behind; false when nothing was left to do. */
  private async step(fence: string): Promise<boolean> {
    const checkpoints = await this.checkpoints();
    const positions = [...new Set(checkpoints.values())].sort(comparePositions);
    const from = positions[0];
    if (from === undefined) return false;
    const next = positions[1];
    // Those behind stop exactly where the others are, and from there on all go together.
    const page = next
      ? await this.read(from, next)
      : await this.ahead.take(from, () => this.read(from));
    const { count, decoded, failed, full } = page;
    if (count === 0 && !next) return false;
    const to = page.to ?? next!;
    const behind = this.projections.filter(({ model }) => checkpoints.get(model.name) === from);
    if (full && !next) this.ahead.prepare(to, () => this.read(to));
    try {
      await this.commit(fence, behind, decoded, failed, from, to, 'apply');
    } catch (error) {
      // One row nobody can store must not hold up all others: find its stream and park it.
      if (!isDataError(error)) throw error;
      await this.commit(fence, behind, decoded, failed, from, to, 'applyCarefully');
    }
    if (!next) this.events.emit('applied', decoded, to);
    return true;
  }

  /** Reads and decodes a page, never beyond `until`. */
  private read(after: string, until?: string): Promise<DecodedPage> {
    const { store, codec } = this.parts;
    return readPage(store, codec, { after, limit: BATCH, ...(until ? { until } : {}) });
  }

  private async checkpoints(): Promise<Map<string, string>> {
    const { rows } = await this.parts.database
      .pool('projector')
      .query<{ processor: string; epoch: number; xid: string; pos: string }>(
        'SELECT processor, epoch, xid::text AS xid, pos FROM es_checkpoint WHERE shard = -1',
      );
    const known = new Set(this.projections.map(({ model }) => model.name));
    return new Map(
      rows
        .filter(({ processor }) => known.has(processor))
        .map(({ processor, epoch, xid, pos }) => [processor, `${epoch}.${xid}.${pos}.0`]),
    );
  }

  private async commit(
    fence: string,
    projections: readonly RecordProjection[],
    events: readonly RecordedEvent[],
    failed: readonly { readonly event: StoredEvent; readonly reason: string }[],
    from: string,
    to: string,
    how: 'apply' | 'applyCarefully',
  ): Promise<void> {
    const newlyParked: string[] = [];
    const waiting = new Set<string>();
    await this.parts.database.transaction('projector', BEGIN_DERIVED, async (query) => {
      for (const projection of projections) {
        const { name, category } = projection.model;
        const keyOf = (event: { tenantId: string; streamId: string }) =>
          `${name}/${event.tenantId}/${event.streamId}`;
        const isParked = (event: { tenantId: string; streamId: string }) =>
          this.parked.has(keyOf(event));
        const own = events.filter(
          (event) => event.category === category && !this.discards?.has(name, event),
        );
        for (const event of own) if (isParked(event)) waiting.add(keyOf(event));
        const undecodable = failed.filter(
          ({ event }) =>
            event.streamId.startsWith(`${category}-`) && !this.discards?.has(name, event),
        );
        // By stream, the first revision that cannot be decoded; what comes before it can be applied.
        const broken = firstRevisions(undecodable.map(({ event }) => event));
        const free = own.filter(
          (event) => !isParked(event) && event.version < (broken.get(streamOf(event)) ?? Infinity),
        );
        const poison = await projection[how](query, free);
        const letters = [
          ...poison.map((one) => ({ ...one, processor: name })),
          ...undecodable.map((one) => ({ ...one, processor: name })),
          ...queuedBehind(own, poison, isParked, broken).map((event) => ({
            event,
            reason: QUEUED,
            processor: name,
          })),
        ];
        for (const { event, reason } of letters) {
          await this.park(query, name, event, reason);
          newlyParked.push(keyOf(event));
        }
      }
      failpoint('projector_between_rows_and_checkpoint');
      await this.moveCheckpoints(query, fence, projections, from, to);
      if (waiting.size > 0) await this.checkParked(query, waiting);
      failpoint('projector_before_commit');
    });
    failpoint('projector_after_commit');
    for (const key of newlyParked) this.parked.add(key);
  }

  /** A rebuild may have freed a stream just now: then its events must not wait any longer. */
  private async checkParked(query: Queryable, waiting: ReadonlySet<string>): Promise<void> {
    const poisoned = new Set(await parkedStreams(query, `WHERE reason <> '${QUEUED}'`));
    if ([...waiting].every((key) => poisoned.has(key))) return;
    throw new Fenced('a stream is no longer parked');
  }

  private async park(
    query: Queryable,
    processor: string,
    event: RecordedEvent | StoredEvent,
    reason: string,
  ): Promise<void> {
    this.parts.log?.({ message: `${processor} parked ${event.streamId}: ${reason}` });
    await park(query, processor, event, reason);
  }

  private async moveCheckpoints(
    query: Queryable,
    fence: string,
    projections: readonly RecordProjection[],
    from: string,
    to: string,
  ): Promise<void> {
    const [old, next] = [parsePosition(from), parsePosition(to)];
    const { rowCount } = await query.query(
      `UPDATE es_checkpoint SET epoch = $1, xid = $2::text::xid8, pos = $3, updated_at = clock_timestamp()
        WHERE processor = ANY ($4) AND shard = -1 AND fence = $5
          AND (epoch, xid, pos) = ($6::int, $7::text::xid8, $8::bigint)`,
      [
        String(next.epoch),
        String(next.xid),
        String(next.pos),
        projections.map(({ model }) => model.name),
        fence,
        String(old.epoch),
        String(old.xid),
        String(old.pos),
      ],
    );
    if (rowCount !== projections.length) throw new Fenced('a checkpoint belongs to another worker');
  }
}

const streamOf = ({ tenantId, streamId }: { tenantId: string; streamId: string }) =>
  `${tenantId}/${streamId}`;

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
