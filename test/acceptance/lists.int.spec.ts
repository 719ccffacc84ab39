import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RequestContext } from '#kernel/context';
import { isRefusal } from '#kernel/refusal';
import { parseListQuery, type RawParameters } from '#platform/projections/list-query';
import type { Page } from '#platform/projections/reader';
import { HistoryWriter } from '#test/bench/history-writer';
import { MadeUp } from '#test/bench/made-up';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

/**
 * More rows than a total counts, so that a list takes every way it knows; each must show what a
 * plain statement shows.
 */
describe('lists beyond the count', () => {
  const made = new MadeUp({ companies: 20, contacts: 10_400, deals: 0, changes: 0.4 });
  let test: TestPlatform;
  let ctx: RequestContext;
  beforeAll(async () => {
    test = await startTestPlatform();
    ctx = test.caller();
    const writer = new HistoryWriter(test.platform, ctx.tenantId);
    await writer.write(made.creations());
    await writer.write(made.changes());
    await test.platform.projections.catchUp();
    await test.test.admin((client) => client.query('VACUUM ANALYZE'));
  }, 180_000);
  afterAll(() => test.close());

  async function page(raw: RawParameters, caller: RequestContext = ctx): Promise<Page> {
    const model = test.platform.registry.readModel('contacts');
    const query = parseListQuery(model, raw, 'UTC');
    if (isRefusal(query)) throw new Error(JSON.stringify(query));
    const found = await test.platform.reader.list(caller, model, query);
    if (isRefusal(found)) throw new Error(JSON.stringify(found));
    return found as Page;
  }

  /** Ids by a statement without any cleverness; `p` is the past, its rows as of an instant. */
  async function expected(where: string, order: string, asOf?: Date): Promise<string[]> {
    const from = asOf
      ? `(SELECT DISTINCT ON (h.id) h.* FROM rm_contacts_history h
           WHERE h.tenant_id = $1 AND h.vf <= '${asOf.toISOString()}' ORDER BY h.id, h.revision DESC)`
      : '(SELECT * FROM rm_contacts c WHERE c.tenant_id = $1)';
    return test.test.admin(async (client) => {
      const { rows } = await client.query<{ id: string }>(
        `SELECT p.id FROM ${from} p WHERE ${where} ORDER BY ${order}`,
        [ctx.tenantId],
      );
      return rows.map(({ id }) => id);
    });
  }

  const ids = (found: Page) => found.rows.map((row) => row['id'] as string);

  /** The pages of a list one after the other, by their cursors. */
  async function walk(raw: RawParameters, pages: number): Promise<string[]> {
    const seen: string[] = [];
    for (let cursor: string | undefined, n = 0; n < pages; n++) {
      const found = await page({ ...raw, limit: '100', ...(cursor ? { cursor } : {}) });
      seen.push(...ids(found));
      if (!found.hasNext) break;
      cursor = found.cursors.at(-1);
    }
    return seen;
  }

  const middle = new Date(made.start + 365 * 86_400_000);
  const early = new Date(made.start + 90 * 86_400_000);
  const before = new Date(made.start - 1);
  const lists: readonly [string, RawParameters, string, string][] = [
    ['all', {}, 'true', 'created_at DESC, id DESC'],
    ['all by name', { sort: 'fullName' }, 'true', 'full_name, id'],
    [
      'a status',
      { leadStatus: 'new', sort: '-leadScore' },
      `lead_status = 'new'`,
      'lead_score DESC, id DESC',
    ],
    [
      'a rare status',
      { contactStatus: 'bounced', sort: 'lastContactedAt' },
      `contact_status = 'bounced'`,
      'last_contacted_at, id',
    ],
    [
      'two filters, two directions',
      { addressCity: 'Wien,Graz', leadSource: 'fair', sort: 'leadScore,-createdAt' },
      `address_city IN ('Wien', 'Graz') AND lead_source = 'fair'`,
      'lead_score, created_at DESC, id DESC',
    ],
    ['a tag', { tags: 'newsletter' }, `'newsletter' = ANY (tags)`, 'created_at DESC, id DESC'],
    ['no tag of these', { tags: 'x,y' }, 'false', 'id'],
    [
      'words of few',
      { search: 'LOVELACE12', sort: '-fullName' },
      `search_text LIKE '%lovelace12%'`,
      'full_name DESC, id DESC',
    ],
    [
      'words of all',
      { search: 'mail.example', sort: 'fullName' },
      `search_text LIKE '%mail.example%'`,
      'full_name, id',
    ],
    [
      'words of all, and a filter',
      { search: 'mail.example', addressCity: 'Porto' },
      `search_text LIKE '%mail.example%' AND address_city = 'Porto'`,
      'created_at DESC, id DESC',
    ],
    ['two letters', { search: 'ov', sort: 'lastName' }, `search_text LIKE '%ov%'`, 'last_name, id'],
    [
      'a percent sign',
      { search: '100%' },
      `search_text LIKE '%100\\%%'`,
      'created_at DESC, id DESC',
    ],
  ];

  it.each(lists)('of %s are complete, now and in the past', async (_, raw, where, order) => {
    for (const asOf of [undefined, middle, early, before]) {
      const all = await expected(where, order, asOf);
      const asked = { ...raw, ...(asOf ? { asOf: asOf.toISOString() } : {}) };
      const first = await page(asked);
      expect([asOf, ids(first)]).toEqual([asOf, all.slice(0, 20)]);
      expect([asOf, first.total]).toEqual([asOf, Math.min(all.length, 10_000)]);
      expect(first.totalCapped).toBe(all.length > 10_000);
      expect(first.hasNext).toBe(all.length > 20);
      const exact = await page({ ...asked, count: 'exact', page: '3' });
      expect([asOf, exact.total, ids(exact)]).toEqual([asOf, all.length, all.slice(40, 60)]);
      expect([asOf, await walk(asked, 6)]).toEqual([asOf, all.slice(0, 600)]);
    }
  });

  it.each(['lastContactedAt', '-lastContactedAt'])(
    'sorted by %s pass from values to nulls by their cursors',
    async (sort) => {
      const order = sort.startsWith('-')
        ? 'last_contacted_at DESC, id DESC'
        : 'last_contacted_at, id';
      expect(await walk({ sort }, 200)).toEqual(await expected('true', order));
    },
  );

  it('show a caller their own, whatever the list', async () => {
    const own = made.people[3]!;
    const caller: RequestContext = {
      ...ctx,
      actor: { type: 'user', id: own },
      grants: { 'contacts:read': 'own' },
    };
    for (const raw of [{}, { search: 'mail.example' }, { search: 'lovelace' }]) {
      const like = raw.search ? `search_text LIKE '%${raw.search}%'` : 'true';
      const all = await expected(`owner_id = '${own}' AND ${like}`, 'created_at DESC, id DESC');
      const found = await page(raw, caller);
      expect([raw, found.total, ids(found)]).toEqual([raw, all.length, all.slice(0, 20)]);
    }
  });

  it('end behind the last page', async () => {
    const found = await page({ contactStatus: 'bounced', page: '100' });
    const all = await expected(`contact_status = 'bounced'`, 'id');
    expect([found.rows, found.total, found.hasNext]).toEqual([[], all.length, false]);
  });
});
