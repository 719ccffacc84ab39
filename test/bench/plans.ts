import type { ReadModel } from '#kernel/read-model';
import type { ListQuery } from '#platform/projections/list-query';
import { countStatement, pageStatement, type Statement } from '#platform/projections/list-sql';
import type { World } from './world.js';

/** How the database answered one list. */
export interface Plan {
  readonly name: string;
  readonly page: string;
  readonly count: string;
}

/** Asks the database how it answers the page and the count of a list, and keeps the answer. */
export async function savePlans(
  { platform, ctx }: World,
  name: string,
  model: ReadModel,
  query: ListQuery,
  plans: Plan[],
): Promise<void> {
  const { tenantId } = ctx;
  const role = query.search ? 'search' : 'api';
  const explain = (statement: Statement) =>
    platform.database.tenant(
      tenantId,
      async (db) => {
        const { rows } = await db.query<{ 'QUERY PLAN': string }>(
          `EXPLAIN (ANALYZE, BUFFERS, SETTINGS) ${statement.text}`,
          statement.values,
        );
        return rows.map((row) => row['QUERY PLAN']).join('\n');
      },
      role,
    );
  const select = query.search ? 'r.id, r.revision' : 'r.*';
  const page = await explain(pageStatement(model, tenantId, query, 'all', select));
  const count = await explain(countStatement(model, tenantId, query, 'all'));
  plans.push({ name, page, count });
}
