import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { product } from '#apps/composition/product';
import type { Accepted } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import { text, nullable } from '#kernel/fields';
import { columnKind, type ReadModel, type Row } from '#kernel/read-model';
import { projectionStatus } from '#platform/operations/projection-status';
import { Platform } from '#platform/platform';
import { changedModels, declarationHash } from '#platform/projections/declare';
import { cliOn } from '#test/support/cli';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const shout = nullable(text(300));

/** Companies as the next release may declare them: one more column, another type, other rows. */
function louder(companies: ReadModel): ReadModel {
  const column = {
    kind: columnKind(shout),
    schema: shout,
    filter: true,
    sort: true,
    search: false,
  };
  const employees = { ...column, kind: 'text' as const };
  return {
    ...companies,
    columns: { ...companies.columns, shout: column, employeeCount: employees },
    evolve: (row: Row | null, event) => {
      const next = companies.evolve(row, event as never);
      if (!next) return null;
      const count = next['employeeCount'];
      const name = String(next['name']).toUpperCase();
      return {
        ...next,
        shout: name,
        employeeCount: typeof count === 'number' ? String(count) : null,
      };
    },
  };
}

describe('a read model declared anew', () => {
  let test: TestPlatform;
  let ctx: RequestContext;
  let next: Platform;
  const companies = product.readModels.find(({ name }) => name === 'companies')! as ReadModel;
  const changed = louder(companies);

  beforeEach(async () => {
    test = await startTestPlatform();
    ctx = { ...test.caller(), actor: { type: 'system', id: 'spec' } };
  });
  afterEach(async () => {
    await next?.close();
    await test.close();
  });

  const create = async (platform: Platform, name: string) =>
    (await platform.dispatch('CreateCompany', { name }, ctx)) as Accepted;
  /** The next release on the same database. */
  const upgrade = async (model: ReadModel) => {
    const readModels = product.readModels.map((one) => (one.name === model.name ? model : one));
    next = await Platform.open({
      ...test.platform.options,
      product: { ...product, readModels },
      log: () => undefined,
    });
    return next;
  };
  const rows = async (table = 'rm_companies') =>
    (await test.test.admin((db) => db.query(`SELECT * FROM ${table} ORDER BY name`))).rows as Row[];
  const note = async () =>
    (await projectionStatus(next.database)).find(({ name }) => name === 'companies')!.rebuild;

  it('is served from the old rows until those built beside them are swapped in', async () => {
    await create(test.platform, 'Aviato');
    await test.platform.projections.catchUp();
    await test.platform.projections.close();
    await upgrade(changed);
    expect(await rows()).toMatchObject([{ name: 'Aviato', shout: null, employee_count: null }]);
    const listed = await next.reader.live(ctx.tenantId, changed, String((await rows())[0]!['id']));
    expect(listed).toMatchObject({ name: 'Aviato', shout: null });
    // What comes meanwhile is served at once, folded by the present code.
    await create(next, 'Bachmanity');
    await next.projections.catchUp();
    expect(await rows()).toMatchObject([{ shout: null }, { shout: 'BACHMANITY' }]);
    expect(await note()).toMatchObject({ cause: 'declared', state: 'waiting' });
    const others = await projectionStatus(next.database);
    expect(others.filter(({ rebuild }) => rebuild).map(({ name }) => name)).toEqual(['companies']);

    expect(await next.rebuilds.runOnce()).toEqual(['companies']);
    expect(await rows()).toMatchObject([{ shout: 'AVIATO' }, { shout: 'BACHMANITY' }]);
    expect(Object.keys((await rows())[0]!)).not.toContain('employee_count__former');
    expect(await rows('rm_companies_history')).toHaveLength(2);
    expect(await note()).toBeNull();
    expect(await next.rebuilds.runOnce()).toEqual([]);
    const shoutSorted = await test.test.admin((db) =>
      db.query(`SELECT 1 FROM pg_indexes WHERE indexname = 'rm_companies_shout_sort'`),
    );
    expect(shoutSorted.rowCount).toBe(1);
  });

  it('rebuilds by itself once a worker runs, and goes on after a process that ended', async () => {
    for (let n = 0; n < 30; n++) await create(test.platform, `Company ${n}`);
    await test.platform.projections.catchUp();
    await test.platform.projections.close();
    await upgrade(changed);
    next.projections.start();
    for (let waited = 0; (await note()) !== null && waited < 100; waited++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await note()).toBeNull();
    expect((await rows()).every((row) => row['shout'])).toBe(true);
  });

  it('can be cancelled and resumed by the operator', async () => {
    const cli = cliOn(test.test);
    await create(test.platform, 'Aviato');
    await test.platform.projections.catchUp();
    await upgrade(changed);
    // The tool is of the old release here, so it only tells and stops.
    expect(await cli('projections cancel companies')).toMatchObject({ code: 0 });
    expect(await note()).toMatchObject({ state: 'cancelled' });
    expect(await next.rebuilds.runOnce()).toEqual([]);
    expect((await cli('projections status')).out).toMatch(/companies .*cancelled/);
    expect(await cli('projections cancel companies')).toMatchObject({ code: 1 });
  });

  it('stops loudly at an event it cannot apply, and serves what it served', async () => {
    await create(test.platform, 'Aviato');
    await test.platform.projections.catchUp();
    await test.platform.projections.close();
    const broken = {
      ...changed,
      evolve: (row: Row | null, event: Parameters<ReadModel['evolve']>[1]) => {
        if ((event.data as Row)['name'] === 'Aviato') throw new Error('no boats');
        return changed.evolve(row, event);
      },
    };
    await upgrade(broken);
    expect(await next.rebuilds.runOnce()).toEqual([]);
    expect(await note()).toMatchObject({
      state: 'stopped',
      problem: expect.stringMatching(/CompanyCreated at .*no boats/),
    });
    expect(await rows()).toMatchObject([{ name: 'Aviato' }]);
  });

  it('joins the others when it is new, without holding them up', async () => {
    await create(test.platform, 'Aviato');
    await test.platform.projections.catchUp();
    const boats = { ...companies, name: 'boats', record: 'boat' };
    next = await Platform.open({
      ...test.platform.options,
      product: { ...product, readModels: [...product.readModels, boats] },
    });
    expect(await rows('rm_boats')).toEqual([]);
    await test.platform.projections.close();
    await create(next, 'Bachmanity');
    await next.projections.catchUp();
    expect([await rows(), await rows('rm_boats')].map((all) => all.length)).toEqual([2, 0]);
    await next.rebuilds.runOnce();
    await create(next, 'Coleman Blair');
    await next.projections.catchUp();
    expect((await rows('rm_boats')).map((row) => row['name'])).toEqual([
      'Aviato',
      'Bachmanity',
      'Coleman Blair',
    ]);
  });

  it('is known by what its code does, not by how it is written', async () => {
    const hash = (model: ReadModel) => declarationHash(model, product.events);
    const same = {
      ...companies,
      evolve: (row: Row | null, event: never) => companies.evolve(row, event),
    };
    expect(await hash(same as ReadModel)).toBe(await hash(companies));
    const other = {
      ...companies,
      evolve: (row: Row | null, event: never) => {
        const folded = companies.evolve(row, event);
        return folded && { ...folded, name: `${String(folded['name'])}!` };
      },
    };
    expect(await hash(other as ReadModel)).not.toBe(await hash(companies));
    const unchanged = await test.test.admin((db) =>
      changedModels(db, product.readModels, product.events),
    );
    expect(unchanged).toEqual([]);
  });
});
