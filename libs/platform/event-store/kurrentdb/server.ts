import type {
  AllStreamSubscription,
  EventData,
  KurrentDBClient,
  Position,
} from '@kurrent/kurrentdb-client';
import { connected, disposed, hostsOf, type Capabilities } from './client.js';
import { kindOf, persistently, within } from './errors.js';
import { StreamNames } from './names.js';
import {
  readEvent,
  serverPosition,
  type ReadEvent,
  type ServerEvent,
  type ServerPosition,
} from './records.js';

export interface KurrentDbOptions {
  readonly url: string;
  /** Put before the name of every stream. */
  readonly prefix?: string;
  /** Milliseconds a call may take; 5,000 when left out. */
  readonly callMs?: number;
  /** Milliseconds for which a call is tried again; 10,000 when left out. */
  readonly retryMs?: number;
}

/** A revision that a stream must be at: its version, or that it is there. */
export interface StreamCheck {
  readonly name: string;
  readonly expected: number | 'exists';
}

/** Events of one stream, after a version. */
export interface StreamWrite {
  readonly name: string;
  readonly after: number;
  readonly events: readonly EventData[];
}

/** Events asked for at once: nothing is read ahead of what is used. */
const PAGE = 512;

const stateOf = (expected: number | 'exists') =>
  expected === 'exists' ? 'stream_exists' : expected === 0 ? 'no_stream' : BigInt(expected - 1);

/** A KurrentDB or EventStoreDB server or cluster, with our timeouts, retries and numbers. */
export class KurrentDbServer {
  readonly names: StreamNames;
  private closed = false;

  private constructor(
    private readonly client: KurrentDBClient,
    private readonly options: KurrentDbOptions,
    readonly can: Capabilities,
  ) {
    this.names = new StreamNames(options.prefix);
  }

  /**
   * Connects, asks what the server can do and whether we may read it. Throws
   * {@link LogUnavailableError} within ten seconds, or {@link LogRefusedError}.
   */
  static connect(options: KurrentDbOptions): Promise<KurrentDbServer> {
    return connected(options.url, async (client, can) => {
      const server = new KurrentDbServer(client, options, can);
      await server.newest(1_000);
      return server;
    });
  }

  /** Hosts and ports, for messages. */
  get hosts(): string {
    return hostsOf(this.options.url);
  }

  private get callMs(): number {
    return this.options.callMs ?? 5_000;
  }

  /** Retried while the server does not answer: every call is harmless when it is repeated. */
  private call<T>(work: () => Promise<T>, what: string, retryMs = this.options.retryMs ?? 10_000) {
    const once = () => within(work(), this.callMs, what);
    return persistently(retryMs, once, () => this.closed);
  }

  /** A page of a stream; none where there is no such stream. `from` is a version. */
  private async page(
    name: string,
    from: number | 'end',
    direction: 'forwards' | 'backwards',
    limit: number,
    epoch: number,
  ): Promise<ReadEvent[]> {
    try {
      return await this.call(async () => {
        const found: ReadEvent[] = [];
        // To the end: a reader that is left early is not cancelled.
        for await (const { event } of this.client.readStream(name, {
          fromRevision: from === 'end' ? 'end' : BigInt(from - 1),
          direction,
          maxCount: limit,
          requiresLeader: true,
        })) {
          if (event) found.push(readEvent(this.names, epoch, event as ServerEvent));
        }
        return found;
      }, `read ${limit} events`);
    } catch (error) {
      if (kindOf(error) === 'absent') return [];
      throw error;
    }
  }

  /** The last event of a stream. */
  async last(name: string, epoch: number): Promise<ReadEvent | undefined> {
    const [last] = await this.page(name, 'end', 'backwards', 1, epoch);
    return last;
  }

  /** The event of a stream at a version. */
  async at(name: string, version: number, epoch: number): Promise<ReadEvent | undefined> {
    const [event] = await this.page(name, version, 'forwards', 1, epoch);
    return event?.version === version ? event : undefined;
  }

  /** Events from a version on, oldest first. */
  async forward(name: string, from: number, limit: number, epoch: number): Promise<ReadEvent[]> {
    const all: ReadEvent[] = [];
    while (all.length < limit) {
      const count = Math.min(PAGE, limit - all.length);
      const page = await this.page(name, from + all.length, 'forwards', count, epoch);
      all.push(...page);
      if (page.length < count) break;
    }
    return all;
  }

