import type { RecordedEvent } from '#kernel/event';
import { triggersOf, type AnyProcess, type AnySaga } from '#kernel/saga';
import { EncodeError, type EventCodec } from '../event-store/codec.js';
import {
  AppendLimitError,
  comparePositions,
  START,
  type EventStore,
  type StoredEvent,
} from '../event-store/port.js';
import { EffectMarks } from '../effects/marks.js';
import type { Database, Queryable } from '../postgres/database.js';
import { decodeEach, readPage, type DecodedPage } from '../projections/feed-page.js';
import { Fenced } from '../projections/fenced.js';
import type { Leases } from '../projections/lease.js';
import { park, parkedStreams, QUEUED } from '../projections/parking.js';
import { isDataError } from '../projections/record-projection.js';
import type { WakeUp } from '../projections/wake-up.js';
import { Checkpoints } from './checkpoints.js';
import { REACTIVATED, SUSPENDED, type Standstills } from './standstills.js';
import { PoisonError, type SagaBoundary, type SagaSteps } from './steps.js';
import { CLOCK_ADVANCED, type TestClocks } from './test-clocks.js';
import type { TimerTable } from './timers.js';

export interface SagaRunnerParts {
  readonly database: Database;
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly processes: readonly AnyProcess[];
  readonly steps: SagaSteps;
  readonly timers: TimerTable;
  readonly clocks: TestClocks;
  readonly standstills: Standstills;
  readonly leases: Leases;
  readonly wakeUp: WakeUp;
  readonly clock: () => Date;
  readonly log?: (problem: { readonly message: string; readonly error?: unknown }) => void;
  readonly at?: (boundary: SagaBoundary) => void;
}

/** The name a process has among processors: in checkpoints and dead letters. */
export const processorOf = ({ name }: Pick<AnyProcess, 'name'>) => `saga:${name}`;
export const SAGA_LEASE = 'sagas';

const BATCH = 500;
const POLL_MS = { least: 10, most: 1000 };
/** A checkpoint that only passed over events of others is written this seldom. */
const IDLE_CHECKPOINT_MS = 1000;
/** What concerns every process, whatever it follows. */
const FOR_ALL = [CLOCK_ADVANCED, SUSPENDED, REACTIVATED];

interface Letter {
  readonly processor: string;
  readonly event: RecordedEvent | StoredEvent;
  readonly reason: string;
}

/** Defects of the rules, or data the log refuses; everything else may pass by itself. */
export function isPoison(error: unknown): error is Error {
  return (
    error instanceof PoisonError ||
    error instanceof EncodeError ||
    error instanceof AppendLimitError ||
    isDataError(error)
  );
}

/** An event that was read, with the reason where it cannot be decoded. */
interface Read {
  readonly event: RecordedEvent | StoredEvent;
  readonly reason?: string;
}

function inOrder({ decoded, failed }: Pick<DecodedPage, 'decoded' | 'failed'>): readonly Read[] {
  const all: Read[] = [...decoded.map((event) => ({ event })), ...failed];
  return all.sort((a, b) => comparePositions(a.event.position, b.event.position));
}

const streamKey = ({ tenantId, streamId }: { tenantId: string; streamId: string }) =>
  `${tenantId}/${streamId}`;

/**
 * Leads the feed to sagas and policies, one event after the other, behind a checkpoint each; and
 * fires timers. One process at a time holds the lease. Everything done is done under ids that
 * follow from the event, so doing it again changes nothing; the checkpoint only saves work.
 */
export class SagaRunner {
  private readonly stop = new AbortController();
  private readonly checkpoints: Checkpoints;
  private readonly triggers: ReadonlyMap<AnyProcess, ReadonlySet<string>>;
  private readonly wanted: ReadonlySet<string>;
  private parked = new Set<string>();
  private loop: Promise<void> | undefined;
  private held = false;
  private declared = false;
  private fence: string | undefined;

  constructor(private readonly parts: SagaRunnerParts) {
    this.checkpoints = new Checkpoints(parts.database, SAGA_LEASE);
    this.triggers = new Map(parts.processes.map((one) => [one, new Set(triggersOf(one))]));
    this.wanted = new Set([...parts.processes.flatMap(triggersOf), ...FOR_ALL]);
  }

