import type {
  sendUnaryData,
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
} from '@grpc/grpc-js';
import {
  batchStatus,
  GrpcError,
  grpcError,
  type FailureContext,
  type FailureKind,
} from './errors.js';
import type { Faults, Method } from './faults.js';
import type { Actual, Expectation, Expected, FakeLog, NewRecord, Written } from './log.js';
import { empty, identifier, newRecord, sizeOf, streamOf, type MessageOptions } from './messages.js';
import {
  GoogleEmpty,
  shared,
  streams,
  type AppendReq,
  type AppendResp,
  type BatchAppendReq,
  type BatchAppendResp,
  type DeleteReq,
  type DeleteResp,
  type TombstoneReq,
  type TombstoneResp,
} from './protocol.js';

export interface AppendSetting extends MessageOptions {
  readonly log: FakeLog;
  readonly faults: Faults;
  readonly maxAppendSize: number;
  readonly context: (stream: string) => FailureContext;
}

/** An append that fails with one of the errors a client knows. */
export class AppendFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    readonly context: FailureContext,
  ) {
    super(kind);
  }
}

/** The answer is lost with its connection. */
class Disconnected extends Error {}

/** Stores records as ordered faults allow; every kind of append comes through here. */
export async function store(
  { log, faults, maxAppendSize, context }: AppendSetting,
  method: Method,
  expectations: readonly Expectation[],
  records: readonly NewRecord[],
): Promise<Written> {
  const failure = faults.take(method);
  const [{ stream, expected }] = expectations as [Expectation];
  const fail = (kind: FailureKind) =>
    new AppendFailure(kind, { ...context(stream), expected, actual: log.actual(stream) });
  if (failure && !failure.stored) throw fail(failure.kind);
  if (sizeOf(records) > maxAppendSize) throw fail('MaximumAppendSizeExceeded');
  const written = log.append(expectations, records);
  const cut = faults.stored();
  await faults.wait(method);
  if (cut) throw new Disconnected();
  if (failure) throw fail(failure.kind);
  return written;
}

/** A call's error as gRPC sends it; nothing for one whose connection is gone. */
export function asGrpcError(error: unknown): GrpcError | undefined {
  if (error instanceof Disconnected) return undefined;
  if (error instanceof AppendFailure) return grpcError(error.kind, error.context);
  if (error instanceof GrpcError) return error;
  throw error;
}

/** Answers one call by a promise. */
export function answer<Response>(
  reply: sendUnaryData<Response>,
  work: () => Promise<Response>,
): void {
  work().then(
    (response) => reply(null, response),
    (error: unknown) => {
      const known = asGrpcError(error);
      if (known) reply(known);
    },
  );
}

/** Appends to one stream, one at a time or many on one connection, and closing of streams. */
export class Appends {
  /** Appends that came with others on one connection. */
  batched = 0;

  constructor(private readonly setting: AppendSetting) {}

  readonly append = (
    call: ServerReadableStream<AppendReq, AppendResp>,
    reply: sendUnaryData<AppendResp>,
  ): void => {
    const messages: AppendReq[] = [];
    call.on('data', (message: AppendReq) => messages.push(message));
    call.on('end', () => answer(reply, () => this.appendAll(messages)));
  };

