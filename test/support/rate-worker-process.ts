import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { RateQuestion } from './rate-worker.js';

const file = join(import.meta.dirname, '../../dist/test/support/rate-worker.js');

/** A process of its own that counts requests. */
export async function startRateWorker(settings: {
  readonly url: string;
  /** In base64. */
  readonly masterKey: string;
}): Promise<{
  /** How many of these requests were let through. */
  ask(question: RateQuestion): Promise<number>;
  stop(): Promise<void>;
}> {
  const worker = fork(file, [settings.url, settings.masterKey]);
  await once(worker, 'message');
  return {
    ask: async (question) => {
      const answer = once(worker, 'message') as Promise<[number]>;
      worker.send(question);
      return (await answer)[0];
    },
    stop: async () => {
      const ended = once(worker, 'exit');
      worker.disconnect();
      await ended;
    },
  };
}
