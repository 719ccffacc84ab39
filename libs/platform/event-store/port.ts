/** The event log as everything above it sees it; every adapter passes the same contract suite. */

/** Exact version, or a condition. `any` is for the store's own tools, never for commands. */
export type ExpectedRevision = number | 'exists' | 'none' | 'any';

/** An event ready for the log: canonical JSON text, personal fields already sealed. */
export interface NewEvent {
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: string;
  readonly meta: string;
  /** `<subject>:<key version>` when data holds a sealed box. */
  readonly keyId?: string;
  /** When it happened, if earlier than now (imported history). */
  readonly occurredAt?: Date;
}

/** Events for one stream; without events it only checks the expectation. */
export interface StreamAppend {
  readonly streamId: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly NewEvent[];
}

/** A data subject's new key, stored in the same transaction as the first event it seals. */
export interface NewSubjectKey {
  readonly subjectId: string;
  readonly version: number;
  /** Key wrapped by the tenant's key, base64. */
  readonly wrapped: string;
}

export interface AppendRequest {
  readonly tenantId: string;
  readonly commandId: string;
  /** HMAC of the request under the tenant's key, hex: the same id with another payload is refused. */
  readonly requestHash: string;
  /** At most 64. */
  readonly streams: readonly StreamAppend[];
  /** JSON text kept with the command id and returned to every retry. */
  readonly result: string;
  readonly keys?: readonly NewSubjectKey[];
}

/** What a command id was answered with. */
export interface StoredResult {
  readonly requestHash: string;
  readonly result: string;
  readonly position: string;
}

export type AppendOutcome =
  | { readonly status: 'appended'; readonly position: string }
  | { readonly status: 'duplicate'; readonly stored: StoredResult }
  | { readonly status: 'reused' }
  | { readonly status: 'conflict'; readonly streamId: string; readonly actual: number }
  | { readonly status: 'keyConflict'; readonly subjectId: string }
  | { readonly status: 'closed'; readonly streamId: string; readonly as: Closed };

/**
 * A closed stream takes no more events and is read as before. An archived one can be opened again,
 * a tombstone is for ever; its hash chain ends there.
 */
export type Closed = 'archived' | 'tombstoned';

export interface StoredEvent {
  readonly tenantId: string;
  readonly streamId: string;
  readonly version: number;
  readonly position: string;
  readonly eventId: string;
  readonly commandId: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: string;
  readonly meta: string;
  readonly keyId: string | null;
  readonly prevHash: string;
  readonly hash: string;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
}

export interface Snapshot {
  readonly version: number;
  /** State version and schema hash; another value makes the snapshot stale. */
  readonly stateKey: string;
  /** Encrypted state. */
  readonly state: string;
}

export interface Loaded {
  readonly stored?: StoredResult;
  readonly snapshot?: Snapshot;
  /** Events after the snapshot, oldest first. */
  readonly events: readonly StoredEvent[];
}

export interface FeedOptions {
  readonly after: string;
  /** Events in a page; with `categories`, `types` or `shards`, events looked at. */
  readonly limit: number;
  readonly tenantId?: string;
  /** Only streams of these categories. */
  readonly categories?: readonly string[];
  /** Only events of these shards. */
  readonly shards?: readonly number[];
  /** Only events of these types. */
  readonly types?: readonly string[];
}

export interface FeedPage {
  readonly events: readonly StoredEvent[];
  /** Where to go on, beyond what was looked at and did not match; the input when nothing came. */
  readonly position: string;
  /** No further committed event was visible below the horizon. */
  readonly caughtUp: boolean;
}

