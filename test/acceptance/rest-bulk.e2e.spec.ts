import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

describe('many records in one request', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let owner: TestUser;
  beforeAll(async () => {
    server = await startTestServer();
    workspace = await server.workspace();
    owner = await workspace.person('owner');
  });
  afterAll(() => server.close());
  const contacts = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ firstName: 'Ann', lastName: `Number ${n}` }));
  const made = async (count: number): Promise<string[]> => {
    const reply = await owner.post('/contacts/bulk', { contacts: contacts(count) });
    return reply.body.data.results.map(({ id }: { id: string }) => id);
  };

  it('are made, each for itself', async () => {
    const before = (await workspace.events()).length;
    const reply = await owner.post('/contacts/bulk', {
      contacts: [...contacts(2), { firstName: 'Nobody' }, 'no object', { lastName: '', age: 7 }],
    });
    expect(reply.status).toBe(200);
    expect(reply.body.data).toMatchObject({ created: 2, failed: 3 });
    expect(reply.body.data.results).toMatchObject([
      { index: 0, success: true, id: expect.any(String), revision: 1 },
      { index: 1, success: true },
      {
        index: 2,
        success: false,
        error: { status: 400, code: 'VALIDATION_ERROR', details: [{ field: 'lastName' }] },
      },
      { index: 3, success: false },
      { index: 4, success: false },
    ]);
    const unknown = reply.body.data.results[4].error.details;
    expect(unknown.map(({ rule }: { rule: string }) => rule)).toContain('unknown');
    expect(await workspace.events(before)).toEqual(['ContactCreated', 'ContactCreated']);
  });

  it('are changed alike or each in its own way, replaced and deleted', async () => {
    const ids = await made(3);
    const before = (await workspace.events()).length;
    const alike = await owner.patch('/contacts/bulk', {
      ids: [...ids, randomUUID()],
      updates: { department: 'Sales', tags: ['hot'] },
    });
    expect(alike.body.data).toMatchObject({ updated: 3, failed: 1 });
    expect(alike.body.data.results[3].error).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    const own = await owner.patch('/contacts/bulk', {
      contacts: [
        { id: ids[0], title: 'CEO', revision: 3 },
        { id: ids[1], title: 'CTO', revision: 1 },
        { id: 'nobody', title: 'x' },
      ],
    });
    expect(own.body.data).toMatchObject({ updated: 1, failed: 2 });
    expect(own.body.data.results[1].error).toMatchObject({ status: 412 });
    const replaced = await owner.put('/contacts/bulk', {
      contacts: [
        { id: ids[0], firstName: 'Bea', lastName: 'New' },
        { id: ids[1], lastName: 'x' },
      ],
    });
    expect(replaced.body.data).toMatchObject({ updated: 1, failed: 1 });
    await server.settled();
    expect((await owner.get(`/contacts/${ids[0]}`)).body.data).toMatchObject({
      firstName: 'Bea',
      title: null,
      department: null,
      tags: [],
    });
    const gone = await owner.delete('/contacts/bulk', { ids });
    expect(gone.body.data).toMatchObject({ deleted: 3, failed: 0 });
    const events = await workspace.events(before);
    expect(events.slice(-3)).toEqual(['ContactDeleted', 'ContactDeleted', 'ContactDeleted']);
    expect(events).toHaveLength(3 * 2 + 1 + 2 + 3);
  });

  it('are not made twice under the same key', async () => {
    const headers = { 'idempotency-key': `"${randomUUID()}"` };
    const body = { contacts: contacts(5) };
    const first = await owner.post('/contacts/bulk', body, headers);
    const before = (await workspace.events()).length;
    const again = await owner.post('/contacts/bulk', body, headers);
    expect(again.body.data).toEqual(first.body.data);
    expect(await workspace.events(before)).toEqual([]);
  });

  it('obey If-Match for all of them', async () => {
    const ids = await made(2);
    await owner.patch(`/contacts/${ids[1]}`, { title: 'VP' });
    const reply = await owner.delete('/contacts/bulk', { ids }, { 'if-match': '"1"' });
    expect(reply.body.data).toMatchObject({ deleted: 1, failed: 1 });
    expect(reply.body.data.results[1].error).toMatchObject({ code: 'REVISION_MISMATCH' });
  });

  it('are at most 500, named once, and asked for in the declared form', async () => {
    const refused = async (method: string, body: unknown) => {
      const reply = await owner.request('/contacts/bulk', { method, body });
      return [reply.status, reply.body.error?.details[0].field];
    };
    expect(await refused('POST', { contacts: contacts(501) })).toEqual([400, 'contacts']);
    expect(await refused('POST', { contacts: [] })).toEqual([400, 'contacts']);
    expect(await refused('POST', { people: contacts(1) })).toEqual([400, 'people']);
    expect(await refused('POST', contacts(1))).toEqual([400, 'body']);
    expect(await refused('PATCH', { ids: [randomUUID()] })).toEqual([400, 'updates']);
    const id = randomUUID();
    expect(await refused('DELETE', { ids: [id, id] })).toEqual([400, 'ids']);
    expect((await owner.post('/contacts/bulk', { contacts: contacts(500) })).status).toBe(200);
  });

  it('need a permission of their own, and that of each command', async () => {
    const member = await workspace.person('member');
    const reply = await member.post('/contacts/bulk', { contacts: contacts(1) });
    expect([reply.status, reply.body.error.details[0].message]).toEqual([
      403,
      'This needs the permission contacts:bulk.',
    ]);
    expect((await member.post('/contacts', contacts(1)[0])).status).toBe(201);
  });
});
