import { setTimeout as sleep } from 'node:timers/promises';

/** KurrentDB does not answer. What was being appended may be stored: the same command tells. */
export class LogUnavailableError extends Error {
  /** The class of PostgreSQL's connection errors, so that callers are told to come back. */
  readonly code = '08006';
}

/** KurrentDB answers, and what it says cannot be worked with; the message tells the remedy. */
export class LogRefusedError extends Error {}

/** What an error of the client means to us. */
export type Kind = 'later' | 'moved' | 'absent' | 'tooLarge' | 'denied' | 'deleted' | 'surprise';

const KINDS: Readonly<Record<string, Kind>> = {
  unavailable: 'later',
  cancelled: 'later',
  timeout: 'later',
  'deadline-exceeded': 'later',
  'not-leader': 'later',
  'wrong-expected-version': 'moved',
  'append-consistency-violation': 'moved',
  'stream-not-found': 'absent',
  'no-stream': 'absent',
  'maximum-append-size-exceeded': 'tooLarge',
  'append-record-size-exceeded': 'tooLarge',
  'transaction-max-size-exceeded': 'tooLarge',
  'access-denied': 'denied',
  'stream-deleted': 'deleted',
  'stream-tombstoned': 'deleted',
};

/** gRPC's UNAVAILABLE, which does not always come as the client's own error. */
const UNAVAILABLE = 14;

export function kindOf(error: unknown): Kind {
  const {
    type,
    code,
    message = '',
  } = error as {
    type?: string;
    code?: unknown;
    message?: string;
  };
  if (error instanceof LogUnavailableError || code === UNAVAILABLE) return 'later';
  const kind = KINDS[type ?? ''];
  if (kind) return kind;
  // The native reader and transports that break name no kind.
  const broken =
    /unavailable|cancell?ed|ECONN|EPIPE|transport|connection|channel has been (shut|closed)/i;
  return broken.test(message) ? 'later' : 'surprise';
}

/** The same error in words for an operator, where the client's say too little. */
export function explained(error: unknown): unknown {
  const { message, maxAppendSize } = error as { message?: string; maxAppendSize?: number };
  switch (kindOf(error)) {
    case 'tooLarge':
      return new LogRefusedError(
        `KurrentDB takes at most ${maxAppendSize ?? 'its MaxAppendSize of'} bytes in one append; ` +
          'set MaxAppendSize to 16777216 on every node.',
      );
    case 'denied':
      return new LogRefusedError(
        'KurrentDB refuses the user of KURRENTDB_URL: the group $admins may read $all.',
      );
    case 'deleted':
      return new LogRefusedError(
        'A stream of the log was deleted on the KurrentDB server; restore it from a backup.',
      );
    case 'later':
      return error instanceof LogUnavailableError
        ? error
        : new LogUnavailableError(`KurrentDB does not answer: ${message ?? 'no reason given'}`);
    default:
      return error;
  }
}

/** The work, or an error when it takes longer: the client's deadlines do not hold for reads. */
export async function within<T>(work: Promise<T>, milliseconds: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new LogUnavailableError(`KurrentDB did not ${what} within ${milliseconds} ms.`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Between half and all of a time that doubles with every attempt, at most two seconds. */
export const pauseBefore = (attempt: number): number =>
  Math.min(2_000, 25 * 2 ** attempt) * (0.5 + Math.random() / 2);

/** Tries again what passes by itself, until the time is over; other errors come at once. */
export async function persistently<T>(
  milliseconds: number,
  work: () => Promise<T>,
  closed: () => boolean = () => false,
): Promise<T> {
  const end = performance.now() + milliseconds;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const pause = pauseBefore(attempt);
      if (kindOf(error) !== 'later' || closed() || performance.now() + pause > end) {
        throw explained(error);
      }
      await sleep(pause);
    }
  }
}
