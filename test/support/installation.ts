import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { loadConfig } from '#platform/config/config';
import { roleName, ROLES } from '#platform/postgres/database';
import { cliOn } from './cli.js';
import { serverUrl } from './database.js';
import { foundInTables } from './planted.js';

/** An installation: a database on the run's server, and a folder. */
export async function installation(root: string, masterKey: Buffer = randomBytes(32)) {
  const name = `cf_test_${randomBytes(6).toString('hex')}`;
  const admin = async (text: string) => {
    const client = new pg.Client({ connectionString: serverUrl() });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  await admin(`CREATE DATABASE ${name}`);
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  const settings = {
    DATABASE_URL: url.toString(),
    DATA_DIR: join(root, name),
    MASTER_KEY: masterKey.toString('base64'),
    ALLOW_UNSAFE_DURABILITY: 'true',
    LOG_LEVEL: 'silent',
  };
  return {
    masterKey,
    settings,
    dataDir: settings.DATA_DIR,
    config: loadConfig(settings),
    cli: cliOn({ url: url.toString(), masterKey }, settings),
    query: async <Row extends object>(text: string, values: unknown[] = []) => {
      const client = new pg.Client({ connectionString: url.toString() });
      await client.connect();
      return (await client.query<Row>(text, values).finally(() => client.end())).rows;
    },
    tables: async (planted: readonly string[]) => {
      const client = new pg.Client({ connectionString: url.toString() });
      await client.connect();
      return foundInTables(client, planted).finally(() => client.end());
    },
    drop: async () => {
      await admin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      for (const role of ROLES) await admin(`DROP ROLE IF EXISTS ${roleName(name, role)}`);
    },
  };
}
export type Installation = Awaited<ReturnType<typeof installation>>;
