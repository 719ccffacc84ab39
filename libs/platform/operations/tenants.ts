import { PLATFORM_TENANT } from '#kernel/ids';
import type { Database } from '../postgres/database.js';

/** Every tenant that has written anything, the oldest first: each has a key of its own. */
export function tenantIds(database: Database): Promise<readonly string[]> {
  return withKeys(database, 'NOT bool_or(destroyed_at IS NOT NULL)');
}

/** Every tenant whose keys were destroyed: of it there is only the log. */
export function destroyedTenants(database: Database): Promise<readonly string[]> {
  return withKeys(database, 'bool_or(destroyed_at IS NOT NULL)');
}

async function withKeys(database: Database, having: string): Promise<readonly string[]> {
  const { rows } = await database.pool('feed').query<{ id: string }>(
    `SELECT tenant_id AS id FROM es_tenant_key WHERE tenant_id <> $1
      GROUP BY tenant_id HAVING ${having} ORDER BY min(created_at), tenant_id`,
    [PLATFORM_TENANT],
  );
  return rows.map(({ id }) => id);
}
