import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { moveLog } from '#platform/event-store/kurrentdb/place';
import { KurrentDbEventStore } from '#platform/event-store/kurrentdb/store';
import { KurrentDbServer } from '#platform/event-store/kurrentdb/server';
import type { EventStore } from '#platform/event-store/port';
import { PostgresEventStore } from '#platform/event-store/postgres-store';
import { appendTo, newEvents, newStream, newTenant } from '#test/contracts/requests';
import { startFakeKurrentDb, type FakeKurrentDb } from '#test/faults/kurrentdb/fake-kurrentdb';
import { startProcess, type Started } from '#test/faults/processes';
import { cliOn, type Ran } from '#test/support/cli';
import { createTestDatabase, type TestDatabase } from '#test/support/database';

const TO_SERVER = 'events copy --to kurrentdb --json';
const TO_POSTGRES = 'events copy --to postgres --json';
const STREAMS = 10;
const BATCH = 100;

/** The log of a database, moved to a server and back. */
describe('events copy (fake KurrentDB 22.10.0)', () => {
  let test: TestDatabase;
  let fake: FakeKurrentDb;
  let folder: string;
  let run: (line: string) => Promise<Ran>;
  const tenants = [newTenant(), newTenant()] as const;
  const streams = Array.from({ length: STREAMS }, () => newStream());
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clientforge-copy-'));
    test = await createTestDatabase();
    fake = await startFakeKurrentDb({ version: '22.10.0' });
    run = cliOn(test, { DATA_DIR: folder, KURRENTDB_URL: fake.url });
  });
  afterEach(async () => {
    await fake.stop();
    await test.drop();
    rmSync(folder, { recursive: true });
  });

  /** So many events in every stream of both tenants, a hundred by each command. */
  async function write(store: EventStore, each: number): Promise<void> {
    for (let version = 0; version < each; version += BATCH) {
      const events = () => newEvents(Math.min(BATCH, each - version));
      await Promise.all(
        tenants.flatMap((tenant) =>
          streams.map((stream) => appendTo(store, tenant, stream, version, events())),
        ),
      );
    }
  }
  const sql = async (text: string, values: unknown[] = []) =>
    (await test.admin((client) => client.query<{ value: string }>(text, values))).rows.map(
      ({ value }) => value,
    );
  const place = async () => (await sql('SELECT store AS value FROM es_log'))[0];
  /** What must be the same on both sides: every event by tenant, stream, revision, id and hash. */
  const inDatabase = () =>
    sql(`SELECT concat_ws(' ', replace(tenant_id::text, '-', ''), stream_id, version - 1, event_id,
        encode(hash, 'hex')) AS value FROM es_event ORDER BY 1`);
  const ours = () => fake.state.records.filter(({ stream }) => /^[0-9a-f]{32}\./.test(stream));
  const onServer = () =>
    ours()
      .map(({ stream, revision, id, metadata }) => {
        const { hash } = JSON.parse(Buffer.from(metadata).toString()) as { hash: string };
        return `${stream.replace('.', ' ')} ${revision} ${id} ${hash}`;
      })
      .sort();
  const copying = (line: string): Promise<Started> =>
    startProcess('cli', {
      ...{ databaseUrl: test.url, masterKey: test.masterKey, dataDir: folder },
      environment: { KURRENTDB_URL: fake.url },
      args: line.split(' '),
    });
  /** Kills a copy in the middle, judged by how much has arrived. */
  async function killedWhile(line: string, arrived: () => Promise<number>, all: number) {
    const before = await arrived();
    const process = await copying(line);
    while ((await arrived()) === before && process.isAlive()) await pause(2);
    process.kill();
    expect((await process.exited).signal).toBe('SIGKILL');
    const some = await arrived();
    expect([some > before, some < all]).toEqual([true, true]);
    return some;
  }
  /** Alters a stored event where it lies, as somebody with a hand on the disk would. */
  const alter = (index: number) => {
    const { data, stream } = ours()[index]!;
    data.set([data.at(-2)! ^ 1], data.length - 2);
    return stream.split('.')[1]!;
  };
  /** What was written there while nobody copied it. */
  async function writeUncopied(each: number): Promise<void> {
    const epoch = await moveLog(test.url, 'kurrentdb');
    const server = await KurrentDbServer.connect({ url: fake.url });
    await write(new KurrentDbEventStore(test.database, server, epoch), each);
    await server.close();
  }

  it('goes on after a kill, and keeps every id, revision and hash, there and back', async () => {
    const all = 2 * STREAMS * 300;
    await write(new PostgresEventStore(test.database), 300);
    const before = await inDatabase();
    const some = await killedWhile(TO_SERVER, async () => ours().length, all);
    expect(await place()).toBe('postgres');
    const there = await run(TO_SERVER);
    expect([there.code, there.out]).toEqual([0, there.out]);
    expect(there.json()).toMatchObject({ events: all, moved: true });
    // What arrived while it was being killed counts as well.
    expect(there.json().present).toBeGreaterThanOrEqual(some);
    expect(onServer()).toEqual(before);
    const back = await run(TO_POSTGRES);
    expect([back.code, back.json()]).toMatchObject([0, { events: all, moved: true }]);
    expect(await inDatabase()).toEqual(before);
  });

  it('goes on after a kill on the way back as well', async () => {
    const all = 2 * STREAMS * 600;
    await writeUncopied(600);
    const copied = async () => Number((await sql('SELECT count(*) AS value FROM es_event'))[0]);
    expect(await copied()).toBe(0);
    await killedWhile(TO_POSTGRES, copied, all);
    expect(await place()).toBe('kurrentdb');
    const back = await run(TO_POSTGRES);
    expect([back.code, back.json()]).toMatchObject([0, { events: all, moved: true }]);
    expect(await inDatabase()).toEqual(onServer());
    expect(await place()).toBe('postgres');
  });

  it('copies one tenant and moves nothing', async () => {
    await write(new PostgresEventStore(test.database), 20);
    const [tenant] = tenants;
    const one = await run(`${TO_SERVER} --tenant ${tenant}`);
    expect(one.json()).toMatchObject({ events: STREAMS * 20, streams: STREAMS, moved: false });
    const owners = new Set(ours().map(({ stream }) => stream.split('.')[0]));
    expect([...owners]).toEqual([tenant.replaceAll('-', '')]);
    expect(await place()).toBe('postgres');
    const wrong = await run(`${TO_POSTGRES} --tenant ${tenant}`);
    expect([wrong.code, wrong.out + wrong.error]).toEqual([
      2,
      expect.stringContaining('--tenant goes with --to kurrentdb'),
    ]);
    // All of them are moved afterwards; what is there is passed over.
    const all = await run(TO_SERVER);
    expect(all.json()).toMatchObject({ present: STREAMS * 20, moved: true });
    expect(onServer()).toEqual(await inDatabase());
  });

  it('finds an event that differs on the server, and switches nothing', async () => {
    await write(new PostgresEventStore(test.database), 20);
    await run(`${TO_SERVER} --tenant ${tenants[0]}`);
    const stream = alter(5);
    const refused = await run(TO_SERVER);
    expect([refused.code, refused.out]).toEqual([1, expect.stringContaining('DIFFERENT')]);
    expect(refused.out).toContain(`${stream} of tenant ${tenants[0]}`);
    expect(await place()).toBe('postgres');
  });

  it('does not add to streams of another log', async () => {
    await write(new PostgresEventStore(test.database), 5);
    expect((await run(TO_SERVER)).code).toBe(0);
    const other = await createTestDatabase();
    await write(new PostgresEventStore(other.database), 5);
    const refused = await cliOn(other, { DATA_DIR: folder, KURRENTDB_URL: fake.url })(TO_SERVER);
    expect(refused.code).not.toBe(0);
    expect(refused.out + refused.error).toContain('it belongs to another log');
    expect(ours()).toHaveLength(2 * STREAMS * 5);
    await other.drop();
  });

  it.each(['the server', 'the copy'])(
    'finds on the way back what was altered on %s',
    async (where) => {
      await writeUncopied(20);
      expect((await run(TO_POSTGRES)).code).toBe(0);
      expect((await run(TO_SERVER)).code).toBe(0);
      let stream = streams[0]!;
      if (where === 'the server') stream = alter(5);
      else {
        await sql(
          `UPDATE es_event SET data = replace(data, '"', '" ')
          WHERE tenant_id = $1 AND stream_id = $2 AND version = 3 RETURNING '' AS value`,
          [tenants[1], stream],
        );
      }
      const refused = await run(TO_POSTGRES);
      expect([refused.code, refused.out]).toEqual([1, expect.stringContaining('DIFFERENT')]);
      expect(refused.out).toContain(`${stream} of tenant`);
      expect(await place()).toBe('kurrentdb');
    },
  );
});
