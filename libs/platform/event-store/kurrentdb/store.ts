import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../postgres/database.js';
import {
  checkLimits,
  START,
  type AppendOutcome,
  type AppendRequest,
  type Closed,
  type EventStore,
  type Loaded,
  type StoredEvent,
} from '../port.js';
import { PostgresEventStore } from '../postgres-store.js';
import { Appender } from './appender.js';
import { Claims, isWritten } from './claims.js';
import { LogRefusedError, LogUnavailableError, within } from './errors.js';
import { isBefore, storedEvent, type ReadEvent, type ServerPosition } from './records.js';
import type { KurrentDbServer } from './server.js';

const POLL_MS = 5;
const COPIED_MS = 60_000;
const CLOSED_MS = 30_000;
const ALL = 100_000;
/** Milliseconds a reader that may take the copy waits for the server, and then does not ask it. */
const PATIENCE_MS = 1_000;
const AWAY_MS = 5_000;

/** How far the copy of the log has come. */
export async function copiedTo(database: Database): Promise<ServerPosition> {
  const { rows } = await database
    .pool('feed')
    .query<{ xid: string; pos: string }>('SELECT xid::text AS xid, pos FROM es_log');
  return { commit: BigInt(rows[0]!.xid), prepare: BigInt(rows[0]!.pos) };
}

/** Waits until something is so. Throws {@link LogUnavailableError} when it takes too long. */
async function until(
  milliseconds: number,
  isSo: () => Promise<boolean>,
  what: string,
): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!(await isSo())) {
    if (performance.now() > end) throw new LogUnavailableError(what);
    await sleep(POLL_MS);
  }
}

const truncated = (name: string, gone: number) =>
  new LogRefusedError(
    `${name} was truncated on the KurrentDB server: revision ${gone} is gone; ` +
      'restore it from a backup.',
  );

/** What is left of a stream is no history of it. Throws {@link LogRefusedError}. */
function mustBeAt(name: string, event: ReadEvent | undefined, version: number): void {
  if (event && event.version !== version) throw truncated(name, event.version - 1);
}

/**
 * The log in EventStoreDB 22.10 or newer, or KurrentDB. The server holds the truth: it is appended
 * to, and it has the last word when a stream is read. PostgreSQL keeps a copy in commit order, from
 * which the feed and all that asks by SQL is served, and what is no event: keys, snapshots, results.
 */
export class KurrentDbEventStore extends PostgresEventStore {
  readonly appender: Appender;
  readonly claims: Claims;
  /** Until when readers that may take the copy do so. */
  private awayUntil = 0;

  /** @param epoch the epoch that positions of copied events carry */
  constructor(
    private readonly log: Database,
    readonly server: KurrentDbServer,
    readonly epoch: number,
    clock: () => number = Date.now,
  ) {
    super(log);
    this.claims = new Claims(log);
    this.appender = new Appender(server, this.claims, epoch, clock);
  }

  override async append(request: AppendRequest): Promise<AppendOutcome> {
    checkLimits(request);
    return this.appender.append(request);
  }

  /** What the copy has comes with snapshot and result in one round trip, the rest from the server. */
  override async load(
    tenantId: string,
    streamId: string,
    options: Parameters<EventStore['load']>[2] = {},
  ): Promise<Loaded> {
    const loaded = await super.load(tenantId, streamId, options);
    const known = loaded.events.at(-1)?.version ?? loaded.snapshot?.version ?? 0;
    const name = this.server.names.of(tenantId, streamId);
    const rest = await this.after(name, known, options.orCopy);
    return rest.length === 0
      ? loaded
      : { ...loaded, events: [...loaded.events, ...rest.map(storedEvent)] };
  }

  private async after(name: string, version: number, orCopy = false): Promise<ReadEvent[]> {
    if (orCopy && performance.now() < this.awayUntil) return [];
    const reading = this.forward(name, version + 1, Infinity);
    if (!orCopy) return reading;
    try {
      return await within(reading, PATIENCE_MS, 'answer');
    } catch (error) {
      if (!(error instanceof LogUnavailableError)) throw error;
      this.awayUntil = performance.now() + AWAY_MS;
      return [];
    }
  }

  override async readStream(
    tenantId: string,
    streamId: string,
    options: Parameters<EventStore['readStream']>[2] = {},
  ): Promise<readonly StoredEvent[]> {
    const { from, limit = ALL, direction = 'forward' } = options;
    const name = this.server.names.of(tenantId, streamId);
    const events =
      direction === 'forward'
        ? await this.forward(name, from ?? 1, limit)
        : await this.backward(name, from ?? 'end', limit);
    if (events.length === 0) {
      const [copied] = await super.readStream(tenantId, streamId, { ...options, limit: 1 });
      if (copied) throw truncated(name, copied.version);
    }
    return events.map(storedEvent);
  }

  private async forward(name: string, from: number, limit: number): Promise<ReadEvent[]> {
    const events = await this.server.forward(name, from, limit, this.epoch);
    mustBeAt(name, events[0], from);
    return events;
  }

  private async backward(name: string, from: number | 'end', limit: number): Promise<ReadEvent[]> {
    const events = await this.server.backward(name, from, limit, this.epoch);
    if (events.length < limit) mustBeAt(name, events.at(-1), 1);
    return events;
  }

  override async readStreams(
    tenantId: string,
    streamIds: readonly string[],
  ): Promise<readonly StoredEvent[]> {
    if (streamIds.length === 0) return [];
    await this.settled();
    return super.readStreams(tenantId, streamIds);
  }

  /** What the server holds by now, once the copy has it. */
  override async settled(): Promise<string> {
    const newest = await this.server.newest();
    if (!newest) return START;
    await until(
      COPIED_MS,
      async () => !isBefore(await copiedTo(this.log), newest.at),
      'The copy of the log has not caught up with KurrentDB for a minute.',
    );
    return super.head();
  }

  /**
   * A closed stream is read as before, so nothing is deleted on the server: the claims of appends
   * are refused, and a note beside the stream tells who looks there.
   */
  override async closeStream(
    tenantId: string,
    streamId: string,
    as: Closed | null,
  ): Promise<Closed | 'open' | 'absent'> {
    const name = this.server.names.of(tenantId, streamId);
    if (!(await this.server.last(name, this.epoch))) return 'absent';
    const now = async (): Promise<Closed | 'open' | undefined> => {
      const closed = await super.closeStream(tenantId, streamId, as);
      return closed === 'absent' ? undefined : closed;
    };
    let closed = await now();
    await until(
      CLOSED_MS,
      async () => (closed ??= await now()) !== undefined,
      'The copy of the log does not have the stream yet; try again shortly.',
    );
    // What was claimed before the stream was closed is still appended.
    await until(
      CLOSED_MS,
      async () =>
        !(await this.log.tenant(tenantId, (query) => isWritten(query, tenantId, streamId))),
      'The stream is closed; a command that began before is still being appended.',
    );
    await this.server.note(name, { closed: closed! });
    return closed!;
  }
}