  /** Events from a version, or from the end, back to the first, newest first. */
  async backward(
    name: string,
    from: number | 'end',
    limit: number,
    epoch: number,
  ): Promise<ReadEvent[]> {
    let next = from;
    if (from !== 'end') {
      // From beyond its end a server gives nothing rather than the end.
      const last = await this.last(name, epoch);
      if (!last || last.version <= from) next = 'end';
    }
    const all: ReadEvent[] = [];
    while (all.length < limit && next !== 0) {
      const count = Math.min(PAGE, limit - all.length);
      const page: ReadEvent[] = await this.page(name, next, 'backwards', count, epoch);
      all.push(...page);
      if (page.length < count) break;
      next = all.at(-1)!.version - 1;
    }
    return all;
  }

  /** The newest event of all our streams, for where a reader must come to be caught up. */
  async newest(retryMs?: number): Promise<{ readonly at: ServerPosition } | undefined> {
    const [newest] = await this.all({ direction: 'backwards', limit: 1 }, retryMs);
    return newest;
  }

  /** Events of all our streams after a place, oldest first, or the newest. */
  all(
    {
      after,
      direction = 'forwards',
      limit,
    }: { after?: ServerPosition; direction?: 'forwards' | 'backwards'; limit: number },
    retryMs?: number,
  ): Promise<(ServerEvent & { readonly at: ServerPosition; readonly created: Date })[]> {
    const from = direction === 'forwards' ? ('start' as const) : ('end' as const);
    return this.call(
      async () => {
        const found = [];
        for await (const { event } of this.client.readAll({
          fromPosition: after ?? from,
          direction,
          // A read begins with the event at its place, which the reader has.
          maxCount: after ? limit + 1 : limit,
          filter: this.filter(),
        })) {
          if (!event) continue;
          const at = serverPosition(event.position);
          if (after && at.commit === after.commit && at.prepare === after.prepare) continue;
          found.push({ ...(event as ServerEvent), created: event.created, at });
        }
        return found.slice(0, limit);
      },
      'read the log',
      retryMs,
    );
  }

  private filter(checkpointReached?: (position: ServerPosition) => void) {
    return {
      filterOn: 'streamName' as const,
      regex: this.names.regex,
      checkpointInterval: 8,
      ...(checkpointReached
        ? {
            checkpointReached: (_: AllStreamSubscription, position: Position) =>
              checkpointReached(serverPosition(position)),
          }
        : {}),
    };
  }

  /** Events of all our streams as they come; ends without resuming, so it is supervised. */
  subscribe(
    after: ServerPosition | undefined,
    buffered: number,
    passed: (position: ServerPosition) => void,
  ): AllStreamSubscription {
    return this.client.subscribeToAll(
      { fromPosition: after ?? 'start', filter: this.filter(passed) },
      { highWaterMark: buffered },
    );
  }

  /**
   * Appends to one stream at an exact version; answers the place of the last event where the server
   * tells. A repetition changes nothing, as the server knows the events by their ids.
   */
  append({ name, after, events }: StreamWrite): Promise<ServerPosition | undefined> {
    return this.call(async () => {
      const streamState = after === 0 ? 'no_stream' : BigInt(after - 1);
      const { position } = await this.client.appendToStream(name, [...events], {
        streamState,
        deadline: this.callMs,
      });
      return position && serverPosition(position);
    }, 'append');
  }

  /** Appends to several streams at once; needs `can.severalStreams`. */
  async appendSeveral(writes: readonly StreamWrite[]): Promise<void> {
    await this.call(
      () =>
        this.client.multiStreamAppend(
          writes.map(({ name, after, events }) => ({
            streamName: name,
            expectedState: stateOf(after),
            events: [...events],
          })),
        ),
      'append',
    );
  }

  /** Appends to several streams if they and others are as expected; needs `can.checks`. */
  async appendChecked(
    writes: readonly StreamWrite[],
    checks: readonly StreamCheck[],
  ): Promise<void> {
    const all = [...writes.map(({ name, after }) => ({ name, expected: after })), ...checks];
    await this.call(
      () =>
        this.client.appendRecords(
          writes.flatMap(({ name, events }) =>
            events.map((record) => ({ streamName: name, record })),
          ),
          all.map(({ name, expected }) => ({
            type: 'stream_state' as const,
            streamName: name,
            expectedState: stateOf(expected),
          })),
        ),
      'append',
    );
  }

  /** Notes beside a stream, for those who look at the server. */
  async note(name: string, values: Readonly<Record<string, string>>): Promise<void> {
    await this.call(() => this.client.setStreamMetadata(name, values), 'note');
  }

  async close(): Promise<void> {
    this.closed = true;
    await disposed(this.client);
  }
}
