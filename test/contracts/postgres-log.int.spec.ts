import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { appendCall, type AppendRow } from '#platform/event-store/group-append';
import { comparePositions, START, type AppendRequest } from '#platform/event-store/port';
import { PostgresEventStore } from '#platform/event-store/postgres-store';
import type { Database } from '#platform/postgres/database';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import {
  appendTo,
  mark,
  newEvents,
  newRequest,
  newStream,
  newTenant,
  readAll,
} from './requests.js';

/** What only the PostgreSQL log promises, or promises by means of its own. */
describe('the log in PostgreSQL', () => {
  let test: TestDatabase;
  let store: PostgresEventStore;
  beforeAll(async () => {
    test = await createTestDatabase();
    store = new PostgresEventStore(test.database);
  });
  afterAll(() => test.drop());

  const one = (tenant: string, streamId = newStream()): AppendRequest =>
    newRequest(tenant, [{ streamId, expected: 'any', events: newEvents(1) }]);

  /** A connection of its own with the rights of the api. */
  async function connected<Result>(work: (client: pg.PoolClient) => Promise<Result>) {
    const client = await test.database.pool('api').connect();
    try {
      return await work(client);
    } finally {
      await client.query('ROLLBACK; RESET app.tenant');
      client.release();
    }
  }

  describe('es_append', () => {
    it.each(['REPEATABLE READ', 'SERIALIZABLE'])('refuses %s', (level) =>
      connected(async (client) => {
        await client.query(`BEGIN ISOLATION LEVEL ${level}`);
        await expect(client.query(appendCall([one(newTenant())], true))).rejects.toThrow(
          'es_append needs READ COMMITTED',
        );
      }),
    );

    it('refuses a transaction that has an id, because its place in the feed is taken', () =>
      connected(async (client) => {
        await client.query('BEGIN; SELECT pg_current_xact_id()');
        await expect(client.query(appendCall([one(newTenant())], true))).rejects.toThrow(
          'a transaction that has not written yet',
        );
      }));

    it('appends what its caller may not write itself', () =>
      connected(async (client) => {
        const tenant = newTenant();
        await client.query(appendCall([one(tenant)], true));
        await client.query(`SELECT set_config('app.tenant', $1, false)`, [tenant]);
        for (const statement of [
          'INSERT INTO es_event SELECT * FROM es_event',
          'UPDATE es_event SET type = type',
          'DELETE FROM es_event',
          'UPDATE es_stream SET version = 7',
          'DELETE FROM es_command',
          `UPDATE es_subject_key SET wrapped = 'x'`,
          `SELECT nextval('es_pos')`,
        ]) {
          await expect(client.query(statement)).rejects.toThrow('permission denied');
        }
      }));

    it('answers every item of a group by itself', () =>
      connected(async (client) => {
        const [tenant, stream] = [newTenant(), newStream()];
        const expecting = (expected: number | 'none') =>
          newRequest(tenant, [{ streamId: stream, expected, events: newEvents(2) }]);
        const first = expecting('none');
        const group = [
          first,
          expecting(2),
          expecting(1),
          first,
          { ...first, requestHash: 'cd'.repeat(32) },
          one(newTenant()),
        ];
        const { rows } = await client.query<AppendRow>(appendCall(group, false));
        expect(rows[0]!.outcomes).toMatchObject([
          { status: 'appended' },
          { status: 'appended' },
          { status: 'conflict', streamId: stream, actual: 4 },
          { status: 'duplicate', stored: { result: first.result } },
          { status: 'reused' },
          { status: 'appended' },
        ]);
        expect(await store.readStream(tenant, stream)).toHaveLength(4);
      }));

    it('takes no transaction id for refusals and retries', () =>
      connected(async (client) => {
        const request = one(newTenant());
        await store.append(request);
        await client.query('BEGIN');
        await client.query(appendCall([request], true));
        const { rows } = await client.query('SELECT pg_current_xact_id_if_assigned() AS xid');
        expect(rows).toEqual([{ xid: null }]);
      }));
  });

  describe('a tenant', () => {
    const tables = ['es_event', 'es_stream', 'es_command', 'es_snapshot', 'es_subject_key'];
    const [owner, other] = [newTenant(), newTenant()];
    const streamId = newStream();

    beforeAll(async () => {
      const key = { subjectId: newTenant(), version: 1, wrapped: 'c2VhbGVk' };
      const streams = [{ streamId, expected: 'none' as const, events: newEvents(2) }];
      await store.append(newRequest(owner, streams, { keys: [key] }));
      await store.saveSnapshot(owner, streamId, { version: 1, stateKey: 'note:1', state: 'x' });
    });

    it.each([
      ['no tenant', null, 0],
      ['another tenant', other, 0],
      ['an empty setting', '', 0],
      ['its own tenant', owner, 1],
    ])('as the api role sees it with %s', (_, tenant, seen) =>
      connected(async (client) => {
        await client.query('BEGIN');
        if (tenant !== null) await client.query(`SET LOCAL app.tenant = '${tenant}'`);
        for (const table of tables) {
          const { rows } = await client.query<{ count: string }>(
            `SELECT count(*) FROM ${table} WHERE tenant_id = $1`,
            [owner],
          );
          expect({ table, visible: Number(rows[0]!.count) > 0 }).toEqual({
            table,
            visible: seen > 0,
          });
        }
      }),
    );

    it('is not visible through a load that names another', async () => {
      const loaded = await store.load(other, streamId, { stateKey: 'note:1' });
      expect(loaded).toEqual({ events: [] });
    });

    it('leaves nothing set on the connection it used', () =>
      connected(async (client) => {
        await client.query('SELECT * FROM es_load($1, $2, NULL, NULL)', [owner, streamId]);
        expect((await client.query('SELECT 1 FROM es_event')).rowCount).toBe(0);
      }));
  });

  describe('an import that locks a tenant', () => {
    it('lets appends of this tenant wait and all others pass', () =>
      connected(async (importer) => {
        const [locked, free] = [newTenant(), newTenant()];
        await importer.query('BEGIN');
        await importer.query('SELECT pg_advisory_xact_lock(7331, hashtext($1))', [locked]);
        const waiting = [one(locked), one(locked), one(free), one(locked)];
        let passed = 0;
        const calls = waiting.map((request) =>
          store.append(request).then((outcome) => {
            passed += 1;
            return outcome.status;
          }),
        );
        await calls[2];
        for (let index = 0; index < 20; index++) await store.append(one(free));
        expect(passed).toBe(1);
        await importer.query('COMMIT');
        expect(await Promise.all(calls)).toEqual(Array(4).fill('appended'));
        await store.close();
      }));
  });

  describe('an answer that is lost after the commit', () => {
    it('comes again with the same command id, and the effect is there once', async () => {
      const pool = test.database.pool('api');
      const query = async (call: pg.QueryConfig) => {
        await pool.query(call);
        throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      };
      const cut = { pool: () => ({ query }), named: () => ({}) } as unknown as Database;
      const [request, neighbour] = [one(newTenant()), one(newTenant())];
      const lossy = new PostgresEventStore(cut);
      const lost = await Promise.allSettled([lossy.append(request), lossy.append(neighbour)]);
      expect(lost).toMatchObject([
        { status: 'rejected', reason: { code: 'ECONNRESET' } },
        { status: 'rejected', reason: { code: 'ECONNRESET' } },
      ]);
      for (const again of [request, neighbour]) {
        expect(await store.append(again)).toMatchObject({
          status: 'duplicate',
          stored: { result: again.result },
        });
        expect(await store.readStream(again.tenantId, again.streams[0]!.streamId)).toHaveLength(1);
      }
    });
  });

  it('a cut of all connections loses nothing: calls fail or pass, and everything goes on', async () => {
    const after = await mark(store);
    const requests = Array.from({ length: 40 }, () => one(newTenant()));
    const first = requests.map((request) => store.append(request));
    const cut = test.admin((client) =>
      client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      ),
    );
    await Promise.allSettled([...first, cut]);
    // Time to notice: an idle connection is only found dead when its socket tells.
    await pause(100);
    // Whoever got no answer asks again with the same command id.
    const again = await Promise.all(requests.map((request) => store.append(request)));
    expect(again.every(({ status }) => ['appended', 'duplicate'].includes(status))).toBe(true);
    const events = await readAll(store, { after, page: 7 });
    expect(events.map(({ tenantId }) => tenantId).sort()).toEqual(
      requests.map(({ tenantId }) => tenantId).sort(),
    );
  });

  describe('the horizon', () => {
    it.each(['COMMIT', 'ROLLBACK'])('waits for an older transaction until its %s', (end) =>
      connected(async (slow) => {
        const after = await mark(store);
        const [older, younger] = [one(newTenant()), one(newTenant())];
        await slow.query('BEGIN');
        await slow.query(appendCall([older], true));
        await store.append(younger);
        await pause(20);
        expect(await store.readFeed({ after, limit: 10 })).toMatchObject({ events: [] });
        expect(await store.head()).toBe(after);
        await slow.query(end);
        const events = await readAll(store, { after });
        const tenants = [...(end === 'COMMIT' ? [older] : []), younger].map((r) => r.tenantId);
        expect(events.map(({ tenantId }) => tenantId)).toEqual(tenants);
      }),
    );

    it('does not wait for readers', () =>
      connected(async (reader) => {
        await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
        await mark(store);
      }));
  });

  // Last: it changes what the feed of this database looks like.
  it('a new epoch comes after all history, whatever transaction ids the old server had', async () => {
    const before = await readAll(store, { after: START });
    await test.admin(async (client) => {
      await client.query(`UPDATE es_event SET xid = (xid::text::bigint + 1000000000)::text::xid8`);
      await client.query(`INSERT INTO es_epoch (epoch, reason) VALUES (2, 'restored')`);
    });
    const streamId = newStream();
    const outcome = await appendTo(store, newTenant(), streamId, 'none');
    const events = await readAll(store, { after: START, page: 7 });
    expect(events).toHaveLength(before.length + 1);
    expect(events.at(-1)).toMatchObject({ streamId });
    expect(events.map(({ position }) => position)).toEqual(
      events.map(({ position }) => position).sort(comparePositions),
    );
    expect(outcome).toMatchObject({ position: events.at(-1)!.position });
  });
});
