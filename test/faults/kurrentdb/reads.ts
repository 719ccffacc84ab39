import type { ServerWritableStream } from '@grpc/grpc-js';
import { once } from 'node:events';
import { grpcError, type FailureContext, type FailureKind } from './errors.js';
import type { FakeOptions } from './fake-kurrentdb.js';
import type { Faults } from './faults.js';
import type { FakeLog, LogRecord } from './log.js';
import {
  caughtUpMessage,
  checkpointMessage,
  confirmationMessage,
  eventMessage,
  notFoundMessage,
  streamOf,
  type MessageOptions,
} from './messages.js';
import { streams, type ReadReq, type ReadResp } from './protocol.js';

type ReadOptions = ReadReq.Options;
type Call = ServerWritableStream<ReadReq, ReadResp>;
type End = FailureKind | 'end';

/** Records a filtered subscription looks at between two checkpoints, times what the client asks. */
const DEFAULT_WINDOW = 32;

/** A subscription that is open. */
interface Following {
  end(how: End): void;
  /** Stays open and brings nothing more. */
  silent: boolean;
}

export interface ReadSetting extends MessageOptions, Pick<FakeOptions, 'nothingBeyondEnd'> {
  readonly log: FakeLog;
  readonly faults: Faults;
  readonly saysCaughtUp: boolean;
  readonly context: (stream: string) => FailureContext;
}

/** Pages of streams and of the whole log, and subscriptions that go on with what is appended. */
export class Reads {
  private readonly subscriptions = new Set<Following>();
  /** Pages that are being sent. */
  pages = 0;
  /** The largest number of events that a page was asked for. */
  largestPage = 0n;

  /** How many records of the log the newest subscription passes over. */
  subscribedAfter = 0;

  constructor(private readonly setting: ReadSetting) {}

  get open(): number {
    return this.subscriptions.size;
  }

  drop(how: End): void {
    for (const one of [...this.subscriptions]) one.end(how);
  }

  silence(): void {
    for (const one of this.subscriptions) one.silent = true;
  }

  readonly handle = (call: Call): void => {
    const gone = new AbortController();
    for (const event of ['cancelled', 'close', 'error']) call.on(event, () => gone.abort());
    this.answer(call, gone.signal).catch((error: unknown) => {
      if (!gone.signal.aborted) call.emit('error', error);
    });
  };

  private async answer(call: Call, gone: AbortSignal): Promise<void> {
    const { faults, context } = this.setting;
    const options = call.request.getOptions()!;
    const method = options.hasSubscription() ? 'subscribe' : 'read';
    const failure = faults.take(method);
    await faults.wait(method);
    const stream = streamOf(options.getStream()?.getStreamIdentifier());
    if (failure) throw grpcError(failure.kind, context(stream || '$all'));
    if (method === 'subscribe') {
      await this.follow(call, options, stream, gone);
    } else {
      this.pages += 1;
      const count = BigInt(options.getCount());
      if (count > this.largestPage) this.largestPage = count;
      await this.page(call, options, stream, gone).finally(() => (this.pages -= 1));
    }
    call.end();
  }

  private async page(call: Call, options: ReadOptions, stream: string, gone: AbortSignal) {
    const { log, context } = this.setting;
    const backwards =
      options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
    if (options.hasStream()) {
      const actual = log.actual(stream);
      if (actual === 'tombstoned') throw grpcError('StreamDeleted', context(stream));
      if (typeof actual !== 'bigint') return send(call, notFoundMessage(stream), gone);
    }
    const found = options.hasStream()
      ? ofStream(log.visible(stream), options.getStream()!, backwards, this.setting)
      : ofAll(log, options, backwards);
    let left = BigInt(options.getCount());
    for (const record of found) {
      if (left <= 0n) break;
      left -= 1n;
      await this.sendEvent(call, record, gone);
    }
  }

