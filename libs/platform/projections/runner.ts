import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEvent } from '#kernel/event';
import type { ReadModel } from '#kernel/read-model';
import { failpoint } from '../failpoints.js';
import type { EventCodec } from '../event-store/codec.js';
import type { EventStore } from '../event-store/port.js';
import type { Database, Queryable } from '../postgres/database.js';
import { applyBatch } from './batch.js';
import { changedModels } from './declare.js';
import { Discards } from './discards.js';
import { Fenced } from './fenced.js';
import { readPage, shardsOf, type DecodedPage } from './feed-page.js';
import { parkedStreams, QUEUED } from './parking.js';
import type { PendingRebuilds } from './pending-rebuilds.js';
import { ReadAhead } from './read-ahead.js';
import { isDataError, RecordProjection } from './record-projection.js';
import type { ShardLeases } from './shard-leases.js';
import type { WakeUp } from './wake-up.js';
import { WorkerPlaces, type Move } from './worker-places.js';

export interface RunnerParts {
  readonly database: Database;
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly models: readonly ReadModel[];
  readonly leases: ShardLeases;
  readonly wakeUp: WakeUp;
  /** Models whose rows have to be built anew first. */
  readonly rebuilds?: Pick<PendingRebuilds, 'start' | 'close'>;
  readonly log?: (problem: { readonly message: string; readonly error?: unknown }) => void;
}

const BATCH = 500;
const POLL_MS = { least: 10, most: 1000 };
/** Batches of several events begin so far apart: each has its price, whatever it carries. */
const GAP_MS = 20;
/** A checkpoint that only passed over events of others is stored this seldom. */
const IDLE_CHECKPOINT_MS = 1000;

/**
 * Applies the feed to all read models: one read and one transaction per batch for all shards this
 * worker holds, rows and checkpoints together under a fencing token, so each event counts exactly
 * once. Several workers share the shards; whose declarations are not the present ones, waits.
 */
export class ProjectionRunner {
  /** Emits `applied` with the events of each committed batch. */
  readonly events = new EventEmitter<{ applied: [readonly RecordedEvent[], string] }>();
  private readonly projections: ReadonlyMap<string, RecordProjection>;
  private readonly stop = new AbortController();
  private loop: Promise<void> | undefined;
  private places: WorkerPlaces | undefined;
  private parked = new Set<string>();
  private discards: Discards | undefined;
  private outdated = false;
  /** Whether the last batch took what came from several, or together. */
  private several = false;
  private ahead = new ReadAhead<DecodedPage>();

