import { createHash } from 'node:crypto';
import { SHARDS } from './port.js';

/** The unit of ownership a stream belongs to, 0 to 63; stored with every event. */
export function shardOf(tenantId: string, streamId: string): number {
  return createHash('md5').update(`${tenantId}/${streamId}`).digest()[0]! % SHARDS;
}
