import type { Database, Queryable } from '#platform/postgres/database';
import { ReadModelReader } from '#platform/projections/reader';
import type { World } from './world.js';

/** How the database answered one list: each statement with its plan. */
export interface Plan {
  readonly name: string;
  readonly statements: readonly { readonly text: string; readonly plan: string }[];
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

/** Asks a list once more, and keeps how each of its statements was carried out. */
export async function planOf(
  { platform }: World,
  name: string,
  ask: (reader: ReadModelReader) => Promise<unknown>,
): Promise<Plan> {
  const statements: { text: string; plan: string }[] = [];
  const explained = (db: Queryable): Queryable => ({
    query: async (text: never, values: never) => {
      if (/^\s*(SELECT|WITH)/.test(text)) {
        const { rows } = await db.query<{ 'QUERY PLAN': string }>(
          `EXPLAIN (ANALYZE, BUFFERS) ${text as string}`,
          values,
        );
        statements.push({
          text: oneLine(text),
          plan: rows.map((row) => row['QUERY PLAN']).join('\n'),
        });
      }
      return db.query(text, values);
    },
  });
  const { database } = platform;
  const explaining = {
    tenant: (tenantId, work, role) => database.tenant(tenantId, (db) => work(explained(db)), role),
  } as Pick<Database, 'tenant'> as Database;
  await ask(new ReadModelReader(explaining, platform.store, platform.codec, platform.clock));
  return { name, statements };
}
