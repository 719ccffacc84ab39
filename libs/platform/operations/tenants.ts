import { PLATFORM_TENANT } from '#kernel/ids';
import type { Database } from '../postgres/database.js';

/** Every tenant that has written anything, the oldest first: each has a key of its own. */
export async function tenantIds(database: Database): Promise<readonly string[]> {
  const { rows } = await database.pool('feed').query<{ id: string }>(
    `SELECT tenant_id AS id FROM es_tenant_key WHERE tenant_id <> $1
      GROUP BY tenant_id ORDER BY min(created_at), tenant_id`,
    [PLATFORM_TENANT],
  );
  return rows.map(({ id }) => id);
}
