import {
  status,
  type sendUnaryData,
  type ServerReadableStream,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import { answer, AppendFailure, store, type AppendSetting } from './appends.js';
import { GrpcError, versionOf } from './errors.js';
import type { Actual, Expectation, Expected, Mismatch, NewRecord, Written } from './log.js';
import {
  Any,
  Status,
  transactionErrors,
  transactions,
  type AppendRecord,
  type AppendRecordsRequest,
  type AppendRecordsResponse,
  type AppendRequest,
  type AppendSessionResponse,
} from './protocol.js';

type Details = { serializeBinary(): Uint8Array };

/** Appends to several streams at once, as servers from 25.1 and 26.1 on know them. */
export class Transactions {
  constructor(private readonly setting: AppendSetting) {}

  readonly appendSession = (
    call: ServerReadableStream<AppendRequest, AppendSessionResponse>,
    reply: sendUnaryData<AppendSessionResponse>,
  ): void => {
    const requests: AppendRequest[] = [];
    call.on('data', (request: AppendRequest) => requests.push(request));
    call.on('end', () => answer(reply, () => this.session(requests)));
  };

  readonly appendRecords = (
    call: ServerUnaryCall<AppendRecordsRequest, AppendRecordsResponse>,
    reply: sendUnaryData<AppendRecordsResponse>,
  ): void => answer(reply, () => this.records(call.request));

  private async session(requests: readonly AppendRequest[]): Promise<AppendSessionResponse> {
    const names = requests.map((one) => one.getStream());
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice) throw invalid(`Stream '${twice}' is already part of this append session.`);
    const expectations = requests.map((one): Expectation => ({
      stream: one.getStream(),
      expected: one.hasExpectedRevision() ? expectedOf(one.getExpectedRevision()!) : 'any',
    }));
    const records = requests.flatMap((one) => {
      const own = one.getRecordsList().map((record) => newRecord(one.getStream(), record));
      if (own.length === 0) throw invalid('A stream append request must contain a record.');
      return own;
    });
    if (records.length === 0) throw invalid('An append session must contain a request.');
    const written = await this.store(expectations, records);
    if (written.status === 'refused') throw conflict(written.mismatches[0]!);
    const response = new transactions.AppendSessionResponse();
    written.revisions.forEach((revision, index) => {
      const output = new transactions.AppendResponse().setStream(names[index]!);
      response.addOutput(output.setStreamRevision(String(revision)));
    });
    return response.setPosition(String(written.commit));
  }

  private async records(request: AppendRecordsRequest): Promise<AppendRecordsResponse> {
    const records = request.getRecordsList().map((one) => newRecord(one.getStream(), one));
    if (records.length === 0) throw invalid('An append must contain a record.');
    const checks = request.getChecksList().map((one): Expectation => {
      const check = one.getStreamState()!;
      return { stream: check.getStream(), expected: expectedOf(check.getExpectedState()) };
    });
    const streams = [...new Set(records.map(({ stream }) => stream))];
    const others = checks.filter(({ stream }) => !streams.includes(stream));
    const expectedBy = new Map(checks.map(({ stream, expected }) => [stream, expected]));
    const expectations = [
      ...streams.map((stream) => ({
        stream,
        expected: expectedBy.get(stream) ?? ('any' as const),
      })),
      ...others,
    ];
    const written = await this.store(expectations, records);
    if (written.status === 'refused') throw violation(written.mismatches, checks);
    const response = new transactions.AppendRecordsResponse();
    streams.forEach((stream, index) => {
      const revision = new transactions.StreamRevision().setStream(stream);
      response.addRevisions(revision.setRevision(String(written.revisions[index])));
    });
    return response.setPosition(String(written.commit));
  }

  private async store(
    expectations: readonly Expectation[],
    records: readonly NewRecord[],
  ): Promise<Written> {
    try {
      return await store(this.setting, 'transaction', expectations, records);
    } catch (error) {
      throw error instanceof AppendFailure ? (ofTransaction(error) ?? error) : error;
    }
  }
}

