import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { RateQuestion } from './rate-worker.js';

const file = join(import.meta.dirname, '../../dist/test/support/rate-worker.js');

/** Where processes count together. */
interface SharedCounters {
  readonly url: string;
  /** In base64. */
  readonly masterKey: string;
}

/** A process of its own that counts requests. */
async function startRateWorker({ url, masterKey }: SharedCounters) {
  const worker = fork(file, [url, masterKey]);
  await once(worker, 'message');
  return {
    /** How many of these requests were let through. */
    ask: async (question: RateQuestion) => {
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

/** How many requests two processes let through that are each asked for as many as are allowed. */
export async function allowedByTwo(settings: SharedCounters, limit: number): Promise<number> {
  const workers = await Promise.all([startRateWorker(settings), startRateWorker(settings)]);
  try {
    const question = { of: `workspace-${limit}`, limit, times: limit };
    const found = await Promise.all(workers.map((one) => one.ask(question)));
    return found[0]! + found[1]!;
  } finally {
    await Promise.all(workers.map((one) => one.stop()));
  }
}
