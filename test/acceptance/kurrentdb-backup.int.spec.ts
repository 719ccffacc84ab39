import { mkdtempSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openPlatform } from '#apps/composition/open-platform';
import type { Accepted } from '#kernel/command';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { loadConfig } from '#platform/config/config';
import { systemContext } from '#platform/platform';
import { startFakeKurrentDb, type FakeKurrentDb } from '#test/faults/kurrentdb/fake-kurrentdb';
import type { LogRecord } from '#test/faults/kurrentdb/log';
import { cliOn } from '#test/support/cli';
import { createTestDatabase, type TestDatabase } from '#test/support/database';

const version = '26.1.0';

/** A database and its log on a server (fake), each of which has a backup of its own. */
describe('R21 backups of a database and of its log on KurrentDB (fake)', () => {
  let root: string;
  const ending: (() => unknown)[] = [];
  const tenantId = uuidv7();
  let home: Installation;
  let fake: FakeKurrentDb;
  let companyId: string;

  type Installation = Awaited<ReturnType<typeof installation>>;
  async function server(records: readonly LogRecord[] = []): Promise<FakeKurrentDb> {
    const started = await startFakeKurrentDb({ version, records });
    ending.push(() => started.stop());
    return started;
  }
  /** An empty database with a data folder; the master key is that of the first. */
  async function installation(masterKey?: Buffer) {
    const test: TestDatabase = await createTestDatabase();
    ending.push(() => test.drop());
    const known = { url: test.url, masterKey: masterKey ?? test.masterKey };
    const dataDir = join(root, new URL(test.url).pathname);
    const settings = (url: string) => ({
      DATABASE_URL: test.url,
      DATA_DIR: dataDir,
      MASTER_KEY: known.masterKey.toString('base64'),
      ALLOW_UNSAFE_DURABILITY: 'true',
      LOG_LEVEL: 'silent',
      KURRENTDB_URL: url,
    });
    return {
      ...known,
      dataDir,
      cli: (url: string) => cliOn(known, settings(url)),
      open: (url: string) => openPlatform(loadConfig(settings(url))),
      names: async () => {
        const { rows } = await test.admin((client) =>
          client.query<{ name: string }>('SELECT name FROM rm_companies ORDER BY name'),
        );
        return rows.map(({ name }) => name);
      },
    };
  }
  /** Opens, carries out a command and shows it, and closes. */
  async function done(one: Installation, url: string, name: string, input: object, id?: string) {
    const { platform, close } = await one.open(url);
    try {
      const ctx = systemContext(tenantId, 'spec');
      const answer = await platform.dispatch(name, input, ctx, id ? { id } : {});
      if (isRefusal(answer)) throw new Error(answer.message);
      await platform.projections.catchUp();
      return (answer as Accepted).id;
    } finally {
      await close();
    }
  }
  const wrote = (one: Installation, url: string, name: string) =>
    done(one, url, 'CreateCompany', { name });
  const changed = (one: Installation, url: string, industry: string) =>
    done(one, url, 'ChangeCompany', { industry }, companyId);
  /** Nothing is wrong: what is on either side, the chains, the rows. */
  async function isSound(one: Installation, url: string): Promise<void> {
    const doctor = await one.cli(url)('doctor --deep --json');
    const { checks } = doctor.json() as { checks: { name: string; status: string }[] };
    const wrong = checks.filter(({ status }) => /violated|could not run/.test(status));
    expect(wrong.filter(({ name }) => name !== 'horizon')).toEqual([]);
    expect(checks.find(({ name }) => name === 'log-copy')).toMatchObject({ status: 'holds' });
    const audited = await one.cli(url)('audit verify --all --json');
    expect([audited.code, audited.json()]).toMatchObject([0, { intact: true }]);
  }

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'clientforge-two-backups-'));
    fake = await server();
    home = await installation();
    const input = { name: 'Harps', slug: 'harps' };
    await done(home, fake.url, 'CreateTenant', input, tenantId);
    companyId = await wrote(home, fake.url, 'Before');
  });
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end();
    rmSync(root, { recursive: true, force: true });
  });

  it('S29 a workspace that was deleted is gone from rows, and from an older database as well', async () => {
    const folder = join(root, 'backup');
    expect((await home.cli(fake.url)(`backup create ${folder}`)).code).toBe(0);
    await wrote(home, fake.url, 'Between');
    const line = `tenants delete --tenant ${tenantId} --slug harps --now --json`;
    const deleted = await home.cli(fake.url)(line);
    expect([deleted.code, deleted.json()]).toMatchObject([0, { tenantId, slug: 'harps' }]);
    expect(await home.names()).toEqual([]);
    await isSound(home, fake.url);
    const restored = await server(fake.state.records);
    const target = await installation(home.masterKey);
    await cp(join(home.dataDir, 'erasures'), join(target.dataDir, 'erasures'), { recursive: true });
    const report = await target.cli(restored.url)(`backup restore ${folder} --json`);
    expect([report.code, report.out]).toEqual([0, report.out]);
    expect(report.json()).toMatchObject({ deletions: 1, violations: 0 });
    expect(await target.names()).toEqual([]);
    await isSound(target, restored.url);
    expect((await target.cli(restored.url)('tenants list --json')).json()).toEqual([]);
  });

  it('R21 an older database beside a newer log takes over what it lacks', async () => {
    const folder = join(root, 'backup');
    expect((await home.cli(fake.url)(`backup create ${folder}`)).code).toBe(0);
    await wrote(home, fake.url, 'Between');
    const restored = await server(fake.state.records);
    const target = await installation(home.masterKey);
    const report = await target.cli(restored.url)(`backup restore ${folder} --json`);
    expect([report.code, report.out]).toEqual([0, report.out]);
    expect(report.json()).toMatchObject({ violations: 0 });
    await wrote(target, restored.url, 'Later');
    expect(await target.names()).toEqual(['Before', 'Between', 'Later']);
    await isSound(target, restored.url);
  });

  it('R21 what was sealed by keys the older database lacks is set aside, the rest is served', async () => {
    const folder = join(root, 'backup');
    expect((await home.cli(fake.url)(`backup create ${folder}`)).code).toBe(0);
    const person = { firstName: 'Cosima', lastName: 'Featherstonehaugh' };
    const contactId = await done(home, fake.url, 'CreateContact', person);
    await wrote(home, fake.url, 'Between');
    const restored = await server(fake.state.records);
    const target = await installation(home.masterKey);
    expect((await target.cli(restored.url)(`backup restore ${folder} --json`)).code).toBe(0);
    await wrote(target, restored.url, 'Later');
    expect(await target.names()).toEqual(['Before', 'Between', 'Later']);
    const letters = await target.cli(restored.url)('projections dead-letters --json');
    expect(letters.out).toContain(`contact-${contactId}`);
  });

  it('R21 a database restored beside an empty server gives it the whole log', async () => {
    const folder = join(root, 'backup');
    expect((await home.cli(fake.url)(`backup create ${folder}`)).code).toBe(0);
    const empty = await server();
    const target = await installation(home.masterKey);
    const refused = await target.cli(empty.url)(`backup restore ${folder}`);
    expect([refused.code, refused.out + refused.error]).toEqual([
      3,
      expect.stringContaining('npm run cli -- events copy --to kurrentdb'),
    ]);
    const copied = await target.cli(empty.url)('events copy --to kurrentdb --json');
    expect([copied.code, copied.json()]).toMatchObject([0, { present: 0, moved: true }]);
    await wrote(target, empty.url, 'Later');
    expect(await target.names()).toEqual(['Before', 'Later']);
    await isSound(target, empty.url);
  });

  it('R21 an older log beside a newer database is not served; the command named mends it', async () => {
    const older = [...fake.state.records];
    await wrote(home, fake.url, 'Lost on the server');
    const restored = await server(older);
    const command = 'npm run cli -- events copy --to kurrentdb';
    await expect(home.open(restored.url)).rejects.toThrow(command);
    const copied = await home.cli(restored.url)('events copy --to kurrentdb --json');
    expect([copied.code, copied.out]).toEqual([0, copied.out]);
    const { events, present } = copied.json() as { events: number; present: number };
    expect(events - present).toBe(fake.state.records.length - older.length);
    await wrote(home, restored.url, 'Later');
    expect(await home.names()).toEqual(['Before', 'Later', 'Lost on the server']);
    await isSound(home, restored.url);
  });

  it('R21 a log that went another way since is not served, and its streams are not written to', async () => {
    const folder = join(root, 'backup');
    expect((await home.cli(fake.url)(`backup create ${folder}`)).code).toBe(0);
    const other = await server(fake.state.records);
    const target = await installation(home.masterKey);
    expect((await target.cli(other.url)(`backup restore ${folder} --json`)).code).toBe(0);
    await changed(home, fake.url, 'Tea');
    await changed(target, other.url, 'Coffee');
    const { length } = other.state.records;
    await expect(home.open(other.url)).rejects.toThrow('is missing or another');
    const copied = await home.cli(other.url)('events copy --to kurrentdb --json');
    expect(copied.code).not.toBe(0);
    expect(copied.out + copied.error).toContain('it belongs to another log');
    expect(other.state.records).toHaveLength(length);
  });
});
