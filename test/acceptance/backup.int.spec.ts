import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { appendFile, cp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Accepted } from '#kernel/command';
import { ERASED } from '#kernel/event';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { openPlatform } from '#apps/composition/open-platform';
import { systemContext, type Platform } from '#platform/platform';
import { installation, type Installation } from '#test/support/installation';

const NAME = ['Cosima', 'Featherstonehaugh'];
const PASSWORD_HASH = 'hash-of-a-password';

describe('backup and restore', () => {
  let root: string;
  let home: Installation;
  let tenantId: string;
  let contactId: string;
  const made: Installation[] = [];
  const another = async (masterKey?: Buffer) => {
    const one = await installation(root, masterKey);
    made.push(one);
    return one;
  };

  const dispatching = (platform: Platform) => async (name: string, input: object, id?: string) => {
    const ctx = systemContext(tenantId, 'spec');
    const answer = await platform.dispatch(name, input, ctx, id ? { id } : {});
    if (isRefusal(answer)) throw new Error(JSON.stringify(answer));
    return (answer as Accepted).id;
  };

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'clientforge-backup-'));
    home = await another();
    tenantId = uuidv7();
    const { platform, close } = await openPlatform(home.config);
    const dispatch = dispatching(platform);
    await dispatch('CreateTenant', { name: 'Harps', slug: 'harps' }, tenantId);
    const [firstName, lastName] = NAME;
    contactId = await dispatch('CreateContact', { firstName, lastName });
    for (let n = 0; n < 40; n++) {
      const id = await dispatch('CreateCompany', { name: `Company ${n}\t\\N\n“ü”` });
      await dispatch('ChangeCompany', { industry: 'Harps' }, id);
    }
    await platform.database.tenant(tenantId, (db) =>
      db.query('INSERT INTO auth_credential VALUES ($1, $2, $3, now())', [
        tenantId,
        uuidv7(),
        PASSWORD_HASH,
      ]),
    );
    await platform.projections.catchUp();
    await close();
  });
  afterAll(async () => {
    for (const one of made) await one.drop();
    rmSync(root, { recursive: true, force: true });
  });

  it('is restored into an empty database: rows, passwords, chains; erasures since are applied', async () => {
    const folder = join(root, 'first');
    // What a saga set aside is behind its checkpoint; what a read model did follows from building it.
    for (const processor of ['saga:deal-follow-up', 'companies']) {
      await home.query(`INSERT INTO es_dead_letter SELECT '${processor}', tenant_id, stream_id,
        version, event_id, type, 'planted' FROM es_event WHERE stream_id LIKE 'company-%' LIMIT 1`);
    }
    const created = await home.cli(`backup create ${folder} --json`);
    expect(created.code).toBe(0);
    expect(created.json()).toMatchObject({ rows: { es_event: 83 } });
    expect((await readdir(folder)).sort()).toEqual(
      expect.arrayContaining(['keys', 'log', 'manifest.json', 'state']),
    );
    await home.query(`DELETE FROM es_dead_letter`);
    const again = await home.cli(`backup create ${folder} --json`);
    expect(again).toMatchObject({ code: 1 });
    expect(again.out).toContain('is not empty');
    // Erased after the backup: the list is kept beside it, and outlives the database.
    const erase = `subjects erase --tenant ${tenantId} --subject ${contactId} --yes --json`;
    expect((await home.cli(erase)).code).toBe(0);

    const target = await another(home.masterKey);
    await cp(join(home.dataDir, 'erasures'), join(target.dataDir, 'erasures'), { recursive: true });
    const restored = await target.cli(`backup restore ${folder} --json`);
    expect({
      code: restored.code,
      error: restored.code ? restored.error + restored.out : '',
    }).toEqual({
      code: 0,
      error: '',
    });
    expect(restored.json()).toMatchObject({ epoch: 2, erasures: 1, violations: 0, tenants: 1 });
    expect(await target.tables(NAME)).toEqual([]);
    const [row] = await target.query('SELECT first_name FROM rm_contacts');
    expect(row).toEqual({ first_name: ERASED });
    expect(
      await target.query('SELECT name FROM rm_companies WHERE name LIKE $1', ['%39\t%']),
    ).toEqual([{ name: 'Company 39\t\\N\n“ü”' }]);
    expect(await target.query('SELECT password_hash FROM auth_credential')).toEqual([
      { password_hash: PASSWORD_HASH },
    ]);
    expect(await target.query('SELECT processor, reason FROM es_dead_letter')).toEqual([
      { processor: 'saga:deal-follow-up', reason: 'planted' },
    ]);
    // What is written from now on comes after all there was.
    const { platform, close } = await openPlatform(target.config);
    await dispatching(platform)('CreateCompany', { name: 'Later' });
    await platform.projections.catchUp();
    await close();
    expect(await target.query(`SELECT name FROM rm_companies WHERE name = 'Later'`)).toHaveLength(
      1,
    );
    const forced = await target.query(
      `SELECT relname FROM pg_class WHERE relname ~ '^es_' AND relkind = 'r'
          AND relrowsecurity AND NOT relforcerowsecurity`,
    );
    expect(forced).toEqual([]);
    const verified = await target.cli('projections verify all --json');
    expect(verified.json()).toMatchObject({ intact: true });
  });

  it('is refused where it would join another log, and where it is not whole or not ours', async () => {
    const folder = join(root, 'second');
    expect((await home.cli(`backup create ${folder}`)).code).toBe(0);
    const busy = await home.cli(`backup restore ${folder} --json`);
    expect(busy.code).toBe(1);
    expect(busy.out).toContain('has a log already');
    expect(busy.out).toContain('DATABASE_URL');

    const stranger = await another();
    const locked = await stranger.cli(`backup restore ${folder} --json`);
    expect(locked.code).toBe(1);
    expect(locked.out).toContain('MASTER_KEY');

    const target = await another(home.masterKey);
    const none = await target.cli(`backup restore ${join(root, 'nowhere')} --json`);
    expect(none.out).toContain('manifest.json');
    await appendFile(join(folder, 'log', 'es_event.copy'), 'x');
    const altered = await target.cli(`backup restore ${folder} --json`);
    expect(altered.code).toBe(1);
    expect(altered.out).toContain('es_event.copy is not what was backed up');
    const tables = await target.query(`SELECT FROM pg_class WHERE relname = 'es_event'`);
    expect(tables).toEqual([]);
  });

  it('R21 is drilled by one command, which leaves nothing behind', async () => {
    // Those of its own: other specs make and drop databases meanwhile.
    const own = `SELECT datname FROM pg_database WHERE datname LIKE current_database() || '%'`;
    expect(await home.query(own)).toHaveLength(1);
    const drill = await home.cli('backup drill --json');
    expect({ code: drill.code, error: drill.code ? drill.error + drill.out : '' }).toEqual({
      code: 0,
      error: '',
    });
    expect(drill.json()).toMatchObject({ holds: true, different: [], restored: { violations: 0 } });
    expect(await home.query(own)).toHaveLength(1);
    expect((await readdir(home.dataDir)).filter((name) => name.startsWith('drill'))).toEqual([]);
    const manifest = await readFile(join(root, 'first', 'manifest.json'), 'utf8');
    expect(manifest).not.toContain(NAME[1]);
  });
});

