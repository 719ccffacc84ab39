import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

/**
 * One JSON object per line on stderr, so that stdout keeps the few lines meant for people. Paths
 * are written without their query, and neither bodies nor headers are written at all: logs hold no
 * personal data, no token and no value anybody searched for.
 */
export function createLog(level: string): Logger {
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
    pino.destination({ dest: 2, sync: true }),
  );
}

/** PostgreSQL repeats the values of a failed statement in `detail`; those stay out. */
function errorWithoutValues(error: Error & { code?: string }) {
  return { type: error.name, message: error.message, code: error.code, stack: error.stack };
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
