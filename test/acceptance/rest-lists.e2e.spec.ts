import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

describe('lists over REST', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let owner: TestUser;
  let last: string;
  const revenue = (amountMinor: string) => ({ amountMinor, currency: 'USD' });
  beforeAll(async () => {
    server = await startTestServer();
    workspace = await server.workspace('America/New_York');
    owner = await workspace.person('owner');
    const companies = Array.from({ length: 25 }, (_, n) => ({
      name: `Company ${String(n).padStart(2, '0')}`,
      industry: n % 2 ? 'software' : 'retail',
      annualRevenue: revenue(String((n - 1) * 100_050)),
      tags: n % 5 ? [] : ['vip'],
    }));
    const made = await owner.post('/companies/bulk', { companies });
    expect(made.body.data).toMatchObject({ created: 25, failed: 0 });
    last = made.body.meta.position;
  });
  afterAll(() => server.close());
  const names = (reply: { body: any }) => reply.body.data.map(({ name }: any) => name);

  it('filter, sort, select fields and page', async () => {
    const page = await owner.get(
      `/companies?industry=software,retail&annualRevenue[gte]=100050&sort=-name&limit=10&page=2` +
        `&fields=name,industry&atLeast=${last}`,
    );
    expect(page.status).toBe(200);
    expect(names(page)[0]).toBe('Company 14');
    expect(Object.keys(page.body.data[0]).sort()).toEqual(['id', 'industry', 'name']);
    expect(page.body.pagination).toEqual({
      page: 2,
      limit: 10,
      total: 23,
      totalPages: 3,
      totalCapped: false,
      hasNext: true,
      hasPrev: true,
      nextCursor: expect.any(String),
    });
    expect(page.body.meta).toMatchObject({ requestId: expect.any(String) });
    expect(names(await owner.get('/companies?tags=vip&sort=name')).at(-1)).toBe('Company 20');
  });

  it('go on by cursor to the end, each record once', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const reply = await owner.get(`/companies?limit=10&sort=industry,name${cursor}`);
      seen.push(...names(reply));
      const { nextCursor } = reply.body.pagination;
      cursor = nextCursor ? `&cursor=${nextCursor}` : '';
    } while (cursor);
    expect(seen).toHaveLength(25);
    expect(new Set(seen).size).toBe(25);
  });

  it('search by words, in either form', async () => {
    expect(names(await owner.get('/companies?search=company%2007'))).toEqual(['Company 07']);
    expect(names(await owner.get('/companies/search?q=ANY%2007'))).toEqual(['Company 07']);
    expect((await owner.get('/companies/search')).status).toBe(400);
  });

  it('wait for a position, and say 503 rather than show an older list', async () => {
    const [epoch, xid] = last.split('.');
    const future = `${epoch}.${Number(xid) + 1_000_000}.1.0`;
    const begin = Date.now();
    const reply = await owner.get(`/companies?atLeast=${future}`);
    expect([reply.status, reply.body.error.code]).toEqual([503, 'NOT_CAUGHT_UP']);
    expect(reply.headers.get('retry-after')).toBe('1');
    expect(Date.now() - begin).toBeLessThan(4000);
    expect((await owner.get(`/companies?atLeast=${last},${future}`)).status).toBe(503);
    expect((await owner.get(`/companies?atLeast=${last},${last}`)).status).toBe(200);
    expect((await owner.get('/companies?atLeast=soon')).status).toBe(400);
    expect((await owner.get(`/companies?atLeast=${last},`)).status).toBe(400);
  });

  it('come as CSV in one piece: money in major units, formulas disarmed, numbers as numbers', async () => {
    await owner.post('/companies', {
      name: '=HYPERLINK("x")',
      industry: '＝1+1',
      phone: '＋1',
      tags: ['a', 'b'],
    });
    await server.settled();
    const csv = await owner.get(
      '/companies?format=csv&sort=name&fields=name,annualRevenue,tags,industry,phone',
    );
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(csv.headers.get('content-disposition')).toContain('companies.csv');
    const rows = parse(csv.text, { columns: true }) as Record<string, string>[];
    expect(rows).toHaveLength(26);
    expect(Object.keys(rows[0]!)).toEqual([
      'id',
      'name',
      'annualRevenue',
      'annualRevenueCurrency',
      'tags',
      'industry',
      'phone',
    ]);
    const row = (name: string) => rows.find((one) => one['name'] === name)!;
    expect(row(`'=HYPERLINK("x")`)).toMatchObject({
      tags: 'a;b',
      annualRevenue: '',
      industry: "'＝1+1",
      phone: "'＋1",
    });
    expect(row('Company 03')).toMatchObject({
      annualRevenue: '2001.00',
      annualRevenueCurrency: 'USD',
    });
    expect(row('Company 00')['annualRevenue']).toBe('-1000.5');
    const accepted = await owner.get('/companies?tags=vip', { accept: 'text/csv' });
    expect(parse(accepted.text)).toHaveLength(6);
    const viewer = await workspace.person('viewer');
    const refused = await viewer.get('/companies?format=csv');
    expect([refused.status, refused.body.error.details[0].message]).toEqual([
      403,
      'This needs the permission companies:export.',
    ]);
    expect((await viewer.get('/companies')).status).toBe(200);
    expect((await owner.get('/companies?format=xlsx')).status).toBe(400);
  });

  it('show the past: lists, records and versions as they were', async () => {
    const made = (await owner.post('/products', { name: 'Box I' })).body.data;
    const between = new Date(Date.parse(made.updatedAt) + 1).toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await owner.patch(`/products/${made.id}`, { name: 'Box II', tags: ['new'] });
    await server.settled();
    const list = await owner.get(`/products?asOf=${between}`);
    expect(names(list)).toEqual(['Box I']);
    const path = `/products/${made.id}`;
    expect((await owner.get(`${path}?asOf=${between}`)).body.data).toEqual(made);
    expect((await owner.get(`${path}?knownAt=${between}`)).body.data.name).toBe('Box I');
    const second = await owner.get(`${path}?revision=2`);
    expect(second.body.data).toMatchObject({ name: 'Box II', tags: [], revision: 2 });
    expect(second.headers.get('etag')).toBe('"2"');
    expect((await owner.get(`${path}?asOf=2001-01-01`)).status).toBe(404);

    const history = await owner.get(`${path}/history?limit=2`);
    expect(history.body.pagination).toMatchObject({ total: 3, hasNext: true, nextBefore: 2 });
    expect(history.body.data).toMatchObject([
      { revision: 3, changes: [{ field: 'tags', from: [], to: ['new'] }] },
      {
        revision: 2,
        actor: { type: 'user', id: owner.id },
        events: [{ type: 'ProductChanged', action: 'updated' }],
        changes: [{ field: 'name', from: 'Box I', to: 'Box II' }],
        record: { name: 'Box II', tags: [] },
      },
    ]);
    const oldest = await owner.get(`${path}/history?before=2`);
    expect(oldest.body.data[0].record).toEqual(made);
  });

  it('sum up the pipeline by stage and currency, also as of the past', async () => {
    const pipeline = (await owner.post('/pipelines', { name: 'Sales' })).body.data;
    const deal = (name: string, amountMinor: string, currency: string, stage: number) =>
      owner.post('/deals', {
        name,
        pipelineId: pipeline.id,
        stageId: pipeline.stages[stage].stageId,
        amount: { amountMinor, currency },
      });
    await deal('a', '100000', 'USD', 0);
    await deal('b', '50000', 'USD', 0);
    const third = await deal('c', '70000', 'EUR', 0);
    const at = new Date(Date.parse(third.body.data.updatedAt) + 1).toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const fourth = await deal('d', '10000', 'USD', 1);
    const { position } = fourth.body.meta;
    const sum = await owner.get(`/deals/pipeline?status=open&atLeast=${position}`);
    expect(sum.body.data).toHaveLength(1);
    expect(sum.body.data[0]).toMatchObject({ name: 'Sales', count: 4 });
    const [first, second] = sum.body.data[0].stages;
    expect(first).toMatchObject({ name: pipeline.stages[0].name, count: 3 });
    const { probability } = pipeline.stages[0];
    expect(first.totals).toContainEqual({
      currency: 'USD',
      count: 2,
      amountMinor: '150000',
      weightedAmountMinor: String(1500 * probability),
    });
    expect(first.totals).toHaveLength(2);
    expect(second).toMatchObject({ count: 1 });
    const past = await owner.get(`/deals/pipeline?asOf=${at}`);
    expect(past.body.data[0].count).toBe(3);
    expect(past.body.data[0].stages[1].count).toBe(0);
  });

  it('know the caller’s own tasks', async () => {
    const member = await workspace.person('member');
    await owner.post('/tasks', { title: 'Theirs', assignedToId: member.id });
    await owner.post('/tasks', { title: 'Mine', assignedToId: owner.id });
    await server.settled();
    const mine = await member.get('/tasks/my-tasks');
    expect(mine.body.data).toMatchObject([{ title: 'Theirs' }]);
    expect((await member.get(`/tasks/my-tasks?assignedToId=${owner.id}`)).status).toBe(400);
  });
});
