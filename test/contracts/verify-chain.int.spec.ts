import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PostgresEventStore } from '#platform/event-store/postgres-store';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import { newEvent, newEvents, newRequest, newStream, newTenant } from './requests.js';

const script = fileURLToPath(new URL('../../ops/audit/verify-chain.mjs', import.meta.url));
const run = promisify(execFile);

describe('the standalone chain check', () => {
  let test: TestDatabase;
  const tenant = newTenant();
  const stream = newStream();

  /** What the script prints about the database: where streams break. */
  async function breaks(): Promise<string[]> {
    const { stdout } = await run(process.execPath, [script], {
      env: { DATABASE_URL: test.url },
    });
    return stdout.split('\n').filter(Boolean);
  }

  const sql = (text: string, values: readonly unknown[] = []) =>
    test.admin(async (client) => {
      const { rowCount } = await client.query(text, [...values]);
      expect(rowCount).toBe(1);
    });

  beforeAll(async () => {
    test = await createTestDatabase();
    const store = new PostgresEventStore(test.database);
    const occurredAt = new Date('2026-01-15T10:00:00.123Z');
    for (let version = 0; version < 4; version++) {
      const event = newEvent({ keyId: `${tenant}:1`, data: `{"n":"ä${version}"}`, occurredAt });
      await store.append(
        newRequest(tenant, [{ streamId: stream, expected: version, events: [event] }]),
      );
    }
    for (let index = 0; index < 20; index++) {
      const other = index % 2 ? tenant : newTenant();
      const events = newEvents(index + 1);
      await store.append(newRequest(other, [{ streamId: newStream(), expected: 'none', events }]));
    }
    await test.admin((client) => client.query('CREATE TABLE good AS SELECT * FROM es_event'));
  });
  afterAll(() => test.drop());

  beforeEach(() =>
    test.admin(async (client) => {
      await client.query('TRUNCATE es_event');
      await client.query('INSERT INTO es_event SELECT * FROM good');
      await client.query(
        `UPDATE es_stream s SET version = last.version, head_hash = last.hash FROM (
           SELECT DISTINCT ON (tenant_id, stream_id) * FROM good
            ORDER BY tenant_id, stream_id, version DESC) last
          WHERE (s.tenant_id, s.stream_id) = (last.tenant_id, last.stream_id)`,
      );
    }),
  );

  it('finds nothing wrong with what the store wrote', async () => {
    expect(await breaks()).toEqual([]);
  });

  const at = (version: number) => `${tenant} ${stream} breaks at ${version}`;
  const second = `tenant_id = $1 AND stream_id = $2 AND version = 2`;

  it.each([
    ['data', `overlay(data PLACING 'b' FROM 3)`],
    ['meta', `meta || ' '`],
    ['type', `type || 's'`],
    ['schema_version', 'schema_version + 1'],
    ['key_id', `replace(key_id, ':1', ':2')`],
    ['key_id', 'NULL'],
    ['event_id', 'gen_random_uuid()'],
    ['command_id', 'gen_random_uuid()'],
    ['occurred_at', `occurred_at - interval '1 millisecond'`],
    ['recorded_at', `recorded_at + interval '1 millisecond'`],
    ['hash', 'set_byte(hash, 31, get_byte(hash, 31) # 1)'],
    ['prev_hash', 'set_byte(prev_hash, 0, get_byte(prev_hash, 0) # 1)'],
  ])('finds an altered %s (%s)', async (column, value) => {
    await sql(`UPDATE es_event SET ${column} = ${value} WHERE ${second}`, [tenant, stream]);
    expect((await breaks())[0]).toBe(at(2));
  });

  it('finds an event moved to another stream or tenant', async () => {
    for (const [column, value] of [
      ['stream_id', newStream()],
      ['tenant_id', newTenant()],
    ]) {
      await sql(`UPDATE es_event SET ${column} = $3 WHERE ${second}`, [tenant, stream, value]);
      expect(await breaks()).toEqual(
        expect.arrayContaining([at(2), expect.stringContaining(`${value}`)]),
      );
      await sql(`DELETE FROM es_event WHERE ${column} = $1`, [value]);
      await sql(`INSERT INTO es_event SELECT * FROM good WHERE ${second}`, [tenant, stream]);
    }
  });

  it('finds a missing, an inserted and two exchanged events', async () => {
    await sql(`DELETE FROM es_event WHERE ${second}`, [tenant, stream]);
    expect((await breaks())[0]).toBe(at(2));
    await sql(`INSERT INTO es_event SELECT * FROM good WHERE ${second}`, [tenant, stream]);
    expect(await breaks()).toEqual([]);

    await sql(
      `INSERT INTO es_event SELECT (jsonb_populate_record(g, jsonb_build_object('version', 5,
         'event_id', gen_random_uuid()))).* FROM good g WHERE ${second}`,
      [tenant, stream],
    );
    expect(await breaks()).toContain(at(5));
    await sql(`DELETE FROM es_event WHERE tenant_id = $1 AND stream_id = $2 AND version = 5`, [
      tenant,
      stream,
    ]);
    await test.admin((client) =>
      client.query(
        `UPDATE es_event e SET data = other.data FROM good other
          WHERE e.tenant_id = $1 AND e.stream_id = $2 AND e.version IN (2, 3)
            AND other.stream_id = e.stream_id AND other.version = 5 - e.version`,
        [tenant, stream],
      ),
    );
    expect((await breaks()).slice(0, 2)).toEqual([at(2), at(3)]);
  });

  it('finds a truncated tail, a stream without events and events without a stream', async () => {
    await sql('DELETE FROM es_event WHERE tenant_id = $1 AND stream_id = $2 AND version = 4', [
      tenant,
      stream,
    ]);
    expect(await breaks()).toEqual([at(3)]);
    await test.admin((client) =>
      client.query('DELETE FROM es_event WHERE tenant_id = $1 AND stream_id = $2', [
        tenant,
        stream,
      ]),
    );
    expect(await breaks()).toEqual([at(1)]);
    await test.admin((client) =>
      client.query('INSERT INTO es_event SELECT * FROM good WHERE stream_id = $1', [stream]),
    );
    await test.admin((client) => client.query('CREATE TABLE kept AS SELECT * FROM es_stream'));
    await sql('DELETE FROM es_stream WHERE tenant_id = $1 AND stream_id = $2', [tenant, stream]);
    expect(await breaks()).toEqual([at(4)]);
    await sql('INSERT INTO es_stream SELECT * FROM kept WHERE stream_id = $1', [stream]);
    expect(await breaks()).toEqual([]);
  });
});
