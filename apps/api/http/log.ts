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
 * PostgreSQL repeats the values of a failed statement in `detail`, and those it cannot read or keep
 * (classes 22 and 23) in its message as well; all of them stay out.
 */
function errorWithoutValues(error: Error & { code?: string }) {
  const { name: type, code } = error;
  const ofValue = /^2[23][0-9A-Z]{3}$/.test(code ?? '');
  const without = (text = '') => (ofValue ? text.replaceAll(/"[^"]*"?/g, '"…"') : text);
  return { type, message: without(error.message), code, stack: without(error.stack) };
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
