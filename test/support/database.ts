import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { environment } from '#platform/config/environment';
import { Database, databaseName, roleName, ROLES } from '#platform/postgres/database';
import { migrate } from '#platform/postgres/migrate';

/** A database of its own for one spec file, on the server the run started. */
export interface TestDatabase {
  readonly url: string;
  readonly masterKey: Buffer;
  readonly database: Database;
  /** A connection with the rights of the server's administrator. */
  admin<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result>;
  drop(): Promise<void>;
}

async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The server the run started. */
export function serverUrl(): string {
  const url = environment['CLIENTFORGE_TEST_DATABASE_URL'];
  if (!url) throw new Error('CLIENTFORGE_TEST_DATABASE_URL is set by the global set-up of Jest');
  return url;
}

/** Creates, migrates and hands out a fresh database; `declare` adds read models. */
export async function createTestDatabase(
  declare?: (client: pg.Client) => Promise<unknown>,
  poolSize = 10,
  server = serverUrl(),
): Promise<TestDatabase> {
  const name = `cf_test_${randomBytes(6).toString('hex')}`;
  await withClient(server, (client) => client.query(`CREATE DATABASE ${name}`));
  const target = new URL(server);
  target.pathname = `/${name}`;
  const url = target.toString();
  const masterKey = randomBytes(32);
  await migrate(url, masterKey, declare);
  const database = new Database({ url, masterKey, poolSize });
  return {
    url,
    masterKey,
    database,
    admin: (work) => withClient(url, work),
    drop: async () => {
      await database.close();
      await withClient(server, async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${databaseName(url)} WITH (FORCE)`);
        for (const role of ROLES) await client.query(`DROP ROLE IF EXISTS ${roleName(name, role)}`);
      });
    },
  };
}
