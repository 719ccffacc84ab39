import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPlatform } from '#apps/composition/open-platform';
import { createWorkspace, type Workspace } from '#apps/composition/workspace';
import type { Accepted } from '#kernel/command';
import { PLATFORM_TENANT, uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { environment } from '#platform/config/environment';
import { emptyTables } from '#platform/erasure/tenant-tables';
import { isServed } from '#platform/operations/serving';
import { systemContext, type Platform } from '#platform/platform';
import { installation, type Installation } from '#test/support/installation';
import { until } from '#test/support/live-socket';
import { plantRow, rowsOf, tenantTables } from '#test/support/tenant-rows';

const [FIRST, LAST] = ['Cosima', 'Featherstonehaugh'];
const EMAIL = 'cosima.featherstonehaugh@example.org';
const ABOUT = 'Collects theremins from Leningrad';
const PERSONAL = [FIRST, LAST, EMAIL, ABOUT];
/** Said of nobody in particular: the log keeps it, nothing else does. */
const COMPANY = 'Quagmire Theremins';
const cliFile = join(import.meta.dirname, '../../dist/apps/cli/main.js');
const OWNER = 'owner@doomed.example';

describe('a workspace that is deleted', () => {
  let root: string;
  let home: Installation;
  let backup: string;
  let [doomed, neighbour]: Workspace[] = [];
  const made: Installation[] = [];
  const another = async (masterKey?: Buffer) => {
    const one = await installation(root, masterKey);
    made.push(one);
    return one;
  };
  const files = (one: Installation, tenantId: string) =>
    join(one.dataDir, 'files', 'imports', tenantId);

  async function fill(platform: Platform, name: string): Promise<Workspace> {
    const ownerPassword = 'seven quiet lanterns drift';
    const input = { name, ownerEmail: `owner@${name.toLowerCase()}.example`, ownerPassword };
    const workspace = (await createWorkspace(platform, input)) as Workspace;
    const { tenantId, ownerId } = workspace;
    const ctx = systemContext(tenantId, 'spec');
    const dispatch = async (command: string, values: object, who = ctx) => {
      const answer = await platform.dispatch(command, values, who);
      if (isRefusal(answer)) throw new Error(JSON.stringify(answer));
      return answer as Accepted;
    };
    const person = { firstName: FIRST, lastName: LAST, email: EMAIL, about: ABOUT };
    const { id } = await dispatch('CreateContact', person);
    const related = { relatedToType: 'contact', relatedToId: id };
    await dispatch('CreateNote', { content: ABOUT, ...related });
    const actor = { type: 'user', id: ownerId } as const;
    await dispatch('CreateCompany', { name: COMPANY }, { ...ctx, actor, ip: '203.0.113.177' });
    await dispatch('CreateTask', { title: 'Tune', assignedToId: ownerId, ...related });
    await mkdir(files(home, tenantId), { recursive: true });
    await writeFile(join(files(home, tenantId), `${uuidv7()}.csv`), EMAIL);
    return workspace;
  }

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'clientforge-deleted-'));
    home = await another();
    const { platform, close } = await openPlatform(home.config);
    doomed = await fill(platform, 'Doomed');
    neighbour = await fill(platform, 'Neighbour');
    await platform.projections.catchUp();
    await platform.sagas.runner.catchUp();
    await close();
    backup = join(root, 'backup');
    expect((await home.cli(`backup create ${backup} --json`)).code).toBe(0);
  }, 120_000);
  afterAll(async () => {
    for (const one of made) await one.drop();
    rmSync(root, { recursive: true, force: true });
  });

  /** Runs the operator's tool as a process of its own that is killed at a failpoint. */
  async function killedAt(failpoint: string, line: string): Promise<NodeJS.Signals | null> {
    const child = spawn(process.execPath, [cliFile, ...line.split(' ')], {
      env: { ...environment, ...home.settings, FAILPOINT: failpoint, LEASE_SECONDS: '1' },
      stdio: 'ignore',
    });
    await once(child, 'exit');
    // What it held is free again before the next one looks whether somebody serves.
    await until('its lease has ended', async () => !(await isServed(home.settings.DATABASE_URL)));
    return child.signalCode;
  }

  /** What a command of the operator's tool says, once it ended well. */
  async function said(one: Installation, line: string): Promise<unknown> {
    const { code, out, error, json } = await one.cli(`${line} --json`);
    if (code !== 0) throw new Error(`${line} ended with ${code}: ${out}${error}`);
    return json();
  }

  /** Rows, chains and invariants hold, and a rebuild brings nothing back. */
  async function holds(one: Installation) {
    expect(await said(one, 'projections verify all')).toMatchObject({ intact: true });
    await said(one, `audit verify --tenant ${doomed!.tenantId}`);
    await said(one, 'doctor --deep');
    await said(one, 'projections rebuild contacts');
    expect(await rowsOf(one, doomed!.tenantId)).toEqual({});
  }

  it('S29 is destroyed to the end, wherever the process was killed', async () => {
    const { tenantId } = doomed!;
    expect(Object.keys(await rowsOf(home, tenantId)).length).toBeGreaterThan(15);
    const before = await rowsOf(home, neighbour!.tenantId);
    // Samples of values, as autovacuum would take them.
    await home.query('ANALYZE');
    const sampled = `pg_catalog.pg_statistic: ${OWNER}`;
    expect(await home.tables([OWNER])).toContain(sampled);
    const remove = `tenants delete --tenant ${tenantId} --slug doomed --now --json`;
    expect(await killedAt('deletion_after_keys', remove)).toBe('SIGKILL');
    // From here on every process that starts takes it up.
    expect(await killedAt('deletion_after_chunk:3', 'tenants list')).toBe('SIGKILL');
    expect(Object.keys(await rowsOf(home, tenantId)).length).toBeGreaterThan(0);
    expect(await killedAt('deletion_before_record', 'tenants list')).toBe('SIGKILL');
    expect(await said(home, 'tenants list')).toEqual([
      expect.objectContaining({ slug: 'neighbour' }),
    ]);
    expect(await rowsOf(home, tenantId)).toEqual({});
    expect(existsSync(files(home, tenantId))).toBe(false);
    expect(await rowsOf(home, neighbour!.tenantId)).toEqual(before);
    expect(await home.tables([OWNER])).toEqual([]);
    await expect(said(home, remove)).rejects.toThrow('NOT_FOUND');
  }, 180_000);

  it('S29 leaves a log that says nothing of people, and that verifies', async () => {
    const { tenantId } = doomed!;
    const texts = await home.query<{ text: string }>(
      `SELECT e::text AS text FROM es_event e WHERE tenant_id = $1
        UNION ALL SELECT c::text FROM es_command c WHERE tenant_id = $1`,
      [tenantId],
    );
    const all = texts.map(({ text }) => text).join('\n');
    expect(PERSONAL.filter((value) => all.includes(value))).toEqual([]);
    expect(all).toContain(COMPANY);
    const keys = await home.query(
      `SELECT 1 FROM es_subject_key WHERE tenant_id = $1 AND wrapped IS NOT NULL
        UNION ALL SELECT 1 FROM es_tenant_key WHERE tenant_id = $1 AND wrapped IS NOT NULL`,
      [tenantId],
    );
    expect(keys).toEqual([]);
    await holds(home);
    const last = await home.query(
      `SELECT type FROM es_event WHERE tenant_id = $1
        ORDER BY epoch DESC, xid DESC, pos DESC LIMIT 1`,
      [tenantId],
    );
    expect(last).toEqual([{ type: 'TenantDeleted' }]);
  }, 180_000);

  it('S29 says in the platform’s own log who deleted it, once and without personal data', async () => {
    const found = await home.query<{ data: string }>(
      `SELECT data FROM es_event WHERE tenant_id = $1 AND type = 'WorkspaceDestroyed'`,
      [PLATFORM_TENANT],
    );
    const { tenantId } = doomed!;
    expect(found.map(({ data }) => JSON.parse(data) as object)).toEqual([
      { tenantId, byType: 'system', byId: 'cli', decidedAt: expect.any(String) as unknown },
    ]);
  });

  it('S29 comes back from no backup', async () => {
    const target = await another(home.masterKey);
    await cp(join(home.dataDir, 'erasures'), join(target.dataDir, 'erasures'), { recursive: true });
    const restored = await said(target, `backup restore ${backup}`);
    expect(restored).toMatchObject({ deletions: 1, tenants: 1, violations: 0 });
    expect(await rowsOf(target, doomed!.tenantId)).toEqual({});
    expect(existsSync(files(target, doomed!.tenantId))).toBe(false);
    expect(existsSync(files(target, neighbour!.tenantId))).toBe(true);
    await holds(target);
    // A backup made since knows it by itself.
    const later = join(root, 'later');
    await said(target, `backup create ${later}`);
    const third = await another(home.masterKey);
    const again = await said(third, `backup restore ${later}`);
    expect(again).toMatchObject({ deletions: 0, tenants: 1, violations: 0 });
    expect(await rowsOf(third, doomed!.tenantId)).toEqual({});
  }, 180_000);

  it('S29 keeps its short name, so that nobody takes over its address', async () => {
    const { platform, close } = await openPlatform(home.config);
    const ownerPassword = 'seven quiet lanterns drift';
    const input = { name: 'Doomed', ownerEmail: 'owner@doomed.example', ownerPassword };
    const again = await createWorkspace(platform, input).finally(close);
    expect(again).toMatchObject({ refused: true, code: 'ALREADY_TAKEN' });
  });

  it('S29 no table of the catalogue is forgotten', async () => {
    const tenantId = uuidv7();
    const names = await tenantTables(home);
    for (const name of names) await plantRow(home, name, tenantId);
    expect(Object.keys(await rowsOf(home, tenantId))).toEqual(names);
    const { platform, close } = await openPlatform(home.config);
    try {
      await emptyTables(platform.database, tenantId);
      expect(await rowsOf(home, tenantId)).toEqual({});
      // One that was made without its rights is not passed over in silence.
      await home.query('CREATE TABLE loose_remarks (tenant_id uuid, remark text)');
      await expect(emptyTables(platform.database, tenantId)).rejects.toThrow('loose_remarks');
    } finally {
      await home.query('DROP TABLE IF EXISTS loose_remarks');
      await close();
    }
  });
});
