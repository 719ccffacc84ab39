import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

describe('records over REST', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let owner: TestUser;
  beforeAll(async () => {
    server = await startTestServer();
    workspace = await server.workspace('Europe/Zurich');
    owner = await workspace.person('owner');
  });
  afterAll(() => server.close());

  it('are made, read, changed, replaced, deleted and restored', async () => {
    const before = (await workspace.events()).length;
    const made = await owner.post('/companies', {
      name: 'Hooli',
      industry: 'software',
      tags: ['vip'],
    });
    expect(made.status).toBe(201);
    const { id } = made.body.data;
    expect(made.headers.get('location')).toBe(`/api/v1/companies/${id}`);
    expect(made.headers.get('etag')).toBe('"1"');
    expect(made.body).toMatchObject({
      success: true,
      data: { id, name: 'Hooli', ownerId: owner.id, tags: ['vip'], revision: 1 },
      meta: { revision: 1, warnings: [], requestId: made.headers.get('x-request-id') },
    });

    await server.settled();
    const read = await owner.get(`/companies/${id}`);
    expect(read.body.data).toEqual(made.body.data);
    expect(read.headers.get('etag')).toBe('"1"');
    const again = await owner.get(`/companies/${id}`, { 'if-none-match': '"1"' });
    expect([again.status, again.text]).toEqual([304, '']);

    const changed = await owner.patch(`/companies/${id}`, { industry: null, website: null });
    expect(changed.body.data).toMatchObject({ industry: null, name: 'Hooli', revision: 2 });
    const replaced = await owner.put(`/companies/${id}`, { name: 'Hooli Inc', industry: 'cloud' });
    expect(replaced.status).toBe(200);
    expect(replaced.body.data).toMatchObject({
      name: 'Hooli Inc',
      industry: 'cloud',
      tags: [],
      ownerId: owner.id,
    });
    const cleared = await owner.put(`/companies/${id}`, { name: 'Hooli Inc' });
    expect(cleared.body.data.industry).toBeNull();
    expect((await owner.put(`/companies/${id}`, { industry: 'x' })).status).toBe(400);

    const gone = await owner.delete(`/companies/${id}`);
    expect([gone.status, gone.text]).toEqual([204, '']);
    await server.settled();
    expect((await owner.get(`/companies/${id}`)).status).toBe(404);
    expect((await owner.get(`/companies/${id}?deleted=include`)).status).toBe(200);
    expect((await owner.post(`/companies/${id}/restore`)).body.data.deletedAt).toBeNull();
    expect(await workspace.events(before)).toEqual([
      'CompanyCreated',
      'CompanyChanged',
      'CompanyChanged',
      'CompanyTagsChanged',
      'CompanyChanged',
      'CompanyDeleted',
      'CompanyRestored',
    ]);
  });
});