function newRecord(stream: string, message: AppendRecord): NewRecord {
  const { SCHEMA_FORMAT_JSON } = transactions.SchemaFormat;
  const json = message.getSchema()!.getFormat() === SCHEMA_FORMAT_JSON;
  const properties: Record<string, unknown> = {};
  message.getPropertiesMap().forEach((value, name) => {
    properties[name] = value.toJavaScript();
  });
  if (!json) properties['$schema.format'] = 'Bytes';
  const bare = Object.keys(properties).length === 0;
  return {
    stream,
    id: message.getRecordId() ?? crypto.randomUUID(),
    type: message.getSchema()!.getName(),
    json,
    data: message.getData_asU8(),
    metadata: bare ? new Uint8Array() : Buffer.from(JSON.stringify(properties)),
  };
}

function expectedOf(number: string): Expected {
  return (
    ({ '-1': 'no_stream', '-2': 'any', '-4': 'stream_exists' } as const)[number] ?? BigInt(number)
  );
}

const actualNumber = (actual: Actual): string =>
  typeof actual === 'bigint'
    ? String(actual)
    : { no_stream: '-1', deleted: '-10', tombstoned: '-100' }[actual];

function conflict({ stream, expected, actual }: Mismatch): GrpcError {
  if (actual === 'tombstoned') {
    const details = new transactionErrors.StreamTombstonedErrorDetails().setStream(stream);
    return detailed(status.FAILED_PRECONDITION, 'StreamTombstonedErrorDetails', details);
  }
  const details = new transactionErrors.StreamRevisionConflictErrorDetails()
    .setStream(stream)
    .setExpectedRevision(String(versionOf(expected)))
    .setActualRevision(actualNumber(actual));
  return detailed(status.FAILED_PRECONDITION, 'StreamRevisionConflictErrorDetails', details);
}

function violation(mismatches: readonly Mismatch[], checks: readonly Expectation[]): GrpcError {
  const { ConsistencyViolation, AppendConsistencyViolationErrorDetails } = transactionErrors;
  const details = new AppendConsistencyViolationErrorDetails();
  for (const { stream, expected, actual } of mismatches) {
    const state = new ConsistencyViolation.StreamStateViolation()
      .setStream(stream)
      .setExpectedState(String(versionOf(expected)))
      .setActualState(actualNumber(actual));
    const index = checks.findIndex((check) => check.stream === stream);
    details.addViolations(
      new ConsistencyViolation().setCheckIndex(Math.max(0, index)).setStreamState(state),
    );
  }
  return detailed(status.FAILED_PRECONDITION, 'AppendConsistencyViolationErrorDetails', details);
}

/** What this protocol says instead of an error of the older one. */
function ofTransaction({ kind, context }: AppendFailure): GrpcError | undefined {
  const { stream, expected = 'any', actual = 'no_stream', maxAppendSize } = context;
  switch (kind) {
    case 'WrongExpectedVersion':
      return conflict({ stream, expected, actual, index: 0 });
    case 'StreamDeleted':
      return conflict({ stream, expected, actual: 'tombstoned', index: 0 });
    case 'StreamNotFound': {
      const details = new transactionErrors.StreamNotFoundErrorDetails().setStream(stream);
      return detailed(status.NOT_FOUND, 'StreamNotFoundErrorDetails', details);
    }
    case 'MaximumAppendSizeExceeded': {
      const details = new transactionErrors.AppendTransactionSizeExceededErrorDetails()
        .setSize(maxAppendSize + 1)
        .setMaxSize(maxAppendSize);
      return detailed(status.ABORTED, 'AppendTransactionSizeExceededErrorDetails', details);
    }
    case 'Unavailable':
    case 'DeadlineExceeded':
    case 'NotLeader':
    case 'AccessDenied':
    case 'Unknown':
      return undefined;
  }
}

function detailed(code: status, name: string, message: Details): GrpcError {
  const details = new Any();
  details.pack(message.serializeBinary(), `kurrentdb.protocol.v2.streams.errors.${name}`);
  const error = new GrpcError(code, name);
  const full = new Status().setMessage(name).setDetails(details).serializeBinary();
  error.metadata.set('grpc-status-details-bin', Buffer.from(full));
  return error;
}

const invalid = (message: string) => new GrpcError(status.INVALID_ARGUMENT, message);