  start(): void {
    if (this.parts.processes.length > 0) this.loop ??= this.run();
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.loop;
    if (this.held) await this.parts.leases.release(SAGA_LEASE).catch(() => undefined);
    this.held = false;
  }

  /** Does everything there is to do now: events, due timers, and what follows from them. */
  async catchUp(): Promise<void> {
    const fence = await this.own();
    if (fence === undefined) throw new Error('another worker runs the sagas of this database');
    for (;;) {
      await this.parts.store.settled();
      while (await this.step(fence, true));
      if (!(await this.fireDue())) return;
    }
  }

  private async run(): Promise<void> {
    const { wakeUp, leases, log } = this.parts;
    let pause = POLL_MS.least;
    let fence: string | undefined;
    let renewed = 0;
    while (!this.stop.signal.aborted) {
      try {
        if (fence === undefined || Date.now() - renewed > leases.renewEvery) {
          fence = await this.own();
          renewed = Date.now();
        }
        // Timers have their turn after every page: under a steady load there is always a next one.
        const busy =
          fence !== undefined && [await this.step(fence), await this.fireDue()].some(Boolean);
        pause = busy ? POLL_MS.least : Math.min(pause * 2, POLL_MS.most);
        if (busy) continue;
      } catch (error) {
        fence = undefined;
        pause = POLL_MS.most;
        if (!(error instanceof Fenced)) log?.({ message: 'a step of a saga failed', error });
      }
      const started = Date.now();
      await wakeUp.wait(pause, this.stop.signal);
      if (Date.now() - started < pause) pause = POLL_MS.least;
    }
  }

  /** Takes or renews the lease. */
  private async own(): Promise<string | undefined> {
    const { leases, database, store, processes } = this.parts;
    const lease = await leases.acquire(SAGA_LEASE);
    if (!lease) return undefined;
    this.held = true;
    if (this.fence !== lease.fence) await this.parts.timers.release();
    this.fence = lease.fence;
    if (!this.declared) {
      const head = await store.head();
      // An effect follows the log from the one place where it was noted to begin.
      const marks = new EffectMarks(database);
      const effects = processes.filter(({ kind }) => kind === 'effect');
      await marks.declare(effects, head);
      const began = await marks.began(effects.map(({ name }) => name));
      const places = processes.map(({ name, startsAt }) => {
        const from = startsAt === 'start' ? START : head;
        return { name: processorOf({ name }), at: began.get(name) ?? from, startsAt };
      });
      for (const name of await this.checkpoints.declare(places)) {
        const place = places.find((one) => one.name === name)!;
        if (place.startsAt === 'present') await this.parts.standstills.join(name, place.at);
      }
      this.declared = true;
    }
    // Read again with every renewal: an operator may have freed a stream.
    const pool = database.pool('projector') as unknown as Queryable;
    this.parked = new Set(await parkedStreams(pool, `WHERE processor LIKE 'saga:%'`));
    await this.parts.standstills.load();
    return lease.fence;
  }

  /** One page for those that are furthest behind; false when nothing was left to do. */
  private async step(fence: string, now = false): Promise<boolean> {
    const { store, codec, processes } = this.parts;
    const at = await this.checkpoints.read(processes.map(processorOf));
    const positions = [...new Set(at.values())].sort(comparePositions);
    const [from, next] = positions;
    if (from === undefined) return false;
    const page = await readPage(store, codec, {
      after: from,
      limit: BATCH,
      ...(next ? { until: next } : {}),
      wanted: ({ type }) => this.wanted.has(type),
    });
    if (page.to === undefined && !next) {
      await this.checkpoints.flush({ fence, wait: IDLE_CHECKPOINT_MS });
      return false;
    }
    const to = page.to ?? next!;
    const behind = processes.filter((one) => at.get(processorOf(one)) === from);
    const letters = await this.handle(behind, page, fence);
    this.parts.at?.('before_checkpoint');
    const quiet = page.decoded.length + page.failed.length === 0 && !next && !page.full && !now;
    const names = behind.map(processorOf);
    await this.checkpoints.move(names, from, to, {
      fence,
      wait: quiet ? IDLE_CHECKPOINT_MS : 0,
      beside: letters.length > 0 ? (query) => this.parkAll(query, letters) : undefined,
    });
    this.noteParked(letters);
    this.parts.at?.('after_checkpoint');
    return true;
  }

