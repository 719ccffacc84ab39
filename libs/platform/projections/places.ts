import { START } from '../event-store/port.js';
import type { Queryable } from '../postgres/database.js';

/** Class of the advisory locks that rebuilds of one read model share. */
export const REBUILD_LOCK = 733_102;

/** Where a processor stands in the feed; undefined for one without a checkpoint. */
export async function positionOf(
  query: Queryable,
  processor: string,
  lock = '',
): Promise<string | undefined> {
  const { rows } = await query.query<{ epoch: number; xid: string; pos: string }>(
    `SELECT epoch, xid::text AS xid, pos FROM es_checkpoint WHERE processor = $1 ${lock}`,
    [processor],
  );
  return rows[0] ? `${rows[0].epoch}.${rows[0].xid}.${rows[0].pos}.0` : undefined;
}

/** Where the read model stands that is furthest behind; the start of the log without any. */
export async function leastPosition(query: Queryable, lock = ''): Promise<string> {
  const { rows } = await query.query<{ epoch: number; xid: string; pos: string }>(
    `SELECT epoch, xid::text AS xid, pos FROM es_checkpoint c WHERE shard = -1
      ORDER BY c.epoch, c.xid, c.pos ${lock}`,
  );
  return rows[0] ? `${rows[0].epoch}.${rows[0].xid}.${rows[0].pos}.0` : START;
}
