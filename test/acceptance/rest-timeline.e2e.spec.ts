import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

describe('the timeline over REST', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let owner: TestUser;
  let member: TestUser;
  let company: string;
  beforeAll(async () => {
    server = await startTestServer();
    workspace = await server.workspace();
    owner = await workspace.person('owner');
    member = await workspace.person('member');
    company = (await owner.post('/companies', { name: 'Hooli' })).body.data.id;
    await owner.patch(`/companies/${company}`, { industry: 'cloud' });
    await member.post(`/companies/${company}/notes`, { content: 'Box demo on Monday.' });
    await server.settled();
  });
  afterAll(() => server.close());
  const actions = (reply: { body: any }) =>
    reply.body.data.map(({ recordType, action }: any) => `${recordType} ${action}`);

  it('tells of a record, with what belongs to it where that is wanted', async () => {
    const own = await owner.get(`/timeline/company/${company}`);
    expect(actions(own)).toEqual(['company updated', 'company created']);
    expect(own.body.data[0]).toMatchObject({
      recordLabel: 'Hooli',
      changes: [{ field: 'industry', from: null, to: 'cloud' }],
      actor: { type: 'user', id: owner.id },
      ip: expect.any(String),
    });
    expect(actions(await owner.get(`/timeline/companies/${company}?related=true`))).toHaveLength(3);
    const log = await owner.get(`/companies/${company}/activities`);
    expect(actions(log)[0]).toBe('note created');
    expect(actions(await owner.get(`/companies/${company}/activities?related=false`))).toHaveLength(
      2,
    );
  });

  it('is read for the workspace, for oneself, by words and by what happened', async () => {
    const mine = await member.get('/timeline/me');
    expect(actions(mine)).toEqual(['note created']);
    const some = await owner.get('/timeline?recordType=company&action=created,updated&order=asc');
    expect(actions(some)).toEqual(['company created', 'company updated']);
    expect(actions(await owner.get('/timeline?field=industry'))).toEqual(['company updated']);
    expect(actions(await owner.get('/timeline/search?q=monday'))).toEqual(['note created']);
    expect(actions(await owner.get(`/timeline?recordType=company&to=2001-01-01`))).toEqual([]);
    const today = new Date().toISOString().slice(0, 10);
    expect(actions(await owner.get(`/timeline?recordType=company&from=${today}`))).toHaveLength(2);

    const first = await owner.get('/timeline?limit=2');
    expect(first.body.pagination).toMatchObject({ limit: 2, hasNext: true, hasPrev: false });
    const { nextCursor } = first.body.pagination;
    const second = await owner.get(`/timeline?limit=2&cursor=${nextCursor}`);
    expect(second.body.pagination.hasPrev).toBe(true);
    expect(second.body.data[0].id).not.toBe(first.body.data[1].id);

    const { data } = (await owner.get('/timeline/statistics?recordType=company,note')).body;
    expect(data).toMatchObject({
      total: 3,
      byAction: [
        { action: 'created', count: 2 },
        { action: 'updated', count: 1 },
      ],
    });
    expect(data.byActor).toContainEqual({ actorId: member.id, count: 1 });
  });

  it('takes what people did elsewhere', async () => {
    const before = (await workspace.events()).length;
    const logged = await member.post('/timeline', {
      activityType: 'call',
      subject: 'Asked for a price',
      relatedToType: 'company',
      relatedToId: company,
    });
    expect(logged.status).toBe(201);
    expect(logged.headers.get('location')).toBe(`/api/v1/activities/${logged.body.data.id}`);
    await server.settled();
    expect(actions(await owner.get(`/companies/${company}/activities?limit=1`))).toEqual([
      'activity created',
    ]);
    const beneath = await member.post(`/companies/${company}/activities`, {
      activityType: 'meeting',
      subject: 'Showed the box',
    });
    expect(beneath.body.data).toMatchObject({ relatedToType: 'company', relatedToId: company });
    expect(await workspace.events(before)).toEqual(['ActivityLogged', 'ActivityLogged']);
  });

  it('refuses what it does not know', async () => {
    for (const path of [
      '/timeline?cursor=abc',
      '/timeline?order=up',
      '/timeline?from=yesterday',
      '/timeline?colour=red',
      '/timeline/search',
      '/timeline?limit=1000',
    ]) {
      expect([path, (await owner.get(path)).status]).toEqual([path, 400]);
    }
    expect((await owner.get(`/timeline/company/${randomUUID()}`)).status).toBe(404);
    expect((await owner.get(`/timeline/unicorn/${company}`)).status).toBe(404);
    expect((await owner.get('/timeline')).status).toBe(200);
  });

  it('keeps who looked at a record, for administrators to read and to clear', async () => {
    await member.get(`/companies/${company}`, { 'user-agent': 'spec/1' });
    await member.get(`/companies/${randomUUID()}`);
    await member.get('/companies');
    for (const path of [
      `/companies/${company}/history`,
      `/timeline/company/${company}`,
      `/companies/${company}/activities`,
      `/companies/${company}/contacts`,
    ]) {
      expect([path, (await member.get(path)).status]).toEqual([path, 200]);
    }
    expect((await owner.get('/companies?format=csv')).status).toBe(200);
    const exported = await owner.get('/timeline/access?action=exported');
    expect(exported.body.data).toMatchObject([{ actorId: owner.id, recordType: 'company' }]);
    const graphql = await server.request('/graphql', {
      method: 'POST',
      token: member.token,
      body: {
        query: `{ company(id: "${company}") { history { nodes { id } } }
          timeline(filter: { recordType: company, recordId: "${company}" }) { nodes { id } } }`,
      },
    });
    expect(graphql.body.errors).toBeUndefined();
    const seen = await owner.get(`/timeline/access?actorId=${member.id}`);
    const viewed = { recordType: 'company', recordId: company, action: 'viewed' };
    expect(seen.body.data).toMatchObject([
      ...Array.from({ length: 7 }, () => viewed),
      {
        actorId: member.id,
        recordType: 'company',
        recordId: company,
        action: 'viewed',
        userAgent: 'spec/1',
        ip: '127.0.0.1',
      },
    ]);
    expect((await member.get('/timeline/access')).status).toBe(403);
    for (const bad of ['recordId=x', 'cursor=x', 'from=x', 'actorId=%00']) {
      expect((await owner.get(`/timeline/access?${bad}`)).status).toBe(400);
    }

    await server.test.admin((client) =>
      client.query(`UPDATE access_log SET at = at - interval '40 days' WHERE tenant_id = $1`, [
        workspace.tenantId,
      ]),
    );
    const path = '/timeline/cleanup?olderThanDays=';
    expect((await member.delete(`${path}30`)).status).toBe(403);
    expect((await owner.delete(`${path}1`)).status).toBe(400);
    expect((await owner.delete('/timeline/cleanup')).status).toBe(400);
    const before = (await workspace.events()).length;
    const cleaned = await owner.delete(`${path}30`);
    expect(cleaned.body.data.deleted).toBeGreaterThan(0);
    const left = (await owner.get('/timeline/access')).body.data as { action: string }[];
    // What the member was refused a moment ago stays.
    expect(left.filter(({ action }) => action !== 'refused')).toMatchObject([
      { actorId: owner.id, action: 'access_log_cleaned' },
    ]);
    expect(await workspace.events(before)).toEqual([]);
  });
});