describe('R21 a log and rows that do not fit together', () => {
  let root: string;
  let home: Installation;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'clientforge-epoch-'));
    home = await installation(root);
  });
  afterAll(async () => {
    await home.drop();
    rmSync(root, { recursive: true, force: true });
  });

  it('R21 an older log beside newer rows is not served; the command named mends it', async () => {
    const tenantId = uuidv7();
    const ctx = systemContext(tenantId, 'spec');
    const { platform, close } = await openPlatform(home.config);
    await platform.dispatch('CreateTenant', { name: 'Harps', slug: 'harps' }, ctx, {
      id: tenantId,
    });
    await platform.dispatch('CreateCompany', { name: 'Kept' }, ctx);
    await platform.dispatch('CreateCompany', { name: 'Lost' }, ctx);
    await platform.projections.catchUp();
    await close();
    // As an older copy of the log has it.
    await home.query(
      `WITH last AS (DELETE FROM es_event e WHERE xid = (SELECT max(xid) FROM es_event)
         RETURNING tenant_id, stream_id)
       DELETE FROM es_stream s USING last WHERE (s.tenant_id, s.stream_id) = (last.tenant_id, last.stream_id)`,
    );
    const command = 'npm run cli -- epoch open';
    await expect(openPlatform(home.config)).rejects.toThrow(command);
    const opened = await home.cli('epoch open --reason restored --yes --json');
    expect(opened.json()).toMatchObject({ epoch: 2 });
    expect(opened.json().reset).toContain('companies');
    const again = await openPlatform(home.config);
    await again.platform.dispatch('CreateCompany', { name: 'Later' }, ctx);
    await again.platform.projections.catchUp();
    await again.close();
    const names = await home.query<{ name: string }>('SELECT name FROM rm_companies ORDER BY 1');
    expect(names.map(({ name }) => name)).toEqual(['Kept', 'Later']);
    expect((await home.cli('projections verify all --json')).json()).toMatchObject({
      intact: true,
    });
  });

  it('R21 a log ahead of the server is not served; the command named mends it', async () => {
    await home.query(`UPDATE es_event SET xid = (xid::text::bigint + 1000000000000)::text::xid8,
      epoch = (SELECT max(epoch) FROM es_epoch)`);
    await home.query(`UPDATE es_checkpoint SET epoch = 0, xid = '0', pos = 0`);
    await expect(openPlatform(home.config)).rejects.toThrow('npm run cli -- epoch open');
    expect((await home.cli('epoch open --reason moved --yes --json')).code).toBe(0);
    const again = await openPlatform(home.config);
    await again.platform.projections.catchUp();
    await again.close();
    expect((await home.cli('projections verify all --json')).json()).toMatchObject({
      intact: true,
    });
  });
});
