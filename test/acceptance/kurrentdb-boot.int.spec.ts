import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startFakeKurrentDb, type FakeKurrentDb } from '#test/faults/kurrentdb/fake-kurrentdb';
import { cliOn, type Ran } from '#test/support/cli';
import { createTestDatabase, type TestDatabase } from '#test/support/database';

const PASSWORD = 'seven quiet lanterns drift';
const create = (name: string) =>
  `tenants create --name ${name} --owner-email o@${name}.example --owner-password-stdin --json`;

/** Where the log is: what a start refuses, and how it is moved. */
describe('a log on KurrentDB (fake)', () => {
  let test: TestDatabase;
  let fake: FakeKurrentDb;
  let folder: string;
  const run = (line: string, url?: string, input = ''): Promise<Ran> =>
    cliOn(test, { DATA_DIR: folder, ...(url ? { KURRENTDB_URL: url } : {}) })(line, input);
  const names = async (url?: string) => {
    const { code, out } = await run('tenants list --json', url);
    expect([code, out]).toEqual([0, out]);
    return ['hooli', 'acme'].filter((name) => out.includes(name));
  };
  const log = () =>
    test.admin(async (client) => (await client.query('SELECT store, epoch FROM es_log')).rows[0]);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clientforge-kurrentdb-'));
    test = await createTestDatabase();
    fake = await startFakeKurrentDb({ version: '22.10.0' });
    expect((await run(create('hooli'), undefined, PASSWORD)).code).toBe(0);
  });
  afterAll(async () => {
    await fake.stop();
    await test.drop();
    rmSync(folder, { recursive: true });
  });

  it('says within ten seconds that nobody answers, and writes nothing', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'clientforge-kurrentdb-'));
    const begin = performance.now();
    const { code, out, error } = await cliOn(test, {
      DATA_DIR: empty,
      MASTER_KEY: '',
      KURRENTDB_URL: 'kurrentdb://u:secret@127.0.0.1:9?tls=false',
    })('tenants list');
    expect(performance.now() - begin).toBeLessThan(10_000);
    expect(code).toBe(3);
    expect(out + error).toContain('127.0.0.1:9');
    expect(out + error).not.toContain('secret');
    expect(readdirSync(empty)).toEqual([]);
    rmSync(empty, { recursive: true });
  });

  it('is refused where the log is elsewhere, naming how to move it', async () => {
    const { code, out, error } = await run('tenants list', fake.url);
    expect(code).not.toBe(0);
    expect(out + error).toContain('events copy --to kurrentdb');
    expect(await log()).toMatchObject({ store: 'postgres' });
  });

  it('is copied there, verified and moved, and back again', async () => {
    const there = await run('events copy --to kurrentdb --json', fake.url);
    expect([there.code, there.error]).toEqual([0, '']);
    expect(there.json()).toMatchObject({ to: 'kurrentdb', moved: true });
    expect(await log()).toMatchObject({ store: 'kurrentdb' });
    const without = await run('tenants list');
    expect(without.out + without.error).toContain('events copy --to postgres');

    expect((await run(create('acme'), fake.url, PASSWORD)).code).toBe(0);
    expect(await names(fake.url)).toEqual(['hooli', 'acme']);
    const audited = await run('audit verify --all --json', fake.url);
    expect(audited.code).toBe(0);

    const back = await run('events copy --to postgres --json', fake.url);
    expect([back.code, back.error]).toEqual([0, '']);
    expect(back.json()).toMatchObject({ to: 'postgres', moved: true });
    expect(await names()).toEqual(['hooli', 'acme']);
    const refused = await run('events copy --to postgres --json', fake.url);
    expect(refused.code).toBe(1);
  });
});
