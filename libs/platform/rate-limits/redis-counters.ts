import { Redis } from 'ioredis';
import { WINDOW_MS, type RateCounters, type Want } from './counters.js';

const COMMAND_MS = 250;
const PREFIX = 'clientforge:rate:';

/** Counts in Redis; keys vanish by themselves after two windows. */
export class RedisCounters implements RateCounters {
  private readonly client: Redis;

  constructor(url: string) {
    this.client = new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_MS,
      retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
    });
    // Without a listener an error would be printed; who asks is told by the command.
    this.client.on('error', () => undefined);
  }

  async add(wants: readonly Want[]): Promise<readonly number[]> {
    const work = this.client.multi();
    for (const { key, window, count } of wants) {
      const name = `${PREFIX}${window}:${key}`;
      work.incrby(name, count).pexpire(name, 2 * WINDOW_MS);
    }
    const answers = await work.exec();
    if (!answers) throw new Error('Redis did not count');
    return wants.map((_want, index) => {
      const [error, sum] = answers[2 * index]!;
      if (error) throw error;
      return Number(sum);
    });
  }

  forget(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.client.disconnect();
  }
}