  private async follow(call: Call, options: ReadOptions, stream: string, gone: AbortSignal) {
    const { log, saysCaughtUp, context } = this.setting;
    const ended = Promise.withResolvers<End>();
    let how: End | undefined;
    const end = (given: End) => {
      how = given;
      ended.resolve(given);
    };
    gone.addEventListener('abort', () => end('end'));
    const own: Following = { end, silent: false };
    this.subscriptions.add(own);
    try {
      const matches = options.hasStream() ? behind(stream, options.getStream()!) : filter(options);
      const interval = checkpointInterval(options);
      // Decided before anything is sent: what is appended from now on is the subscriber's.
      let next = firstOf(log, options);
      this.subscribedAfter = next;
      let [looked, caughtUp] = [0, false];
      await send(call, confirmationMessage(), gone);
      while (!how) {
        for (; next < log.all.length && !how && !own.silent; next++) {
          const record = log.all[next]!;
          if (matches(record)) await this.sendEvent(call, record, gone);
          looked += 1;
          if (looked % interval === 0) await send(call, checkpointMessage(record), gone);
        }
        if (!caughtUp && saysCaughtUp) await send(call, caughtUpMessage(), gone);
        caughtUp = true;
        if (next === log.all.length || own.silent)
          await Promise.race([log.changed(), ended.promise]);
      }
    } finally {
      this.subscriptions.delete(own);
    }
    if (how !== 'end') throw grpcError(how, context('$all'));
  }

  private async sendEvent(call: Call, record: LogRecord, gone: AbortSignal): Promise<void> {
    const asked = call.request.getOptions()!.getUuidOption()?.hasStructured() ?? false;
    await send(call, eventMessage(record, this.setting.structuredUuids ?? asked), gone);
    this.setting.faults.sent();
  }
}

// A reader who is slower than the log holds its sending back.
async function send(call: Call, message: ReadResp, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!call.write(message)) await once(call, 'drain', { signal });
}

function* ofStream(
  records: readonly LogRecord[],
  options: ReadReq.Options.StreamOptions,
  backwards: boolean,
  { nothingBeyondEnd = false }: Pick<ReadSetting, 'nothingBeyondEnd'>,
): Generator<LogRecord> {
  const first = records[0]?.revision ?? 0n;
  const last = first + BigInt(records.length) - 1n;
  const asked = options.hasRevision() ? BigInt(options.getRevision()) : undefined;
  if (backwards) {
    const from = asked ?? (options.hasStart() ? first : last);
    if (from > last && nothingBeyondEnd) return;
    const start = from < last ? from : last;
    for (let at = Number(start - first); at >= 0; at--) yield records[at]!;
  } else {
    const from = asked ?? (options.hasEnd() ? last + 1n : first);
    const start = from > first ? from : first;
    for (let at = Number(start - first); at < records.length; at++) yield records[at]!;
  }
}

// Forwards a position is the first to be read, backwards the first that is not.
function* ofAll(log: FakeLog, options: ReadOptions, backwards: boolean): Generator<LogRecord> {
  const matches = filter(options);
  const all = options.getAll()!;
  const position = all.getPosition();
  const before = position
    ? log.before({
        commit: BigInt(position.getCommitPosition()),
        prepare: BigInt(position.getPreparePosition()),
      })
    : all.hasEnd()
      ? log.all.length
      : 0;
  if (backwards) {
    for (let at = before - 1; at >= 0; at--) if (matches(log.all[at]!)) yield log.all[at]!;
  } else {
    for (let at = before; at < log.all.length; at++) if (matches(log.all[at]!)) yield log.all[at]!;
  }
}

// A subscription begins behind the place it names.
function firstOf(log: FakeLog, options: ReadOptions): number {
  const all = options.getAll();
  const position = all?.getPosition();
  if (position) {
    const commit = BigInt(position.getCommitPosition());
    return log.before({ commit, prepare: BigInt(position.getPreparePosition()) + 1n });
  }
  return (all?.hasEnd() ?? options.getStream()!.hasEnd()) ? log.all.length : 0;
}

function behind(stream: string, options: ReadReq.Options.StreamOptions) {
  const after = options.hasRevision() ? BigInt(options.getRevision()) : -1n;
  return (record: LogRecord) => record.stream === stream && record.revision > after;
}

function filter(options: ReadOptions): (record: LogRecord) => boolean {
  const found = options.getFilter();
  if (!found) return () => true;
  const onType = found.hasEventType();
  const expression = (onType ? found.getEventType() : found.getStreamIdentifier())!;
  const subject = ({ type, stream }: LogRecord) => (onType ? type : stream);
  const pattern = expression.getRegex();
  if (pattern) {
    const regex = new RegExp(pattern);
    return (record) => regex.test(subject(record));
  }
  const prefixes = expression.getPrefixList();
  return (record) => prefixes.some((prefix) => subject(record).startsWith(prefix));
}

function checkpointInterval(options: ReadOptions): number {
  const found = options.getFilter();
  if (!found) return Infinity;
  return (found.getMax() || DEFAULT_WINDOW) * Math.max(1, found.getCheckpointintervalmultiplier());
}