export interface EventStore {
  /** Appends atomically; a conflict is an outcome, not an exception. */
  append(request: AppendRequest): Promise<AppendOutcome>;
  /** Stored command result, snapshot and tail in one round trip. */
  load(
    tenantId: string,
    streamId: string,
    options?: {
      readonly commandId?: string;
      readonly stateKey?: string;
      /** Takes what a copy has while the log itself does not answer; never for a command. */
      readonly orCopy?: boolean;
    },
  ): Promise<Loaded>;
  readStream(
    tenantId: string,
    streamId: string,
    options?: {
      /** First version read; forward from 1, backward from the end when left out. */
      readonly from?: number;
      readonly limit?: number;
      readonly direction?: 'forward' | 'backward';
    },
  ): Promise<readonly StoredEvent[]>;
  /** All committed events after a position, in feed order; never skips one that commits later. */
  readFeed(options: FeedOptions): Promise<FeedPage>;
  /** Position of the last event below the horizon. */
  head(): Promise<string>;
  /**
   * Position of the newest event committed by now, once the feed shows it. A transaction that any
   * database of the server holds open delays the feed, never a commit.
   */
  settled(): Promise<string>;
  saveSnapshot(tenantId: string, streamId: string, snapshot: Snapshot): Promise<void>;
  /** Closes a stream, opens an archived one again with `null`; says what the stream is now. */
  closeStream(
    tenantId: string,
    streamId: string,
    as: Closed | null,
  ): Promise<Closed | 'open' | 'absent'>;
  close(): Promise<void>;
}

/** Before the first event. */
export const START = '0.0.0.0';
export const MAX_STREAMS = 64;
export const MAX_EVENT_BYTES = 1024 * 1024;
export const SHARDS = 64;

/** Epoch, transaction, sequence and shard of a feed position. */
export interface PositionParts {
  readonly epoch: bigint;
  readonly xid: bigint;
  readonly pos: bigint;
  readonly shard: number;
}

export function parsePosition(position: string): PositionParts {
  const parts = /^(\d{1,9})\.(\d{1,19})\.(\d{1,19})\.(\d{1,2})$/.exec(position);
  if (!parts) throw new RangeError(`not a feed position: ${position}`);
  return {
    epoch: BigInt(parts[1]!),
    xid: BigInt(parts[2]!),
    pos: BigInt(parts[3]!),
    shard: Number(parts[4]),
  };
}

/** Order in the feed: negative when a comes first. Positions are never compared as text. */
export function comparePositions(a: string, b: string): number {
  const left = parsePosition(a);
  const right = parsePosition(b);
  for (const key of ['epoch', 'xid', 'pos'] as const) {
    if (left[key] !== right[key]) return left[key] < right[key] ? -1 : 1;
  }
  return 0;
}

/** The stream's category: everything before the first dash. */
export function categoryOf(stream: string): string {
  return stream.slice(0, stream.indexOf('-'));
}

/** An append broke a limit of the store; the message names it. */
export class AppendLimitError extends Error {}

/** Refuses what no adapter may store. */
export function checkLimits(request: AppendRequest): void {
  if (request.streams.length > MAX_STREAMS) {
    throw new AppendLimitError(
      `An append may touch at most ${MAX_STREAMS} streams, not ${request.streams.length}.`,
    );
  }
  const seen = new Set<string>();
  for (const { streamId, expected, events } of request.streams) {
    if (typeof expected === 'number' && !(Number.isSafeInteger(expected) && expected >= 0)) {
      throw new AppendLimitError(`Not a revision: ${expected}`);
    }
    if (seen.has(streamId)) {
      throw new AppendLimitError(`An append may name a stream once; ${streamId} comes twice.`);
    }
    seen.add(streamId);
    for (const event of events) {
      const bytes = Buffer.byteLength(event.data) + Buffer.byteLength(event.meta);
      if (bytes > MAX_EVENT_BYTES) {
        throw new AppendLimitError(
          `An event may hold at most ${MAX_EVENT_BYTES} bytes; ${event.type} has ${bytes}.`,
        );
      }
    }
    if (!/^[a-z][a-z0-9_]*-[0-9a-z-]{1,100}$/.test(streamId)) {
      throw new AppendLimitError(`Not a stream name: ${streamId}`);
    }
  }
}
