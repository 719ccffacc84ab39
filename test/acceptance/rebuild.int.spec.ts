import { afterAll, beforeEach, afterEach, describe, expect, it } from '@jest/globals';
import type { Accepted } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import { Rebuild, RebuildCancelled, RebuildError } from '#platform/projections/rebuild';
import { parseListQuery, type ListQuery } from '#platform/projections/list-query';
import type { Page } from '#platform/projections/reader';
import { until } from '#test/support/live-socket';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

describe('rebuild and verify', () => {
  let test: TestPlatform;
  let ctx: RequestContext;
  beforeEach(async () => {
    test = await startTestPlatform();
    ctx = { ...test.caller(), actor: { type: 'system', id: 'spec' } };
  });
  afterEach(() => test.close());
  afterAll(() => undefined);

  const rebuild = (name = 'companies') => {
    const { database, store, codec, registry } = test.platform;
    const definition = (type: string) => codec.definition(type);
    const parts = { url: test.test.url, database, store, codec, definition };
    return new Rebuild(parts, registry.readModel(name));
  };
  const dispatch = async (name: string, input: object, id?: string, who = ctx) =>
    (await test.platform.dispatch(name, input, who, id ? { id } : {})) as Accepted;
  async function some(count: number, who = ctx): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) {
      const { id } = await dispatch('CreateCompany', { name: `Company ${n}` }, undefined, who);
      await dispatch('ChangeCompany', { industry: `Branch ${n % 3}` }, id, who);
      ids.push(id);
    }
    return ids;
  }
  const admin = (text: string, values: unknown[] = []) =>
    test.test.admin((client) => client.query(text, values));
  const waiting = (mode: string) =>
    until(`${mode} is waited for`, async () => {
      const { rows } = await admin(
        `SELECT 1 FROM pg_locks WHERE NOT granted AND mode = $1
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        [mode],
      );
      return rows.length > 0;
    });
  async function names(): Promise<unknown[]> {
    const model = test.platform.registry.readModel('companies');
    const query = parseListQuery(model, { limit: '100', sort: 'name' }, 'UTC') as ListQuery;
    const page = (await test.platform.reader.list(ctx, model, query)) as Page;
    return page.rows.map((row) => row['name']);
  }

  it('swaps in rows equal to the live ones while commands go on, again and again', async () => {
    await some(60);
    await test.platform.projections.catchUp();
    test.platform.projections.start();
    for (let round = 0; round < 2; round++) {
      let running = true;
      let written = 0;
      const traffic = (async () => {
        while (running) {
          await some(1);
          written += 2;
        }
      })();
      const { rows } = await rebuild().swap();
      running = false;
      await traffic;
      expect(written).toBeGreaterThan(0);
      expect(rows).toBeGreaterThanOrEqual(60);
      const { position } = await dispatch('CreateCompany', { name: 'After the swap' });
      expect(await test.platform.positions.wait('companies', position, 5000)).toBe(true);
      const verified = await rebuild().verify();
      expect(verified.differences).toEqual([]);
    }
    const { rows } = await admin(
      `SELECT indexname FROM pg_indexes WHERE tablename = 'rm_companies' ORDER BY 1`,
    );
    expect(rows.map((row: { indexname: string }) => row.indexname)).toContain(
      'rm_companies_name_sort',
    );
    const timeline = await test.platform.timeline.statistics(ctx, {}, 'UTC');
    expect((timeline as { total: number }).total).toBeGreaterThan(120);
    expect(test.problems).toEqual([]);
  });

  it('brings every index along, those that were cut short as well', async () => {
    const indexes = async () => {
      const { rows } = await admin(
        `SELECT regexp_replace(pg_get_indexdef(indexrelid), '^.* USING ', '') AS definition, indisvalid
           FROM pg_index WHERE indrelid IN ('rm_companies'::regclass,
             'rm_companies_history'::regclass, 'rm_companies_timeline'::regclass) ORDER BY 1`,
      );
      return rows as { definition: string; indisvalid: boolean }[];
    };
    await some(3);
    await test.platform.projections.catchUp();
    const before = await indexes();
    const stop = new AbortController();
    const cancelled = rebuild().swap({ signal: stop.signal, progress: () => stop.abort() });
    await expect(cancelled).rejects.toThrow(RebuildCancelled);
    // As a build leaves it that was ended in the middle.
    await admin('CREATE INDEX rm_companies__next_name_sort ON rm_companies__next (id)');
    await admin(
      `UPDATE pg_index SET indisvalid = false
        WHERE indexrelid = 'rm_companies__next_name_sort'::regclass`,
    );
    await rebuild().swap();
    expect(await indexes()).toEqual(before);
    expect(before.every(({ indisvalid }) => indisvalid)).toBe(true);
  });

  it('is served with statistics of its rows, and tidied up as it was', async () => {
    await some(5);
    await test.platform.projections.catchUp();
    await rebuild().swap();
    const { rows } = await admin(
      `SELECT relname, reltuples, reloptions FROM pg_class WHERE oid IN ('rm_companies'::regclass,
         'rm_companies_history'::regclass, 'rm_companies_timeline'::regclass) ORDER BY 1`,
    );
    expect(rows).toEqual([
      { relname: 'rm_companies', reltuples: 5, reloptions: ['fillfactor=85'] },
      { relname: 'rm_companies_history', reltuples: 10, reloptions: ['fillfactor=100'] },
      { relname: 'rm_companies_timeline', reltuples: 10, reloptions: null },
    ]);
  });

  it('lets everybody go on while it waits for a vacuum, and readers while it waits for one', async () => {
    await some(3);
    await test.platform.projections.catchUp();
    test.platform.projections.start();
    const holding = async (text: string, work: (letGo: () => Promise<unknown>) => Promise<void>) =>
      test.test.admin(async (other) => {
        await other.query(`BEGIN; ${text}`);
        await work(() => other.query('COMMIT'));
      });
    const vacuum = 'LOCK TABLE rm_companies IN SHARE UPDATE EXCLUSIVE MODE';
    await holding(vacuum, (endVacuum) =>
      // Before that ends, or the swap may find a moment in which nobody is there.
      holding('SELECT 1 FROM rm_companies', async (endRead) => {
        let swapped = false;
        const swap = rebuild()
          .swap()
          .then(() => (swapped = true));
        await waiting('ShareUpdateExclusiveLock');
        const { position } = await dispatch('CreateCompany', { name: 'Beside the vacuum' });
        expect(await test.platform.positions.wait('companies', position, 5000)).toBe(true);
        await endVacuum();
        await waiting('AccessExclusiveLock');
        expect(await names()).toContain('Beside the vacuum');
        expect(swapped).toBe(false);
        await endRead();
        await swap;
      }),
    );
    expect((await rebuild().verify()).differences).toEqual([]);
  });

  it('can be cancelled while it waits to build an index, and then serves what it served', async () => {
    await some(3);
    await test.platform.projections.catchUp();
    await admin(`UPDATE rm_companies SET name = 'Planted'`);
    await test.test.admin(async (other) => {
      let lock: Promise<unknown> | undefined;
      const progress = () => {
        lock ??= other.query('BEGIN; LOCK TABLE rm_companies__next IN SHARE MODE');
      };
      const swap = rebuild().swap({ progress });
      const cancelled = expect(swap).rejects.toThrow(RebuildCancelled);
      await waiting('ShareUpdateExclusiveLock');
      await lock;
      await admin(`UPDATE rm_rebuild SET cancel = true WHERE name = 'companies'`);
      await other.query('COMMIT');
      await cancelled;
    });
    expect(await names()).toEqual(['Planted', 'Planted', 'Planted']);
    const { rows } = await admin(`SELECT state FROM rm_rebuild WHERE name = 'companies'`);
    expect(rows).toEqual([{ state: 'cancelled' }]);
  });

  it('finds a planted change, loss and addition in every table', async () => {
    const [changed, lost] = await some(3);
    await test.platform.projections.catchUp();
    expect((await rebuild().verify()).differences).toEqual([]);
    await admin(`UPDATE rm_companies SET name = 'Planted' WHERE id = $1`, [changed]);
    await admin(`DELETE FROM rm_companies WHERE id = $1`, [lost]);
    await admin(
      `INSERT INTO rm_companies SELECT (jsonb_populate_record(r, '{"id": "01890a5d-ac96-774b-bcce-b302099a8001"}')).*
         FROM rm_companies r WHERE id = $1`,
      [changed],
    );
    await admin(`UPDATE rm_companies_history SET vt = 'infinity' WHERE id = $1 AND revision = 1`, [
      changed,
    ]);
    await admin(`DELETE FROM rm_timeline WHERE record_id = $1`, [lost]);
    const { differences } = await rebuild().verify();
    const found = differences.map(({ table, kind }) => `${table} ${kind}`).sort();
    expect(found).toEqual([
      'history changed',
      'live added',
      'live changed',
      'live lost',
      'timeline lost',
      'timeline lost',
    ]);
    expect(differences.every(({ tenantId }) => tenantId === ctx.tenantId)).toBe(true);
    await rebuild().swap();
    expect((await rebuild().verify()).differences).toEqual([]);
  });

  it('rebuilds one tenant and leaves the others alone', async () => {
    const other = { ...test.caller(), actor: ctx.actor };
    await some(3);
    await some(2, other);
    await test.platform.projections.catchUp();
    await admin(`UPDATE rm_companies SET name = 'Planted'`);
    await rebuild().swapTenant(ctx.tenantId);
    expect(await names()).toEqual(['Company 0', 'Company 1', 'Company 2']);
    const { differences } = await rebuild().verify();
    expect(differences).toHaveLength(2);
    expect(differences.every(({ tenantId }) => tenantId === other.tenantId)).toBe(true);
  });

  it('goes on where a cancelled rebuild stopped, and runs once at a time', async () => {
    await some(5);
    await test.platform.projections.catchUp();
    const cancel = new AbortController();
    cancel.abort();
    await test.platform.projections.catchUp();
    await some(600);
    await expect(rebuild().swap({ signal: cancel.signal })).rejects.toThrow(RebuildCancelled);
    await test.platform.projections.catchUp();
    const both = await Promise.allSettled([rebuild().swap(), rebuild().swap()]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await rebuild().verify()).differences).toEqual([]);
  }, 60_000);

  it('stops at an event it cannot apply, naming it, and serves what it served', async () => {
    await some(2);
    await test.platform.projections.catchUp();
    await admin(`UPDATE es_event SET data = '{}' , type = 'DealWon' WHERE version = 2`);
    await expect(rebuild().swap()).rejects.toThrow(RebuildError);
    expect(await names()).toEqual(['Company 0', 'Company 1']);
  });
});