  readonly batchAppend = (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void => {
    const open = new Map<string, { options: BatchAppendReq.Options; records: NewRecord[] }>();
    call.on('data', (request: BatchAppendReq) => {
      const correlation = request.getCorrelationId()!;
      const id = correlation.getString();
      const begun = open.get(id);
      const options = request.getOptions() ?? begun!.options;
      const records = begun?.records ?? [];
      const stream = streamOf(options.getStreamIdentifier());
      records.push(...request.getProposedMessagesList().map((one) => newRecord(stream, one)));
      open.set(id, { options, records });
      if (!request.getIsFinal()) return;
      open.delete(id);
      this.batched += 1;
      this.batch(stream, expectedOfBatch(options), records).then(
        (response) => call.write(response.setCorrelationId(correlation)),
        (error: unknown) => {
          const known = asGrpcError(error);
          if (known) call.emit('error', known);
        },
      );
    });
    call.on('end', () => call.end());
    call.on('error', () => undefined);
  };

  readonly delete = (
    call: ServerUnaryCall<DeleteReq, DeleteResp>,
    reply: sendUnaryData<DeleteResp>,
  ): void => {
    const options = call.request.getOptions()!;
    answer(reply, async () => {
      const [commit, prepare] = await this.close(options, 'delete');
      const { DeleteResp } = streams;
      const position = new DeleteResp.Position();
      return new DeleteResp().setPosition(
        position.setCommitPosition(commit).setPreparePosition(prepare),
      );
    });
  };

  readonly tombstone = (
    call: ServerUnaryCall<TombstoneReq, TombstoneResp>,
    reply: sendUnaryData<TombstoneResp>,
  ): void => {
    const options = call.request.getOptions()!;
    answer(reply, async () => {
      const [commit, prepare] = await this.close(options, 'tombstone');
      const { TombstoneResp } = streams;
      const position = new TombstoneResp.Position();
      return new TombstoneResp().setPosition(
        position.setCommitPosition(commit).setPreparePosition(prepare),
      );
    });
  };

  private async appendAll([first, ...rest]: readonly AppendReq[]): Promise<AppendResp> {
    const options = first!.getOptions()!;
    const stream = streamOf(options.getStreamIdentifier());
    const records = rest.map((one) => newRecord(stream, one.getProposedMessage()!));
    const expected = expectedOf(options);
    const written = await store(this.setting, 'append', [{ stream, expected }], records);
    const { AppendResp } = streams;
    if (written.status === 'refused') {
      const { actual } = written.mismatches[0]!;
      if (actual === 'tombstoned') throw this.failure('StreamDeleted', stream);
      return new AppendResp().setWrongExpectedVersion(this.wrongVersion(expected, actual, stream));
    }
    const success = new AppendResp.Success().setCurrentRevision(String(written.revisions[0]));
    if (this.setting.noPositions) success.setNoPosition(empty());
    else {
      const position = new AppendResp.Position()
        .setCommitPosition(String(written.commit))
        .setPreparePosition(String(written.prepare));
      success.setPosition(position);
    }
    return new AppendResp().setSuccess(success);
  }

  private async batch(stream: string, expected: Expected, records: readonly NewRecord[]) {
    const response = new streams.BatchAppendResp().setStreamIdentifier(identifier(stream));
    const refuse = (kind: FailureKind, context: FailureContext) => {
      const error = batchStatus(kind, context);
      if (!error) throw grpcError(kind, context);
      return response.setError(error);
    };
    try {
      const written = await store(this.setting, 'append', [{ stream, expected }], records);
      if (written.status === 'refused') {
        const { actual } = written.mismatches[0]!;
        const kind = actual === 'tombstoned' ? 'StreamDeleted' : 'WrongExpectedVersion';
        return refuse(kind, {
          ...this.setting.context(stream),
          expected,
          actual: this.seen(stream),
        });
      }
      const success = new streams.BatchAppendResp.Success();
      success.setCurrentRevision(String(written.revisions[0]));
      if (this.setting.noPositions) success.setNoPosition(new GoogleEmpty());
      else {
        const position = new shared.AllStreamPosition()
          .setCommitPosition(String(written.commit))
          .setPreparePosition(String(written.prepare));
        success.setPosition(position);
      }
      return response.setSuccess(success);
    } catch (error) {
      if (error instanceof AppendFailure) return refuse(error.kind, error.context);
      throw error;
    }
  }

  private async close(
    options: DeleteReq.Options | TombstoneReq.Options,
    how: 'delete' | 'tombstone',
  ): Promise<[string, string]> {
    const { log, faults } = this.setting;
    const stream = streamOf(options.getStreamIdentifier());
    const failure = faults.take('delete');
    if (failure && !failure.stored) throw this.failure(failure.kind, stream);
    const written = log[how](stream, expectedOf(options));
    await faults.wait('delete');
    if (failure) throw this.failure(failure.kind, stream);
    if (written.status === 'written') return [String(written.commit), String(written.prepare)];
    const { actual, expected } = written.mismatches[0]!;
    const kind = actual === 'tombstoned' ? 'StreamDeleted' : 'WrongExpectedVersion';
    throw new AppendFailure(kind, { ...this.setting.context(stream), expected, actual });
  }

  private failure(kind: FailureKind, stream: string): AppendFailure {
    return new AppendFailure(kind, this.setting.context(stream));
  }

  /** What a refusal tells of the stream: a deleted one still has its last revision. */
  private seen(stream: string): Actual {
    const last = this.setting.log.lastRevision(stream);
    return last < 0n ? 'no_stream' : last;
  }

  private wrongVersion(expected: Expected, actual: Actual, stream: string) {
    const message = new streams.AppendResp.WrongExpectedVersion();
    const seen = typeof actual === 'bigint' ? actual : this.seen(stream);
    if (typeof seen === 'bigint') message.setCurrentRevision(String(seen));
    else message.setCurrentNoStream(empty());
    if (typeof expected === 'bigint') message.setExpectedRevision(String(expected));
    if (expected === 'any') message.setExpectedAny(empty());
    if (expected === 'no_stream') message.setExpectedNoStream(empty());
    if (expected === 'stream_exists') message.setExpectedStreamExists(empty());
    return message;
  }
}

function expectedOf(
  options: AppendReq.Options | DeleteReq.Options | TombstoneReq.Options,
): Expected {
  if (options.hasRevision()) return BigInt(options.getRevision());
  if (options.hasNoStream()) return 'no_stream';
  return options.hasStreamExists() ? 'stream_exists' : 'any';
}

function expectedOfBatch(options: BatchAppendReq.Options): Expected {
  if (options.hasStreamPosition()) return BigInt(options.getStreamPosition());
  if (options.hasNoStream()) return 'no_stream';
  return options.hasStreamExists() ? 'stream_exists' : 'any';
}
