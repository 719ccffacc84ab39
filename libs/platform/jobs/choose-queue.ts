import type { Database } from '../postgres/database.js';
import type { WakeUp } from '../projections/wake-up.js';
import { TableJobQueue, type JobQueue } from './queue.js';
import type { RedisLinkOptions } from './redis-link.js';

export type MakeQueue = (database: Database, wakeUp: WakeUp) => JobQueue;

/** The queue of jobs that is configured: Redis where its URL is set, otherwise the table. */
export async function queueMaker({
  redisUrl: url,
  ...options
}: Omit<RedisLinkOptions, 'url'> & { readonly redisUrl?: string }): Promise<MakeQueue> {
  if (url === undefined) return (database, wakeUp) => new TableJobQueue(database, wakeUp);
  // Loaded only where it is used: it costs a quarter of a second and 25 MB.
  const { RedisJobQueue, RedisLink } = await import('./redis-queue.js');
  const link = await RedisLink.open({ ...options, url });
  return (database, wakeUp) =>
    new RedisJobQueue(link, new TableJobQueue(database, wakeUp), database.name);
}
