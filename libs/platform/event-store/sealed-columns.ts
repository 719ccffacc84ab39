import type { Database } from '../postgres/database.js';
import type { KeyRing } from './key-ring.js';

/** A column of a table beside the log whose values are sealed under the tenant's key. */
interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** What each value is bound to, as SQL over its row. */
  readonly aad: string;
}

/** Every sealed column but those of jobs: a rotation of the tenant's key seals them anew. */
const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'mail_outbox', column: 'content', aad: `'mail:' || id` },
  { table: 'auth_one_time_token', column: 'detail', aad: `'link:' || subject_id` },
];

const CHUNK = 50;
const FIRST = '00000000-0000-0000-0000-000000000000';

/** Seals what tables beside the log keep with this version of the tenant's key. */
export async function sealColumnsAnew(
  { database, keys }: { readonly database: Database; readonly keys: KeyRing },
  tenantId: string,
  version: number,
): Promise<void> {
  for (const { table, column, aad } of SEALED_COLUMNS) {
    for (let after: string | undefined = FIRST; after;) {
      const { rows } = await database.tenant(tenantId, (db) =>
        db.query<{ id: string; box: string; aad: string }>(
          `SELECT id, ${column} AS box, ${aad} AS aad FROM ${table} WHERE tenant_id = $1 AND id > $2
              AND ${column} NOT LIKE '${version}.%' ORDER BY id LIMIT ${CHUNK}`,
          [tenantId, after],
        ),
      );
      for (const { id, box, aad: bound } of rows) {
        const text = await keys.openForTenant(tenantId, box, bound);
        const anew = await keys.sealForTenant(tenantId, text, bound);
        await database.tenant(tenantId, (db) =>
          db.query(
            `UPDATE ${table} SET ${column} = $3
              WHERE tenant_id = $1 AND id = $2 AND ${column} = $4`,
            [tenantId, id, anew, box],
          ),
        );
      }
      after = rows.at(-1)?.id;
    }
  }
}
