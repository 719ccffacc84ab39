import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Accepted } from '#kernel/command';
import { isRefusal } from '#kernel/refusal';
import { parseListQuery, type ListQuery } from '#platform/projections/list-query';
import type { Page } from '#platform/projections/reader';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

describe('a company from command to row', () => {
  let test: TestPlatform;
  beforeAll(async () => {
    test = await startTestPlatform();
  });
  afterAll(() => test.close());

  it('is accepted, projected, listed, changed, and seen as of the past', async () => {
    const { platform } = test;
    const ctx = { ...test.caller(), actor: { type: 'system' as const, id: 'spec' } };
    const model = platform.registry.readModel('companies');
    const dispatch = async (name: string, input: object, options = {}) => {
      const result = await platform.dispatch(name, input, ctx, options);
      if (isRefusal(result)) throw new Error(JSON.stringify(result));
      return result as Accepted;
    };
    const list = async (raw: Record<string, string>) => {
      const query = parseListQuery(model, raw, 'UTC');
      if (isRefusal(query)) throw new Error(JSON.stringify(query));
      return (await platform.reader.list(ctx, model, query as ListQuery)) as Page;
    };
    const day = (text: string) => ({ occurredAt: new Date(`${text}T12:00:00Z`) });

    const { id } = await dispatch(
      'CreateCompany',
      { name: 'Hooli', tags: ['vip'] },
      day('2024-01-01'),
    );
    await dispatch(
      'CreateCompany',
      { name: 'Édgar & Sons', annualRevenue: { amountMinor: '100', currency: 'USD' } },
      day('2024-02-01'),
    );
    await dispatch('ChangeCompany', { industry: 'software' }, { id, ...day('2024-03-01') });
    const deleted = await dispatch('DeleteCompany', {}, { id, ...day('2024-04-01') });
    await platform.projections.catchUp();
    expect(await platform.positions.wait('companies', deleted.position, 1000)).toBe(true);

    expect((await list({})).rows.map((row) => row['name'])).toEqual(['Édgar & Sons']);
    expect((await list({ search: 'edgar' })).rows[0]).toMatchObject({
      annualRevenue: { amountMinor: '100', currency: 'USD' },
      revision: 1,
    });
    const march = await list({ asOf: '2024-03-15', sort: 'name' });
    expect(march.rows.map((row) => [row['name'], row['industry']])).toEqual([
      ['Édgar & Sons', null],
      ['Hooli', 'software'],
    ]);
    expect((await list({ asOf: '2024-01-15', tags: 'vip' })).rows[0]).toMatchObject({
      name: 'Hooli',
      industry: null,
    });
    const past = await platform.reader.get(ctx, model, id, { asOf: new Date('2024-01-15') });
    expect(past).toMatchObject({ name: 'Hooli', revision: 1 });

    const timeline = await platform.timeline.list(ctx, {
      recordType: 'company',
      recordId: id,
      limit: 10,
    });
    expect(timeline).toMatchObject({
      entries: [
        { action: 'deleted' },
        { action: 'updated', changes: [{ field: 'industry', from: null, to: 'software' }] },
        { action: 'created' },
      ],
    });
    const stats = await platform.timeline.statistics(ctx, {}, 'UTC');
    expect(stats).toMatchObject({ total: 4, byRecordType: [{ recordType: 'company', count: 4 }] });
  });
});
