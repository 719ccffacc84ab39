import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

describe('writes over REST', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let owner: TestUser;
  beforeAll(async () => {
    server = await startTestServer();
    workspace = await server.workspace();
    owner = await workspace.person('owner');
  });
  afterAll(() => server.close());
  const key = () => ({ 'idempotency-key': `"${randomUUID()}"` });

  it('are carried out once however often they are sent with a key', async () => {
    const before = (await workspace.events()).length;
    const once = key();
    const body = { name: 'Raviga' };
    const first = await owner.post('/companies', body, once);
    await owner.patch(`/companies/${first.body.data.id}`, { industry: 'capital' });
    const again = await Promise.all([1, 2, 3].map(() => owner.post('/companies', body, once)));
    for (const reply of again) {
      expect(reply.status).toBe(201);
      expect(reply.body.data).toEqual(first.body.data);
      expect(reply.body.meta.position).toBe(first.body.meta.position);
    }
    const other = await owner.post('/companies', { name: 'Aviato' }, once);
    expect([other.status, other.body.error.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect(await workspace.events(before)).toEqual(['CompanyCreated', 'CompanyChanged']);
    // The same key on another route, or of another person, is another request.
    const colleague = await workspace.person('admin');
    expect((await colleague.post('/companies', body, once)).body.data.id).not.toBe(
      first.body.data.id,
    );
    for (const wrong of ['"open', '', 'a b', `"${'x'.repeat(256)}"`]) {
      const reply = await owner.post('/companies', body, { 'idempotency-key': wrong });
      expect(reply.status).toBe(400);
    }
  });

  it('repeat a refusal under the same key, also once it would no longer be refused', async () => {
    const once = key();
    const made = (await owner.post('/companies', { name: 'Nucleus' })).body.data;
    await owner.post(`/companies/${made.id}/archive`);
    const change = { industry: 'x' };
    const refused = await owner.patch(`/companies/${made.id}`, change, once);
    expect([refused.status, refused.body.error.code]).toEqual([422, 'RECORD_ARCHIVED']);
    await owner.post(`/companies/${made.id}/restore`);
    expect((await owner.patch(`/companies/${made.id}`, change, once)).status).toBe(422);
    expect((await owner.patch(`/companies/${made.id}`, change, key())).status).toBe(200);
  });

  it('are refused when the record has changed since it was read', async () => {
    const made = await owner.post('/companies', { name: 'Endframe' });
    const path = `/companies/${made.body.data.id}`;
    const match = { 'if-match': made.headers.get('etag')! };
    const before = (await workspace.events()).length;
    const first = await owner.patch(path, { industry: 'a' }, match);
    expect([first.status, first.headers.get('etag')]).toEqual([200, '"2"']);
    const late = await owner.patch(path, { industry: 'b' }, match);
    expect([late.status, late.body.error.code]).toEqual([412, 'REVISION_MISMATCH']);
    expect((await owner.delete(path, undefined, { 'if-match': '"1"' })).status).toBe(412);
    expect((await owner.patch(path, { industry: 'b' }, { 'if-match': 'W/"2"' })).status).toBe(400);
    expect((await owner.patch(path, { industry: 'c' }, { 'if-match': '*' })).status).toBe(200);
    expect(await workspace.events(before)).toEqual(['CompanyChanged', 'CompanyChanged']);
  });

  it('keep who caused them, and answer as the caller prefers', async () => {
    const made = await owner.post(
      '/companies',
      { name: 'Bachmanity' },
      { prefer: 'respond-async, return=minimal', 'x-causation-id': 'import-7' },
    );
    expect(made.headers.get('preference-applied')).toBe('respond-async, return=minimal');
    const { id } = made.body.data;
    expect(made.body.data).toEqual({ id, revision: 1 });
    const { position } = made.body.meta;
    expect(made.headers.get('x-position')).toBe(position);
    const list = await owner.get(`/companies?name=Bachmanity&atLeast=${position}`);
    expect(list.body.data).toHaveLength(1);
    const log = await owner.get(`/timeline/company/${id}?atLeast=${position}`);
    expect(log.body.data[0]).toMatchObject({
      causationId: 'import-7',
      requestId: made.headers.get('x-request-id'),
      action: 'created',
      actor: { type: 'user', id: owner.id },
    });
  });

  it('warn of duplicates, and refuse them where they are forbidden', async () => {
    await owner.post('/contacts', {
      firstName: 'Monica',
      lastName: 'Hall',
      email: 'monica@raviga.example',
    });
    await server.settled();
    const body = { firstName: 'M', lastName: 'Hall', email: 'monica@raviga.example' };
    const twice = await owner.post('/contacts', body);
    const allowed = await owner.post('/contacts', { ...body, allowDuplicate: true });
    expect([twice.status, twice.body.error.code]).toEqual([409, 'DUPLICATE']);
    expect(twice.body.error.details[0]).toMatchObject({ field: 'email', rule: 'duplicate' });
    expect(allowed.status).toBe(201);
  });

  it('go on beneath the record they belong to', async () => {
    const company = (await owner.post('/companies', { name: 'Pied Piper' })).body.data;
    const before = (await workspace.events()).length;
    const contact = await owner.post(`/companies/${company.id}/contacts`, {
      firstName: 'Richard',
      lastName: 'Hendricks',
    });
    expect(contact.body.data).toMatchObject({ companyId: company.id, lastName: 'Hendricks' });
    expect(contact.headers.get('location')).toBe(`/api/v1/contacts/${contact.body.data.id}`);
    const note = await owner.post(`/contacts/${contact.body.data.id}/notes`, {
      content: 'Wants a demo.',
    });
    expect(note.body.data).toMatchObject({ relatedToType: 'contact' });
    await server.settled();
    expect((await owner.get(`/companies/${company.id}/contacts`)).body.data).toHaveLength(1);
    expect((await owner.get(`/contacts/${contact.body.data.id}/notes`)).body.data).toEqual([
      note.body.data,
    ]);
    const other = await owner.post(`/companies/${company.id}/contacts`, {
      firstName: 'A',
      lastName: 'B',
      companyId: randomUUID(),
    });
    expect([other.status, other.body.error.details[0].field]).toEqual([400, 'companyId']);
    const nowhere = `/companies/${randomUUID()}/contacts`;
    expect((await owner.get(nowhere)).status).toBe(404);
    expect((await owner.post(nowhere, { firstName: 'A', lastName: 'B' })).status).toBe(404);
    expect(await workspace.events(before)).toEqual(['ContactCreated', 'NoteCreated']);
  });

  it('take fields from the address: stages, members and the workspace', async () => {
    const pipeline = (await owner.post('/pipelines', { name: 'Sales' })).body.data;
    const deal = (
      await owner.post('/deals', {
        name: 'Rollout',
        pipelineId: pipeline.id,
        amount: { amountMinor: '500000', currency: 'USD' },
      })
    ).body.data;
    const before = (await workspace.events()).length;
    const { stageId } = pipeline.stages[2];
    const moved = await owner.put(`/deals/${deal.id}/stage`, { stageId });
    expect(moved.body.data).toMatchObject({ stageId, revision: 2 });
    const won = await owner.post(`/deals/${deal.id}/win`, {});
    expect(won.body.data).toMatchObject({ status: 'won', isWon: true });

    const member = await workspace.person('member');
    const team = (await owner.post('/teams', { name: 'Field' })).body.data;
    await owner.post(`/teams/${team.id}/members`, { userId: member.id });
    const left = await owner.delete(`/teams/${team.id}/members/${member.id}`);
    expect([left.status, left.body.data.memberIds]).toEqual([200, []]);

    const renamed = await owner.patch('/tenant', { name: 'Pied Piper Inc' });
    expect(renamed.body.data).toMatchObject({ id: workspace.tenantId, name: 'Pied Piper Inc' });
    await server.settled();
    expect((await owner.get('/tenant')).body.data.name).toBe('Pied Piper Inc');
    const events = await workspace.events(before);
    expect(events[0]).toBe('DealMovedToStage');
    expect(events).toContain('DealWon');
    expect(events.slice(-4)).toEqual([
      'TeamCreated',
      'TeamMemberAdded',
      'TeamMemberRemoved',
      'TenantChanged',
    ]);
  });
});
