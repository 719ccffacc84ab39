import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../postgres/database.js';
import { Leases } from '../../projections/lease.js';
import { shardOf } from '../shard.js';
import type { Appender } from './appender.js';
import type { Claims } from './claims.js';
import {
  ForeignEventError,
  isBefore,
  readEvent,
  type ReadEvent,
  type ServerEvent,
  type ServerPosition,
} from './records.js';
import { LogRefusedError, pauseBefore } from './errors.js';
import type { KurrentDbServer } from './server.js';
import { copiedTo } from './store.js';
import { Subscription } from './subscription.js';

const LEASE = 'log-copy';
/** Events written in one transaction; short ones keep the copy close. */
const BATCH = 500;
/** Characters of data and metadata after which a batch is full. */
const BATCH_CHARACTERS = 4 * 1024 * 1024;
/**
 * Milliseconds without an event after which the server is asked whether there are none, and at
 * which appends that were left half-way are looked for.
 */
const QUIET_MS = 5_000;
/** Checkpoints without events are written at most once a second. */
const IDLE_CHECKPOINT_MS = 1_000;
/** Seconds after which a claim is taken for left behind. */
const LEFT_SECONDS = 10;

export interface LogCopyOptions {
  readonly database: Database;
  readonly server: KurrentDbServer;
  readonly epoch: number;
  readonly holder: string;
  readonly leaseSeconds?: number;
  /** Carries out what processes that ended left behind. */
  readonly appends?: { readonly appender: Appender; readonly claims: Claims };
  /** Told after events were added. */
  readonly copied?: () => void;
  readonly log?: (problem: { readonly message: string; readonly error?: unknown }) => void;
}

/** How the copy of the log stands. */
export interface CopyState {
  /** Whether this process is the one that copies. */
  readonly isCopying: boolean;
  /** Whether all that the server held when it was last subscribed to is there. */
  readonly isCaughtUp: boolean;
  /** Why the copy stopped; it is tried again at long intervals. */
  readonly failure?: string;
}

/** How far the copy is behind the server. */
export interface CopyLag {
  /** Counted up to a thousand. */
  readonly events: number;
  /** Since the oldest event that is not there yet. */
  readonly seconds: number;
}

const LAG_LIMIT = 1_000;

/** Compares the copy with the server, whoever copies. */
export async function copyLag(database: Database, server: KurrentDbServer): Promise<CopyLag> {
  const at = await copiedTo(database);
  const newest = await server.newest(1_000);
  if (!newest || !isBefore(at, newest.at)) return { events: 0, seconds: 0 };
  const missing = await server.all({ ...placeAfter(at), limit: LAG_LIMIT }, 1_000);
  const oldest = missing[0]?.created.getTime() ?? Date.now();
  return { events: missing.length, seconds: Math.max(0, (Date.now() - oldest) / 1000) };
}

const placeAfter = (at: ServerPosition) => (at.commit > 0n ? { after: at } : {});

/**
 * Keeps the copy of the log in step: one process at a time, under a lease and its fence, follows
 * the server from the checkpoint that is written with the events. A subscription that ends is
 * begun again from there.
 */
export class LogCopy {
  private readonly leases: Leases;
  private readonly abort = new AbortController();
  private running: Promise<void> | undefined;
  private state: CopyState = { isCopying: false, isCaughtUp: false };
  private added = 0;

  constructor(private readonly options: LogCopyOptions) {
    this.leases = new Leases(options.database, options.holder, options.leaseSeconds);
  }

  start(): void {
    this.running ??= this.run();
  }

  get status(): CopyState {
    return this.state;
  }

