import { Metadata, status } from '@grpc/grpc-js';
import type { Actual, Expected } from './log.js';
import { Any, GoogleEmpty, shared, Status } from './protocol.js';

/** What the fake server can be told to answer with, by the names the client gives these errors. */
export type FailureKind =
  | 'Unavailable'
  | 'DeadlineExceeded'
  | 'NotLeader'
  | 'AccessDenied'
  | 'StreamNotFound'
  | 'StreamDeleted'
  | 'MaximumAppendSizeExceeded'
  | 'WrongExpectedVersion'
  | 'Unknown';

/** What an answer with an error needs to know. */
export interface FailureContext {
  readonly stream: string;
  readonly expected?: Expected;
  readonly actual?: Actual;
  readonly maxAppendSize: number;
  /** Where the leader is said to be. */
  readonly leader: { readonly host: string; readonly port: number };
}

/** A gRPC status as the server sends it, with its trailers. */
export class GrpcError extends Error {
  readonly metadata = new Metadata();

  constructor(
    readonly code: status,
    readonly details: string,
    trailers: Readonly<Record<string, string>> = {},
  ) {
    super(details);
    for (const [name, value] of Object.entries(trailers)) this.metadata.set(name, value);
  }
}

/** The status and trailers a real server answers such a failure with. */
export function grpcError(kind: FailureKind, context: FailureContext): GrpcError {
  const { stream, maxAppendSize, leader } = context;
  const named = { 'stream-name': stream };
  switch (kind) {
    case 'Unavailable':
      return new GrpcError(status.UNAVAILABLE, 'Server Is Not Ready');
    case 'DeadlineExceeded':
      return new GrpcError(status.DEADLINE_EXCEEDED, 'Deadline Exceeded');
    case 'NotLeader':
      return new GrpcError(status.NOT_FOUND, 'Leader info available', {
        exception: 'not-leader',
        'leader-endpoint-host': leader.host,
        'leader-endpoint-port': String(leader.port),
      });
    case 'AccessDenied':
      return new GrpcError(status.PERMISSION_DENIED, 'Access Denied', {
        exception: 'access-denied',
      });
    case 'StreamNotFound':
      return new GrpcError(status.NOT_FOUND, `Event stream '${stream}' is not found.`, {
        exception: 'stream-not-found',
        ...named,
      });
    case 'StreamDeleted':
      return new GrpcError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
        exception: 'stream-deleted',
        ...named,
      });
    case 'MaximumAppendSizeExceeded':
      return new GrpcError(
        status.INVALID_ARGUMENT,
        `Maximum Append Size of ${maxAppendSize} Exceeded.`,
        {
          exception: 'maximum-append-size-exceeded',
          'maximum-append-size': String(maxAppendSize),
        },
      );
    case 'WrongExpectedVersion': {
      const { expected = 'any', actual = 'no_stream' } = context;
      return new GrpcError(status.FAILED_PRECONDITION, 'Append failed: WrongExpectedVersion.', {
        exception: 'wrong-expected-version',
        ...named,
        'expected-version': String(versionOf(expected)),
        'actual-version': typeof actual === 'bigint' ? String(actual) : '',
      });
    }
    case 'Unknown':
      return new GrpcError(status.UNKNOWN, 'Unexpected OperationResult: InvalidTransaction');
  }
}

/** The number that stands for an expectation where the protocol knows numbers only. */
export function versionOf(expected: Expected): bigint {
  if (typeof expected === 'bigint') return expected;
  return { no_stream: -1n, any: -2n, stream_exists: -4n }[expected];
}

/** Failures that the batch protocol answers within its stream; the others end the stream. */
export function batchStatus(kind: FailureKind, context: FailureContext) {
  const { stream, expected = 'any', actual = 'no_stream', maxAppendSize } = context;
  const packed = (name: string, bytes: Uint8Array) => {
    const details = new Any();
    details.pack(bytes, `event_store.client.${name}`);
    return new Status().setMessage(name).setDetails(details);
  };
  switch (kind) {
    case 'WrongExpectedVersion': {
      const message = new shared.WrongExpectedVersion();
      if (typeof actual === 'bigint') message.setCurrentStreamRevision(String(actual));
      else message.setCurrentNoStream(new GoogleEmpty());
      if (typeof expected === 'bigint') message.setExpectedStreamPosition(String(expected));
      if (expected === 'any') message.setExpectedAny(new GoogleEmpty());
      if (expected === 'no_stream') message.setExpectedNoStream(new GoogleEmpty());
      if (expected === 'stream_exists') message.setExpectedStreamExists(new GoogleEmpty());
      return packed('WrongExpectedVersion', message.serializeBinary());
    }
    case 'StreamDeleted': {
      const name = new shared.StreamIdentifier().setStreamName(Buffer.from(stream));
      const message = new shared.StreamDeleted().setStreamIdentifier(name);
      return packed('StreamDeleted', message.serializeBinary());
    }
    case 'MaximumAppendSizeExceeded': {
      const message = new shared.MaximumAppendSizeExceeded().setMaxappendsize(maxAppendSize);
      return packed('MaximumAppendSizeExceeded', message.serializeBinary());
    }
    case 'AccessDenied':
      return packed('AccessDenied', new shared.AccessDenied().serializeBinary());
    case 'DeadlineExceeded':
      return packed('Timeout', new shared.Timeout().serializeBinary());
    case 'Unknown':
      return packed('Unknown', new shared.Unknown().serializeBinary());
    case 'Unavailable':
    case 'NotLeader':
    case 'StreamNotFound':
      return undefined;
  }
}
