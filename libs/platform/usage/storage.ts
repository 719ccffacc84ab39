import type { Database } from '../postgres/database.js';

/**
 * Bytes of a workspace's events, contents and metadata as they are stored. Counts only what came
 * since it was last asked, up to the feed's horizon: what is written just now follows next time.
 */
export function storedEventBytes(database: Database, tenantId: string): Promise<number> {
  return database.tenant(tenantId, async (db) => {
    // The lock first, so that the edge is never behind that of whoever counted before.
    const { rows: known } = await db.query<{ epoch: number; xid: string }>(
      `INSERT INTO usage_storage AS s (tenant_id, bytes, epoch, xid) VALUES ($1, 0, 0, '0')
       ON CONFLICT (tenant_id) DO UPDATE SET bytes = s.bytes
       RETURNING epoch, xid::text`,
      [tenantId],
    );
    const { epoch, xid } = known[0]!;
    const { rows } = await db.query<{ bytes: string }>(
      `WITH edge AS (
         SELECT max(epoch) AS epoch, pg_snapshot_xmin(pg_current_snapshot()) AS xid FROM es_epoch
       ), added AS (
         SELECT coalesce(sum(octet_length(e.data) + octet_length(e.meta)), 0) AS bytes
           FROM es_event e
          WHERE e.tenant_id = $1 AND (e.epoch, e.xid) >= ($2::int, $3::text::xid8)
            AND (e.epoch, e.xid) < ((SELECT epoch FROM edge), (SELECT xid FROM edge))
       )
       UPDATE usage_storage s SET bytes = s.bytes + added.bytes, epoch = edge.epoch, xid = edge.xid
         FROM edge, added WHERE s.tenant_id = $1 RETURNING s.bytes`,
      [tenantId, epoch, xid],
    );
    return Number(rows[0]!.bytes);
  });
}
