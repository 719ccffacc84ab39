import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Accepted } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import { cliOn, type Ran } from '#test/support/cli';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

describe('rebuilding from the command line', () => {
  let test: TestPlatform;
  let cli: (line: string) => Promise<Ran>;
  let ctx: RequestContext;
  let ids: string[];

  const dispatch = async (name: string, input: object, id?: string) =>
    (await test.platform.dispatch(name, input, ctx, id ? { id } : {})) as Accepted;
  const admin = (text: string, values: unknown[] = []) =>
    test.test.admin((client) => client.query(text, values));
  const company = async (name: string) => {
    const { id } = await dispatch('CreateCompany', { name });
    await dispatch('ChangeCompany', { industry: 'Tea' }, id);
    return id;
  };
  const nameOf = async (id: string) =>
    (await admin('SELECT name FROM rm_companies WHERE id = $1', [id])).rows[0]?.name as unknown;

  beforeAll(async () => {
    test = await startTestPlatform();
    cli = cliOn(test.test);
    const made = await cliOn(test.test)(
      'tenants create --name Hooli --owner-email o@hooli.example --owner-password-stdin --json',
      'seven quiet lanterns drift',
    );
    const tenantId = (made.json() as { id: string }).id;
    ctx = { ...test.caller(tenantId), actor: { type: 'system', id: 'spec' } };
    ids = [await company('Aviato'), await company('Bachmanity')];
    await test.platform.projections.catchUp();
  });
  afterAll(() => test.close());

  it('verifies every row and names what the log does not explain', async () => {
    const clean = await cli('projections verify all');
    expect(clean).toMatchObject({ code: 0 });
    expect(clean.out).toContain('rows checked: each is what the log says.');
    await admin(`UPDATE rm_companies SET name = 'Planted' WHERE id = $1`, [ids[0]]);
    await admin(`DELETE FROM rm_companies_history WHERE id = $1 AND revision = 1`, [ids[1]]);
    const { code, json } = await cli('projections verify companies --json');
    expect(code).toBe(1);
    expect(json()).toMatchObject({ intact: false, rows: 2 });
    expect(json().differences).toEqual(
      [
        { table: 'live', kind: 'changed', id: ids[0] },
        { table: 'history', kind: 'lost', id: ids[1] },
      ].map((one) => ({ ...one, name: 'companies', tenantId: ctx.tenantId })),
    );
    const told = await cli('projections verify companies');
    expect(told.out).toMatch(new RegExp(`companies +live +changed +${ctx.tenantId} +${ids[0]}`));
  });

  it('rebuilds one tenant, one read model and all of them', async () => {
    expect(await cli(`projections rebuild companies --tenant ${ctx.tenantId}`)).toMatchObject({
      code: 0,
    });
    expect(await nameOf(ids[0]!)).toBe('Aviato');
    await admin(`UPDATE rm_companies SET name = 'Planted'`);
    const one = await cli('projections rebuild companies --json');
    expect(one.json()).toMatchObject({
      cancelled: false,
      rebuilt: [{ name: 'companies', rows: 2, result: 'rebuilt' }],
    });
    expect(await nameOf(ids[0]!)).toBe('Aviato');
    const { code, json } = await cli('projections rebuild all --json');
    expect(code).toBe(0);
    expect(json().rebuilt).toHaveLength(test.platform.registry.readModels.size);
  });

  it('goes behind others for what takes long, and for nothing else', async () => {
    const times: string[] = [];
    for (const line of ['status', 'verify companies', 'rebuild companies']) {
      const ran = cliOn(test.test, {}, () => times.push(line))(`projections ${line}`);
      expect(await ran).toMatchObject({ code: 0 });
    }
    expect(times).toEqual(['verify companies', 'rebuild companies']);
  });

  it('compares with what is served where the served rows are behind the log', async () => {
    const id = await company('Coleman Blair');
    expect(await cli('projections verify companies')).toMatchObject({ code: 0 });
    expect(await nameOf(id)).toBeUndefined();
    expect(await cli('projections rebuild companies')).toMatchObject({ code: 0 });
    await test.platform.projections.catchUp();
    expect(await nameOf(id)).toBe('Coleman Blair');
    expect(await cli('projections verify companies')).toMatchObject({ code: 0 });
    ids.push(id);
  });

  it('answers Ctrl-C with what happens next', async () => {
    const running = cli('projections rebuild companies');
    process.emit('SIGINT');
    const { code, out } = await running;
    expect(code).toBe(1);
    expect(out).toContain('Cancelled: what is served was not changed.');
    expect((await cli('projections rebuild companies')).code).toBe(0);
  });

  it('does not go on with the rows of one tenant as if they were all', async () => {
    await admin(
      `INSERT INTO es_checkpoint (processor, version, shard, epoch, xid, pos)
       SELECT 'companies__next', version, -3, epoch, xid, pos FROM es_checkpoint
        WHERE processor = 'companies' AND shard = 0`,
    );
    expect((await cli('projections rebuild companies --json')).json()).toMatchObject({
      rebuilt: [{ rows: 3 }],
    });
  });

  it('refuses a read model and a tenant that are not there', async () => {
    const { code, error } = await cli('projections rebuild cities');
    expect(code).toBe(1);
    expect(error).toContain('There is no read model cities.');
    expect(error).toContain('companies, contacts');
    const nobody = '01890a5d-ac96-774b-bcce-b302099a8057';
    expect(await cli(`projections rebuild all --tenant ${nobody}`)).toMatchObject({ code: 1 });
    expect(await cli('projections rebuild')).toMatchObject({ code: 2 });
  });

  it('names the event it cannot apply, lists what is parked and frees it once mended', async () => {
    const id = await company('Dinesh Labs');
    const stream = `company-${id}`;
    const damage = (type: string) =>
      admin('UPDATE es_event SET type = $2 WHERE stream_id = $1 AND version = 2', [stream, type]);
    const retry = `projections retry companies --stream ${stream} --tenant ${ctx.tenantId}`;
    expect((await cli('projections dead-letters')).out).toBe('No stream is parked.\n');
    await damage('CompanyMelted');
    await test.platform.projections.catchUp();
    for (const [type, reason] of [
      ['CompanyMelted', 'There is no definition of the event CompanyMelted.'],
      ['DealWon', 'DealWon'],
    ] as const) {
      await damage(type);
      const rebuilt = await cli('projections rebuild companies');
      expect(rebuilt.code).toBe(1);
      expect(rebuilt.out).toMatch(new RegExp(`${type} at [0-9.]+ \\(${stream}, revision 2\\)`));
      expect(rebuilt.out).toContain(reason);
    }
    const { json } = await cli('projections dead-letters --json');
    expect(json()).toEqual([
      expect.objectContaining({ name: 'companies', streamId: stream, version: 2, events: 1 }),
    ]);
    expect((await cli('projections dead-letters')).out).toContain(stream);
    expect(await cli(retry)).toMatchObject({ code: 1 });
    expect(await cli(retry.replace(id, ids[0]!))).toMatchObject({ code: 1 });

    await damage('CompanyChanged');
    const freed = await cli(retry);
    expect(freed).toMatchObject({ code: 0 });
    expect(freed.out).toContain(`${stream} is no longer parked.`);
    // The projector that parked it does not park what follows.
    await dispatch('ChangeCompany', { name: 'Dinesh' }, id);
    await test.platform.projections.catchUp();
    expect(await nameOf(id)).toBe('Dinesh');
    expect((await cli('projections dead-letters --json')).json()).toEqual([]);
    expect(await cli('projections verify companies')).toMatchObject({ code: 0 });
  });
});