  constructor(private readonly parts: RunnerParts) {
    this.projections = new Map(
      parts.models.map((model) => [
        model.name,
        new RecordProjection(model, (type) => parts.codec.definition(type)),
      ]),
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
    if (!this.places) return;
    await this.flush(0).catch(() => undefined);
    await this.parts.leases.release().catch(() => undefined);
    this.places = undefined;
  }

  /** Applies everything committed so far and returns; for tests and imports. */
  async catchUp(): Promise<void> {
    await this.parts.store.settled();
    this.places = undefined;
    await this.own();
    // Read again: `own` has just set it.
    const places = this.places as WorkerPlaces | undefined;
    if (!places || places.shards) {
      // Whoever cannot do it all leaves all of it to the others.
      await this.parts.leases.release();
      this.places = undefined;
      throw new Error('another worker projects this database');
    }
    while (await this.step());
    await this.flush(0);
  }

  private async run(): Promise<void> {
    const { wakeUp, leases, log } = this.parts;
    let pause = POLL_MS.least;
    let renewed = 0;
    let began = 0;
    while (!this.stop.signal.aborted) {
      try {
        if (Date.now() - renewed > leases.renewEvery) {
          await this.flush(0);
          await this.own();
          renewed = Date.now();
        }
        if (this.several) await sleep(Math.max(0, began + GAP_MS - Date.now()));
        began = Date.now();
        const busy = await this.step();
        await this.flush(IDLE_CHECKPOINT_MS);
        pause = busy ? POLL_MS.least : Math.min(pause * 2, POLL_MS.most);
        if (busy) continue;
      } catch (error) {
        // What is stored counts; it is read again at once, unless something is broken.
        this.places = undefined;
        renewed = 0;
        pause = error instanceof Fenced ? POLL_MS.least : POLL_MS.most;
        if (!(error instanceof Fenced)) log?.({ message: 'projection batch failed', error });
      }
      const started = Date.now();
      await wakeUp.wait(pause, this.stop.signal);
      if (Date.now() - started < pause) pause = POLL_MS.least;
    }
  }

  /** Takes and renews leases; reads the checkpoints again where other shards are held now. */
  private async own(): Promise<void> {
    const { leases, database } = this.parts;
    const query = database.pool('projector') as unknown as Queryable;
    if (await this.isOutdated(query)) {
      this.places = undefined;
      return leases.release();
    }
    const fences = await leases.renew();
    const held = this.places?.fences;
    const same = held?.size === fences.size && [...fences].every(([s, f]) => held.get(s) === f);
    if (!same || !this.places) {
      this.places = await WorkerPlaces.load(query, fences, new Set(this.projections.keys()));
      this.ahead = new ReadAhead();
    }
    // Read again with every renewal: a rebuild or an operator may have freed a stream.
    this.parked = new Set(await parkedStreams(query));
    this.discards = await Discards.read(query);
  }

  /** Whether another release has declared a read model otherwise: its workers project then. */
  private async isOutdated(query: Queryable): Promise<boolean> {
    const { models, codec, log } = this.parts;
    const other = (await changedModels(query, models, codec.events)).at(-1);
    if (other && !this.outdated) {
      const message = `another release has declared ${other.name}: this process does not project`;
      log?.({ message });
    }
    return (this.outdated = other !== undefined);
  }

  /** One batch of what comes next; false when nothing was left to do. */
  private async step(): Promise<boolean> {
    const { places } = this;
    const from = places?.least;
    if (!places || from === undefined) return false;
    const read = (after: string) => () => this.read(after, places.shards);
    const page = await this.ahead.take(from, read(from));
    const { to, full } = page;
    this.several = page.count > 1 && !full;
    if (to === undefined) return false;
    if (full) this.ahead.prepare(to, read(to));
    try {
      await this.commit(places, page, to, 'apply');
    } catch (error) {
      // One row nobody can store must not hold up all others: find its stream and park it.
      if (!isDataError(error)) throw error;
      await this.commit(places, page, to, 'applyCarefully');
    }
    this.events.emit('applied', page.decoded, to);
    return true;
  }

  /** Reads and decodes a page. */
  private read(after: string, shards: readonly number[] | undefined): Promise<DecodedPage> {
    const { store, codec } = this.parts;
    return readPage(store, codec, { after, limit: BATCH, ...(shards ? { shards } : {}) });
  }

  private async commit(
    places: WorkerPlaces,
    page: DecodedPage,
    to: string,
    how: 'apply' | 'applyCarefully',
  ): Promise<void> {
    const parked: string[] = [];
    const moves: Move[] = [];
    const work = places.processors.map((name) => {
      const { category } = this.projections.get(name)!.model;
      const isNew = (position: string) => places.awaits(name, position);
      const events = page.decoded.filter(
        (event) => event.category === category && isNew(event.position),
      );
      const failed = page.failed.filter(
        ({ event }) => event.streamId.startsWith(`${category}-`) && isNew(event.position),
      );
      for (const [shard, last] of shardsOf([...events, ...failed.map(({ event }) => event)])) {
        if (places.awaits(name, last)) moves.push({ processor: name, shard });
      }
      return { projection: this.projections.get(name)!, events, failed };
    });
    moves.push(...places.unmoved(page.shards, moves));
    if (moves.length > 0) {
      await this.parts.database.derived(async (query) => {
        const aside = { parked: this.parked, discards: this.discards! };
        const waiting: string[] = [];
        for (const { projection, events, failed } of work) {
          if (events.length === 0 && failed.length === 0) continue;
          const applied = await applyBatch(query, projection, events, failed, aside, how);
          parked.push(...applied.parked);
          waiting.push(...applied.waiting);
        }
        failpoint('projector_between_rows_and_checkpoint');
        await places.move(query, moves, to, places.seen(page.shards));
        if (waiting.length > 0) await this.checkParked(query, waiting);
        failpoint('projector_before_commit');
      });
      failpoint('projector_after_commit');
    }
    places.passed(moves, to);
    for (const key of parked) {
      if (!this.parked.has(key)) this.parts.log?.({ message: `${key} was parked` });
      this.parked.add(key);
    }
  }

  /** Stores how far was read where no row was written, not more often than told. */
  private async flush(milliseconds: number): Promise<void> {
    const { places } = this;
    const { moves, to } = places?.unstored(milliseconds) ?? { moves: [], to: '' };
    if (!places || moves.length === 0) return;
    await this.parts.database.derived((query) => places.move(query, moves, to));
    places.passed(moves, to);
  }

  /** A rebuild may have freed a stream just now: then its events must not wait any longer. */
  private async checkParked(query: Queryable, waiting: readonly string[]): Promise<void> {
    const poisoned = new Set(await parkedStreams(query, `WHERE reason <> '${QUEUED}'`));
    if (waiting.every((key) => poisoned.has(key))) return;
    throw new Fenced('a stream is no longer parked');
  }
}
