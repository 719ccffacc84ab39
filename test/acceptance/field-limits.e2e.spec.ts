import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel/ids';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const PHONE = '+41 44 555 0199';
const PHONE_AFTER = '+41 44 555 0100';

describe('fields a role does not see or does not change', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let owner: TestUser;
  let member: TestUser;
  let contactId: string;
  let before: string;

  const limit = (role: string, collection: string, hidden: string[], readOnly: string[] = []) =>
    owner.put('/tenant/field-limit', { role, collection, hidden, readOnly });

  beforeAll(async () => {
    server = await startTestServer();
    workspace = await server.workspace();
    owner = await workspace.person('owner');
    member = await workspace.person('member');
    const contact = { firstName: 'Zoë', lastName: 'Hall', phone: PHONE, title: 'Partner' };
    contactId = (await member.post('/contacts', { ...contact, ownerId: member.id })).body.data.id;
    const pipelineId = (await owner.post('/pipelines', { name: 'Sales' })).body.data.id;
    const amount = { amountMinor: '123400', currency: 'USD' };
    const deal = await member.post('/deals', { name: 'Seed', pipelineId, amount });
    expect(deal.status).toBe(201);
    before = new Date().toISOString();
    await owner.patch(`/contacts/${contactId}`, { phone: PHONE_AFTER });
    const done = await limit('member', 'contacts', ['phone'], ['title', 'lastName']);
    expect(done.status).toBe(200);
    expect((await limit('member', 'deals', ['amount'])).status).toBe(200);
    await server.settled();
  });
  afterAll(() => server.close());

  const graphql = async (who: TestUser, query: string, variables: object = {}) =>
    (
      await server.request('/graphql', {
        method: 'POST',
        token: who.token,
        body: { query, variables },
      })
    ).body;

  it('S18 are absent from records, lists, past states and versions', async () => {
    const paths = [
      `/contacts/${contactId}`,
      `/contacts/${contactId}?asOf=${before}`,
      `/contacts/${contactId}?revision=1`,
      '/contacts',
      `/contacts?asOf=${before}`,
      `/contacts/search?q=hall`,
      `/contacts/${contactId}/history`,
      `/contacts/${contactId}/activities`,
      '/timeline?recordType=contact',
    ];
    for (const path of paths) {
      const seen = await owner.get(path);
      expect([path, seen.text.includes('phone')]).toEqual([path, true]);
      const reply = await member.get(path);
      expect([path, reply.status]).toEqual([path, 200]);
      expect([path, /phone|555 01/.test(reply.text)]).toEqual([path, false]);
      expect([path, reply.text.includes('Hall')]).toEqual([path, true]);
    }
  });

  it('S18 are told by no filter, sort, field list, search or count', async () => {
    for (const path of [
      `/contacts?phone=${encodeURIComponent(PHONE_AFTER)}`,
      '/contacts?phone[null]=false',
      '/contacts?fields=id,phone',
      '/deals?amount[gte]=1',
      '/deals?sort=-weightedAmount',
    ]) {
      expect([path, (await owner.get(path)).status]).toEqual([path, 200]);
      const reply = await member.get(path);
      expect([path, reply.status]).toEqual([path, 400]);
    }
    const found = async (who: TestUser, path: string) => (await who.get(path)).body.data.length;
    expect(await found(owner, `/contacts/search?q=${encodeURIComponent('555 0100')}`)).toBe(1);
    expect(await found(member, `/contacts/search?q=${encodeURIComponent('555 0100')}`)).toBe(0);
    expect(await found(member, '/contacts/search?q=zoe')).toBe(1);
    expect(await found(member, `/contacts?search=hall&asOf=${before}`)).toBe(1);
    const words = encodeURIComponent('555 0100');
    expect(await found(owner, `/timeline/search?q=${words}`)).toBeGreaterThan(0);
    expect(await found(member, `/timeline/search?q=${words}`)).toBe(0);
    expect(await found(owner, '/timeline?field=phone')).toBeGreaterThan(0);
    expect(await found(member, '/timeline?field=phone')).toBe(0);
    const sums = (await member.get('/deals/pipeline')).text;
    expect((await owner.get('/deals/pipeline')).text).toContain('123400');
    expect(sums).not.toContain('123400');
  });

  it('S18 are absent from GraphQL and its history, and refused as a filter there', async () => {
    const query = `query($id: ID!) { contact(id: $id) { label phone title
        history(first: 20) { nodes { changes { field } } } }
      deals(first: 5) { nodes { name amount { amountMinor } weightedAmount { amountMinor } } }
      timeline(first: 50) { nodes { changes { field to } } } }`;
    expect(JSON.stringify(await graphql(owner, query, { id: contactId }))).toContain(PHONE_AFTER);
    const { data, errors } = await graphql(member, query, { id: contactId });
    expect(errors).toBeUndefined();
    expect(data.contact).toMatchObject({ label: 'Zoë Hall', phone: null, title: 'Partner' });
    expect(data.deals.nodes).toEqual([{ name: 'Seed', amount: null, weightedAmount: null }]);
    expect(JSON.stringify(data)).not.toMatch(/555 01|"field":"phone"|123400/);
    const filtered = 'query($f: ContactFilter) { contacts(filter: $f) { totalCount } }';
    const told = await graphql(member, filtered, { f: { phone: { eq: PHONE_AFTER } } });
    expect(told.errors[0].extensions.code).toBe('FORBIDDEN');
    const board = await graphql(
      member,
      '{ dealPipeline { stages { count totals { amount { amountMinor } } } } }',
    );
    expect(board.errors).toBeUndefined();
    expect(JSON.stringify(board)).not.toContain('123400');
  });

  it('S18 are written by nobody they are closed to', async () => {
    for (const body of [{ phone: '1' }, { title: 'Boss' }, { lastName: 'Gilfoyle' }]) {
      const reply = await member.patch(`/contacts/${contactId}`, body);
      const [field] = Object.keys(body);
      expect([reply.status, reply.body.error.code]).toEqual([403, 'FORBIDDEN']);
      expect(reply.body.error.details[0]).toMatchObject({ field, rule: 'locked' });
    }
    const named = { firstName: 'Monica', lastName: 'Hall' };
    expect((await member.post('/contacts', { ...named, title: 'Boss' })).status).toBe(403);
    const made = await member.post('/contacts', named);
    expect(made.status).toBe(201);
    await owner.delete(`/contacts/${made.body.data.id}`);
    const input = { title: 'Boss' };
    const { data } = await graphql(
      member,
      `
        mutation ($id: ID!, $input: ChangeContactInput!) {
          changeContact(id: $id, input: $input) {
            ... on Refused {
              code
            }
          }
        }
      `,
      { id: contactId, input },
    );
    expect(data.changeContact.code).toBe('FORBIDDEN');
    const open = await member.patch(`/contacts/${contactId}`, { department: 'Fund' });
    expect([open.status, open.body.data.department]).toEqual([200, 'Fund']);
    expect(open.text).not.toMatch(/phone|555 01/);
  });

  it('S18 are not changed by what follows from other input: an amount by line items', async () => {
    const other = await server.workspace();
    const [boss, seller] = [await other.person('owner'), await other.person('member')];
    const pipelineId = (await boss.post('/pipelines', { name: 'Sales' })).body.data.id;
    const deal = (await seller.post('/deals', { name: 'Seed', pipelineId })).body.data.id;
    const items = `/deals/${deal}/line-items`;
    const item = { description: 'Box', unitPrice: { amountMinor: '100', currency: 'USD' } };
    const lineId = uuidv7();
    expect((await seller.post(items, { ...item, lineId })).status).toBeLessThan(300);
    const readOnly = { role: 'member', collection: 'deals', hidden: [], readOnly: ['amount'] };
    expect((await boss.put('/tenant/field-limit', readOnly)).status).toBe(200);
    const refused = [
      await seller.post(items, item),
      await seller.patch(`${items}/${lineId}`, { quantity: 9 }),
      await seller.delete(`${items}/${lineId}`),
    ];
    for (const { status, body } of refused) {
      expect([status, body.error.details[0].field]).toEqual([403, 'amount']);
    }
    expect((await seller.patch(`/deals/${deal}`, { name: 'Series A' })).status).toBe(200);
  });

  it('stay as they are when a record is replaced by somebody who does not see them', async () => {
    const viewerLimit = await limit('manager', 'contacts', ['phone']);
    expect(viewerLimit.status).toBe(200);
    const manager = await workspace.person('manager');
    const made = await manager.post('/contacts', { firstName: 'Jared', lastName: 'Dunn' });
    const { id } = made.body.data;
    await owner.patch(`/contacts/${id}`, { phone: PHONE, title: 'COO' });
    const replaced = await manager.put(`/contacts/${id}`, { firstName: 'J', lastName: 'Dunn' });
    expect([replaced.status, replaced.body.data.title]).toEqual([200, null]);
    expect((await owner.get(`/contacts/${id}?revision=3`)).body.data.phone).toBe(PHONE);
  });

  it('S18 are no column of an export', async () => {
    const role = await owner.post('/roles', {
      name: 'Export',
      grants: [{ permission: 'contacts:export', scope: 'all' }],
    });
    await owner.post(`/roles/${role.body.data.id}/members`, { userId: member.id });
    const csv = await member.get('/contacts?format=csv');
    expect([csv.status, csv.text.split('\r\n')[0]!.includes('firstName')]).toEqual([200, true]);
    expect(csv.text).not.toMatch(/phone|555 01/);
    expect((await owner.get('/contacts?format=csv')).text).toContain('555 01');
  });

  it('are open to who has another role that shows them, and cannot be lifted alone', async () => {
    const grants = ['contacts:read', 'roles:update', 'audit:export'].map((permission) => ({
      permission,
      scope: 'all',
    }));
    const role = (await owner.post('/roles', { name: 'Calls', grants })).body.data;
    await owner.post(`/roles/${role.id}/members`, { userId: member.id });
    await server.settled();
    expect((await member.get(`/contacts/${contactId}`)).body.data.phone).toBe(PHONE_AFTER);
    // Titles are still read-only to them, so they change no roles and export no log.
    const lift = { role: 'member', collection: 'contacts', hidden: [], readOnly: [] };
    expect((await member.put('/tenant/field-limit', lift)).status).toBe(403);
    expect((await member.get('/audit/export')).status).toBe(403);
    await limit(role.id, 'contacts', ['phone']);
    expect((await member.get(`/contacts/${contactId}`)).text).not.toContain('phone');
  });

  it('are checked, shown, told in the timeline and taken back', async () => {
    const wrong = await limit('member', 'contacts', ['firstName']);
    expect([wrong.status, wrong.body.error.code]).toEqual([422, 'FIELD_NOT_LIMITABLE']);
    expect((await limit('admin', 'contacts', ['phone'])).body.error.code).toBe('ROLE_UNLIMITED');
    expect((await limit(uuidv7(), 'contacts', ['phone'])).body.error.code).toBe('ROLE_UNKNOWN');
    expect((await limit('member', 'salaries', [])).status).toBe(400);
    const catalogue = (await owner.get('/access/roles')).body.data.fields;
    expect(catalogue.find((one: any) => one.collection === 'contacts').hideable).toContain('phone');
    await server.settled();
    const shown = (await owner.get('/tenant')).body.data.fieldLimits;
    expect(shown).toContainEqual({
      role: 'member',
      collection: 'contacts',
      hidden: ['phone'],
      readOnly: ['title', 'lastName'],
    });
    const told = (await owner.get('/timeline?action=field_limit_changed')).body.data;
    expect(told[0].changes[0].field).toBe('fieldLimits');
    await limit('member', 'contacts', []);
    const stranger = await (await server.workspace()).person('owner');
    await server.settled();
    expect((await stranger.get('/tenant')).body.data.fieldLimits).toEqual([]);
    const other = await workspace.person('member');
    expect((await other.get(`/contacts/${contactId}`)).body.data.phone).toBe(PHONE_AFTER);
  });
});