  /**
   * Copies all that the server holds by now, for tools, and closes. Throws where the copy stops.
   *
   * @param seen told the events that were added so far
   */
  async catchUp(signal: AbortSignal, seen: (events: number) => void): Promise<void> {
    const { server, database } = this.options;
    const newest = await server.newest();
    this.start();
    try {
      while (newest && isBefore(await copiedTo(database), newest.at)) {
        signal.throwIfAborted();
        if (this.state.failure) throw new LogRefusedError(this.state.failure);
        seen(this.added);
        await sleep(100);
      }
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.abort.abort();
    await this.running;
  }

  private get isClosed(): boolean {
    return this.abort.signal.aborted;
  }

  private async run(): Promise<void> {
    for (let attempt = 0; !this.isClosed;) {
      let copied = false;
      try {
        const lease = await this.leases.acquire(LEASE);
        if (!lease) {
          this.state = { isCopying: false, isCaughtUp: false };
          await this.pause(this.leases.renewEvery);
          continue;
        }
        await this.follow(lease.fence, () => (copied = true));
      } catch (error) {
        if (this.isClosed) break;
        attempt = copied ? 0 : attempt + 1;
        await this.afterFailure(error, attempt);
      }
    }
    this.state = { isCopying: false, isCaughtUp: false };
    await this.leases.release(LEASE).catch(() => undefined);
  }

  private pause(milliseconds: number): Promise<void> {
    return sleep(milliseconds, undefined, { signal: this.abort.signal }).catch(() => undefined);
  }

  private async afterFailure(error: unknown, attempt: number): Promise<void> {
    const { code, message } = error as { code?: string; message: string };
    const stops = code === 'CF001' || code === '23505' || error instanceof ForeignEventError;
    this.state = {
      isCopying: false,
      isCaughtUp: false,
      ...(stops ? { failure: message } : {}),
    };
    // A cut is nothing to tell of until it lasts.
    if (stops || attempt === 5) {
      this.options.log?.({ message: 'the log is not copied from KurrentDB', error });
    }
    await this.pause(stops ? 30_000 : pauseBefore(attempt));
  }

  /** Copies until the subscription ends, the lease is lost or the process closes. */
  private async follow(fence: string, copied: () => void): Promise<void> {
    const { server, database } = this.options;
    let at = await copiedTo(database);
    let saved = at;
    let savedAt = performance.now();
    // No event of the server tells when this is reached.
    const end = await server.newest();
    const reached = () => !end || !isBefore(at, end.at);
    const subscription = new Subscription(server, at.commit > 0n ? at : undefined, BATCH);
    const renewed = this.renewing(subscription, fence);
    try {
      for (let quiet = performance.now(), helped = quiet; ;) {
        // However much there is to copy: what was left half-way must not stay so.
        if (performance.now() - helped > QUIET_MS) {
          await this.carryOutLeft();
          helped = performance.now();
        }
        this.state = { isCopying: true, isCaughtUp: reached() };
        const { events, passed } = subscription.take(BATCH, BATCH_CHARACTERS);
        const read = events.map((event) => this.read(event));
        if (read.length > 0) at = read.at(-1)!.at;
        if (passed && isBefore(at, passed)) at = passed;
        const isDue = performance.now() - savedAt > IDLE_CHECKPOINT_MS;
        if (read.length > 0 || (isDue && isBefore(saved, at))) {
          await this.write(fence, at, read);
          saved = at;
          savedAt = performance.now();
          if (read.length > 0) copied();
          this.added += read.length;
          if (read.length > 0) this.options.copied?.();
          quiet = savedAt;
          continue;
        }
        if (subscription.failure) throw subscription.failure;
        if (this.isClosed) return;
        await subscription.more(IDLE_CHECKPOINT_MS);
        if (performance.now() - quiet > QUIET_MS) {
          await this.checkQuiet(at);
          quiet = performance.now();
        }
      }
    } finally {
      clearInterval(renewed);
      await subscription.close();
    }
  }

  private read(event: ServerEvent): ReadEvent {
    return readEvent(this.options.server.names, this.options.epoch, event);
  }

  /** A subscription may be dead without having ended. */
  private async checkQuiet(at: ServerPosition): Promise<void> {
    const { server } = this.options;
    const newest = await server.newest();
    if (newest && isBefore(at, newest.at)) {
      const missed = await server.all({ ...placeAfter(at), limit: 1 });
      const isOld = missed[0] && Date.now() - missed[0].created.getTime() > QUIET_MS;
      if (isOld) throw new Error('the subscription does not bring what the server holds');
    }
  }

  private async carryOutLeft(): Promise<void> {
    const { appends } = this.options;
    for (const claim of (await appends?.claims.left(LEFT_SECONDS)) ?? []) {
      // One that cannot be carried out must not keep the others from being copied.
      await appends!.appender.carryOut(claim, 'projector').catch((error: unknown) => {
        const message = `command ${claim.commandId} was left while it was being appended`;
        this.options.log?.({ message, error });
      });
    }
  }

  /** Keeps the lease; without it the subscription ends. */
  private renewing(subscription: Subscription, fence: string): NodeJS.Timeout {
    return setInterval(() => {
      this.leases.acquire(LEASE).then(
        (lease) => {
          if (lease?.fence !== fence)
            subscription.fail(new Error('another process copies the log'));
        },
        // The fence refuses what is written should another have taken over meanwhile.
        () => undefined,
      );
    }, this.leases.renewEvery);
  }

  private async write(
    fence: string,
    at: ServerPosition,
    events: readonly ReadEvent[],
  ): Promise<void> {
    const column = <T>(pick: (event: ReadEvent) => T) => events.map(pick);
    await this.options.database.pool('projector').query({
      ...this.options.database.named('es_copy'),
      text: `SELECT es_copy($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
        $17, $18, $19, $20, $21, $22)`,
      values: [
        fence,
        String(at.commit),
        String(at.prepare),
        column(({ tenantId }) => tenantId),
        column(({ streamId }) => streamId),
        column(({ version }) => version),
        column((event) => String(event.at.commit)),
        column((event) => String(event.at.prepare)),
        column(({ tenantId, streamId }) => shardOf(tenantId, streamId)),
        column(({ eventId }) => eventId),
        column(({ commandId }) => commandId),
        column(({ type }) => type),
        column(({ schemaVersion }) => schemaVersion),
        column(({ data }) => data),
        column(({ meta }) => meta),
        column(({ keyId }) => keyId),
        column(({ prevHash }) => prevHash),
        column(({ hash }) => hash),
        column(({ occurredAt }) => occurredAt.getTime()),
        column(({ recordedAt }) => recordedAt.getTime()),
        column(({ requestHash }) => requestHash),
        column(({ result }) => result),
      ],
    });
  }
}
