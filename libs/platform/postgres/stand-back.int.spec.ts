import { getPriority, platform } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { behindOthers } from '#platform/projections/rebuilder';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import { startTcpProxy } from '#test/faults/tcp-proxy';
import type { Queryable } from './database.js';
import { standBackOnServer } from './stand-back.js';

/** Elsewhere no process says which connection it serves. */
const onLinux = platform() === 'linux' ? describe : describe.skip;

onLinux('what goes behind others', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(() => test.drop());

  const priority = async (query: Queryable) => {
    const { rows } = await query.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return getPriority(rows[0]!.pid);
  };

  it('are the server processes of a rebuild, and of nobody else', async () => {
    const usual = await test.admin((client) => priority(client as unknown as Queryable));
    const { database, url } = test;
    const indexes = await behindOthers(url, (owner) => priority(owner as unknown as Queryable));
    const rows = await database.derivedBehind(priority);
    expect([indexes, rows]).toEqual([10, 10]);
    expect(await database.derived(priority)).toBe(usual);
    expect(usual).toBeLessThan(10);
  });

  it('is no server process that a pooler may give to others', async () => {
    const { hostname, port } = new URL(test.url);
    const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
    const through = new URL(test.url);
    through.port = String(proxy.port);
    const client = new pg.Client({ connectionString: through.toString() });
    await client.connect();
    const usual = await priority(client as unknown as Queryable);
    standBackOnServer(client);
    expect(await priority(client as unknown as Queryable)).toBe(usual);
    await client.end();
    await proxy.close();
  });
});
