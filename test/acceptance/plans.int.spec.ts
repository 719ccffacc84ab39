import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ReadModel } from '#kernel/read-model';
import { isRefusal } from '#kernel/refusal';
import { filterableFields, sortableFields } from '#platform/projections/list-checks';
import {
  parseListQuery,
  type ListQuery,
  type RawParameters,
} from '#platform/projections/list-query';
import { countStatement, pageStatement, type Statement } from '#platform/projections/list-sql';
import { allColumns } from '#platform/projections/physical';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

/**
 * Tables are small here, so scans and sorts are switched off: a plan that still shows one has no
 * index to use. The bench shows the planner's own choice at a million rows.
 */
describe('query plans', () => {
  let test: TestPlatform;
  beforeAll(async () => {
    test = await startTestPlatform();
  });
  afterAll(() => test.close());

  async function plan(statement: Statement, role: 'api' | 'search' = 'api'): Promise<string> {
    const { tenantId } = test.caller();
    return test.platform.database.tenant(
      tenantId,
      async (db) => {
        await db.query('SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off');
        const { rows } = await db.query<{ 'QUERY PLAN': string }>(
          `EXPLAIN ${statement.text}`,
          statement.values,
        );
        return rows.map((row) => row['QUERY PLAN']).join('\n');
      },
      role,
    );
  }

  function query(model: ReadModel, raw: RawParameters): ListQuery {
    const parsed = parseListQuery(model, raw, 'UTC');
    if (isRefusal(parsed)) throw new Error(JSON.stringify(parsed));
    return parsed as ListQuery;
  }
  const { tenantId } = { tenantId: '01890a5d-ac96-774b-bcce-b302099a8000' };

  it('every sort of every list walks an index, live and in the past', async () => {
    for (const model of test.platform.registry.readModels.values()) {
      for (const field of sortableFields(model)) {
        for (const sort of [field, `-${field}`]) {
          for (const past of [{}, { asOf: '2026-01-01' }]) {
            const statement = pageStatement(
              model,
              tenantId,
              query(model, { sort, ...past }),
              'all',
            );
            const text = await plan(statement);
            expect([model.name, sort, past, text]).toEqual([
              model.name,
              sort,
              past,
              expect.stringMatching(/Index (Only )?Scan/),
            ]);
            expect([model.name, sort, past, text]).toEqual([
              model.name,
              sort,
              past,
              expect.not.stringContaining('Seq Scan'),
            ]);
            // The id alone is the primary key; of the past it is sorted after the key's tenant.
            expect([model.name, sort, past, text]).toEqual([
              model.name,
              sort,
              past,
              expect.not.stringMatching(/->\s+Sort|^Sort/),
            ]);
          }
        }
      }
    }
  }, 60_000);

  it('every filter by a reference, every count and every search uses an index', async () => {
    for (const model of test.platform.registry.readModels.values()) {
      const id = '01890a5d-ac96-774b-bcce-b302099a8001';
      for (const field of filterableFields(model)) {
        if (allColumns(model)[field]!.kind !== 'uuid') continue;
        const statement = pageStatement(model, tenantId, query(model, { [field]: id }), 'all');
        expect([model.name, field, await plan(statement)]).toEqual([
          model.name,
          field,
          expect.stringMatching(/Index/),
        ]);
      }
      const count = await plan(countStatement(model, tenantId, query(model, {}), 'all'));
      expect([model.name, count]).toEqual([model.name, expect.not.stringContaining('Seq Scan')]);
      if (!Object.values(model.columns).some((column) => column.search)) continue;
      const searched = pageStatement(
        model,
        tenantId,
        query(model, { search: 'hooli' }),
        'all',
        'keys',
      );
      expect([model.name, await plan(searched, 'search')]).toEqual([
        model.name,
        expect.stringMatching(/Index/),
      ]);
    }
  }, 60_000);
});
