import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';

/**
 * One JSON object per line on stderr, so that stdout keeps the few lines meant for people. Paths
 * are written without their query, and neither bodies nor headers are written at all: logs hold no
 * personal data, no token and no value anybody searched for.
 */
export function createLog(
  level: string,
  to: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: {
        req: (request: { method: string; url: string; id: string }) => ({
          method: request.method,
          path: request.url.split('?', 1)[0],
        }),
        res: (reply: { statusCode: number }) => ({ status: reply.statusCode }),
        err: errorWithoutValues,
      },
    },
    to,
  );
}

/**
 * PostgreSQL repeats values of a request in its messages and details; of its errors only the code
 * and the place in our source are told.
 */
function errorWithoutValues(error: Error & { code?: string }) {
  const { name: type, message, code, stack } = error;
  if (!/^[0-9A-Z]{5}$/.test(code ?? '')) return { type, message, code, stack };
  // The message may have several lines; the places begin with the first `at`.
  const places = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { type, code, stack: places.join('\n') };
}

/** Nest's own messages, in the same place. What it calls an error is thrown as well, and told there. */
export function nestLog(log: Logger): LoggerService {
  const write =
    (level: 'trace' | 'debug' | 'warn') =>
    (message: unknown, ...rest: unknown[]) =>
      log[level]({ context: rest.at(-1) }, String(message));
  return {
    log: write('trace'),
    debug: write('trace'),
    verbose: write('trace'),
    warn: write('warn'),
    error: write('debug'),
    fatal: write('debug'),
  };
}
