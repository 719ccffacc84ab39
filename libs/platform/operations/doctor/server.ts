import { checkEpoch, checkServer, UnsafeDatabaseError } from '../../postgres/boot-checks.js';
import type { Queryable } from '../../postgres/database.js';
import { pendingSteps, unsecuredTables } from '../../postgres/migrate.js';
import { changedModels } from '../../projections/declare.js';
import type { Check, Found } from './check.js';

/** Longer than any transaction of the product takes. */
const HELD_SECONDS = 5;

async function unsafe(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof UnsafeDatabaseError) return error.message;
    throw error;
  }
}

const found = (checked: number, example: string | undefined): Found =>
  example === undefined ? { checked } : { checked, example };

export const serverChecks: readonly Check[] = [
  {
    name: 'settings',
    title: 'the server keeps what it acknowledges',
    unit: 'settings',
    async run({ url, poolSize, allowUnsafeDurability }) {
      const strict = { allowUnsafeDurability: false, poolSize };
      const problem = await unsafe(() => checkServer(url, strict));
      if (!problem || !allowUnsafeDurability) return found(7, problem);
      const remaining = await unsafe(() =>
        checkServer(url, { allowUnsafeDurability: true, poolSize }),
      );
      const note = 'acknowledged changes may be lost: ALLOW_UNSAFE_DURABILITY is set';
      return { ...found(7, remaining), note };
    },
  },
  {
    name: 'epoch',
    title: 'the log is not ahead of the server’s transactions',
    unit: 'logs',
    run: async ({ database }) =>
      found(1, await unsafe(() => checkEpoch(database.pool('feed') as unknown as Queryable))),
  },
  {
    name: 'migrations',
    title: 'tables are as this release declares them',
    unit: 'read models',
    async run({ owner, models, codec }) {
      if (await pendingSteps(owner)) return found(0, 'a migration has not been run');
      const [changed] = await changedModels(owner, models, codec.events);
      const example = changed && `${changed.name} is declared otherwise than its tables are`;
      return found(models.length, example);
    },
  },
  {
    name: 'rights',
    title: 'row-level security keeps tenants apart',
    unit: 'tables',
    async run({ owner }) {
      const { rows } = await owner.query<{ n: string }>(
        `SELECT count(*) AS n FROM pg_class WHERE relnamespace = 'public'::regnamespace
          AND relkind IN ('r', 'p') AND relname ~ '^(es|rm|auth)_|^access_log$'`,
      );
      const [table] = await unsecuredTables(owner);
      return found(Number(rows[0]!.n), table && `${table} has no row-level security in force`);
    },
  },
  {
    name: 'horizon',
    title: 'no transaction holds the feed back',
    unit: 'transactions',
    async run({ owner }) {
      const { rows } = await owner.query<{ who: string; seconds: number }>(
        `SELECT format('process %s (%s, database %s)', pid,
              coalesce(nullif(application_name, ''), 'no application name'), datname) AS who,
            extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds
           FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
         UNION ALL
         SELECT format('prepared transaction %s (database %s)', gid, database),
            extract(epoch FROM clock_timestamp() - prepared)::float8 FROM pg_prepared_xacts
          ORDER BY seconds DESC`,
      );
      const oldest = rows[0];
      if (!oldest || oldest.seconds < HELD_SECONDS) return { checked: rows.length };
      const held = `${oldest.who} has been open for ${Math.round(oldest.seconds)} s`;
      return { checked: rows.length, example: held };
    },
  },
];