  /** Leads the events of a page to their steps; answers what has to be set aside. */
  private async handle(
    behind: readonly AnyProcess[],
    page: Pick<DecodedPage, 'decoded' | 'failed'>,
    fence: string,
  ): Promise<Letter[]> {
    const letters: Letter[] = [];
    const blocked = new Set(this.parked);
    const setAside = (processor: string, event: RecordedEvent | StoredEvent, reason: string) => {
      blocked.add(`${processor}/${streamKey(event)}`);
      letters.push({ processor, event, reason });
    };
    const lead = async (process: AnyProcess, { event, reason }: Read) => {
      if (!this.triggers.get(process)!.has(event.type)) return;
      const processor = processorOf(process);
      if (blocked.has(`${processor}/${streamKey(event)}`)) setAside(processor, event, QUEUED);
      else if (reason) setAside(processor, event, reason);
      else {
        const problem = await this.attempt(process, event as RecordedEvent);
        if (problem) setAside(processor, event, problem);
      }
    };
    const { standstills } = this.parts;
    for (const read of inOrder(page)) {
      const { event, reason } = read;
      if (event.type === CLOCK_ADVANCED && !reason) await this.showClock(event as RecordedEvent);
      for (const process of behind) {
        const processor = processorOf(process);
        if (event.type === SUSPENDED) await standstills.begin(processor, event, fence);
        if (event.type === REACTIVATED) {
          const types = [...this.triggers.get(process)!];
          for await (const missed of standstills.missed(processor, event, types)) {
            const decoded = await decodeEach(this.parts.codec, missed);
            for (const one of inOrder(decoded)) await lead(process, one);
          }
          const aside = letters.splice(0);
          await standstills.end(processor, event, fence, (query) => this.parkAll(query, aside));
          this.noteParked(aside);
        }
        if (!standstills.holds(processor, event)) await lead(process, read);
      }
    }
    return letters;
  }

  /** Handles an event; why it cannot be handled at all, where that is so. */
  private async attempt(process: AnyProcess, event: RecordedEvent): Promise<string | undefined> {
    const { steps, log } = this.parts;
    try {
      await (process.kind === 'saga' ? steps.handle(process, event) : steps.follow(process, event));
      return undefined;
    } catch (error) {
      if (!isPoison(error)) throw error;
      log?.({ message: `${process.name} parked ${event.streamId}: ${error.message}` });
      return error.message;
    }
  }

  private async showClock({ tenantId, data }: RecordedEvent): Promise<void> {
    const { testClock } = data as { readonly testClock: string };
    await this.parts.clocks.show(tenantId, new Date(testClock));
  }

  private noteParked(letters: readonly Letter[]): void {
    for (const { processor, event } of letters) this.parked.add(`${processor}/${streamKey(event)}`);
  }

  private async parkAll(query: Queryable, letters: readonly Letter[]): Promise<void> {
    for (const { processor, event, reason } of letters) await park(query, processor, event, reason);
    const queued = letters.filter(({ reason }) => reason === QUEUED);
    for (const { processor, event } of queued) {
      // The operator who frees a stream deletes this row: either we wait for him, or he for us.
      const { rowCount } = await query.query(
        `SELECT 1 FROM es_dead_letter WHERE processor = $1 AND tenant_id = $2 AND stream_id = $3
            AND reason <> $4 FOR SHARE`,
        [processor, event.tenantId, event.streamId, QUEUED],
      );
      if (!rowCount) throw new Fenced('a stream is no longer parked');
    }
  }

  /** Fires what is due; false when nothing was. */
  private async fireDue(): Promise<boolean> {
    const { timers, steps, processes, clock } = this.parts;
    const sagas = new Map(processes.map((one) => [one.name, one]));
    const due = await timers.takeDue(clock(), [...sagas.keys()]);
    for (const timer of due) await steps.fire(sagas.get(timer.saga) as AnySaga, timer);
    return due.length > 0;
  }
}
