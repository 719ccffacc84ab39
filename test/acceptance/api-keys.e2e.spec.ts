import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Endpoints } from '#apps/api/rest/endpoints';
import { API_KEY_PATTERN } from '#platform/auth/api-keys-text';
import { forged } from '#test/support/forged';
import {
  startTestServer,
  type RequestOptions,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

let moved = 0;
const now = () => Date.now() + moved;
const pass = (seconds: number) => (moved += seconds * 1000);

describe('API keys', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  beforeAll(async () => {
    const clock = () => new Date(now());
    server = await startTestServer({ trustedProxies: ['127.0.0.1'] }, {}, { clock });
    workspace = await server.workspace();
  });
  afterAll(() => server.close());

  const rest = (path: string, token: string, options: RequestOptions = {}) =>
    server.request(`/api/v1${path}`, { token, ...options });
  const graphql = (query: string, token: string) =>
    server.request('/graphql', { method: 'POST', token, body: { query } });
  const from = (ip: string) => ({ headers: { 'x-forwarded-for': ip } });
  const make = async (user: TestUser, body: object = {}) => {
    const reply = await user.post('/api-keys', {
      name: 'Nightly export',
      scopes: ['companies:read', 'companies:create', 'apiKeys:read'],
      ...body,
    });
    expect([reply.status, reply.body.error]).toEqual([201, undefined]);
    return reply.body.data as { apiKey: { id: string; expiresAt: string }; key: string };
  };

  it('sign requests of both APIs with what they were given, as far as their holder has it', async () => {
    const owner = await workspace.person('owner');
    const member = await workspace.person('member');
    const { key } = await make(member);
    expect(key).toMatch(API_KEY_PATTERN);
    const created = await rest('/companies', key, { method: 'POST', body: { name: 'Hooli' } });
    expect(created.status).toBe(201);
    expect((await rest('/companies', key)).status).toBe(200);
    // The holder may do this, the key was not given it.
    const contacts = await rest('/contacts', key);
    expect([contacts.status, contacts.body.error.code]).toEqual([403, 'FORBIDDEN']);
    const answer = await graphql('{ companies { totalCount } me { grants { permission } } }', key);
    expect(answer.body.errors).toBeUndefined();
    expect(answer.body.data.me.grants).toEqual(
      ['companies:read', 'companies:create', 'apiKeys:read'].map((permission) => ({ permission })),
    );
    expect((await graphql('{ contacts { totalCount } }', key)).body.errors[0].extensions.code).toBe(
      'FORBIDDEN',
    );
    expect((await rest('/auth/me', key)).body.data).toMatchObject({
      user: { id: member.id },
      sessionId: null,
    });
    // Rights follow the holder within seconds.
    expect((await owner.put(`/users/${member.id}/role`, { role: 'viewer' })).status).toBe(200);
    const again = await rest('/companies', key, { method: 'POST', body: { name: 'Raviga' } });
    expect(again.status).toBe(403);
    expect((await rest('/companies', key)).status).toBe(200);
    await owner.post(`/users/${member.id}/deactivate`, {});
    expect((await rest('/companies', key)).status).toBe(401);
    expect((await graphql('{ companies { totalCount } }', key)).status).toBe(401);
    await owner.post(`/users/${member.id}/reactivate`, {});
    expect((await rest('/companies', key)).status).toBe(200);
    await server.settled();
    const timeline = await owner.get(`/timeline/users/${member.id}`);
    const entry = timeline.body.data.find((one: any) => one.action === 'api_key_made');
    expect(entry.actor).toEqual({ type: 'user', id: member.id });
    expect(timeline.text).not.toContain(key);
  });

  it('are stored as hashes, shown once and never listed', async () => {
    const member = await workspace.person('member');
    const { key, apiKey } = await make(member);
    const listed = await member.get('/api-keys');
    expect(listed.body.data).toEqual([
      expect.objectContaining({ id: apiKey.id, status: 'active', name: 'Nightly export' }),
    ]);
    expect(listed.text).not.toContain(key.slice(-30));
    const { rows } = await server.test.admin((client) =>
      client.query<{ kept: string }>(
        `SELECT (SELECT string_agg(k::text, '') FROM auth_api_key k) ||
                (SELECT string_agg(data || meta, '') FROM es_event) AS kept`,
      ),
    );
    expect(rows[0]!.kept).not.toContain(key.slice(-49));
  });

  it('are good for ninety days, at most a year', async () => {
    const member = await workspace.person('member');
    const { key, apiKey } = await make(member);
    const days = (Date.parse(apiKey.expiresAt) - now()) / 86_400_000;
    expect(days).toBeCloseTo(90, 1);
    for (const distance of [-1, 367]) {
      const expiresAt = new Date(now() + distance * 86_400_000).toISOString();
      const reply = await member.post('/api-keys', {
        name: 'x',
        scopes: ['companies:read'],
        expiresAt,
      });
      expect([reply.status, reply.body.error.details[0].field]).toEqual([400, 'expiresAt']);
    }
    const soon = new Date(now() + 300_000).toISOString();
    const short = await make(member, { expiresAt: soon });
    expect((await rest('/companies', short.key)).status).toBe(200);
    pass(301);
    expect((await rest('/companies', short.key)).status).toBe(401);
    expect((await rest('/companies', key)).status).toBe(200);
    const gone = await member.post(`/api-keys/${short.apiKey.id}/rotate`, {});
    expect([gone.status, gone.body.error.code]).toEqual([422, 'API_KEY_GONE']);
    const { data } = (await member.get('/api-keys')).body;
    expect(data.map(({ status }: { status: string }) => status)).toEqual(['expired', 'active']);
  });

  it('are refused for what their maker does not have, and for making others', async () => {
    const member = await workspace.person('member');
    for (const [scopes, status, code] of [
      [['accessLog:read'], 422, 'SCOPE_NOT_HELD'],
      [['apiKeys:create'], 422, 'SCOPE_NOT_HELD'],
      [['companies:*'], 400, 'VALIDATION_ERROR'],
      [['*'], 400, 'VALIDATION_ERROR'],
      [[], 400, 'VALIDATION_ERROR'],
    ] as const) {
      const reply = await member.post('/api-keys', { name: 'x', scopes });
      expect([scopes, reply.status, reply.body.error.code]).toEqual([scopes, status, code]);
    }
    const owner = await workspace.person('owner');
    const scopes = ['subjects:delete', 'audit:export', 'tenant:update', 'users:administer'];
    const { key } = await make(owner, { scopes });
    const person = { confirm: owner.id, reason: 'request' };
    for (const [method, path, body] of [
      ['POST', '/api-keys', { name: 'x', scopes }],
      ['POST', `/subjects/${owner.id}/erase`, person],
      ['GET', '/audit/export', undefined],
      ['PATCH', '/tenant/mfa-policy', { requiredRoles: [] }],
      ['POST', '/auth/mfa/totp', {}],
      ['POST', '/auth/mfa/step-up', { password: 'x' }],
      ['POST', '/auth/logout', {}],
    ] as const) {
      const reply = await rest(path, key, { method, ...(body ? { body } : {}) });
      expect([path, reply.status]).toEqual([path, 403]);
    }
    const change = await graphql(
      'mutation { changeMfaPolicy(input: { requiredRoles: [] }) { ... on Refused { code } } }',
      key,
    );
    expect(change.body.data.changeMfaPolicy).toEqual({ code: 'PERSON_NEEDED' });
    // What needs no person it may do.
    expect((await rest('/tenant', key, { method: 'PATCH', body: { name: 'Hooli' } })).status).toBe(
      200,
    );
  });

  it('S17 are no persons: nothing about the own account is open to them', async () => {
    const owner = await workspace.person('owner');
    const { grants } = (await graphql('{ me { grants { permission } } }', owner.token)).body.data
      .me;
    const held = grants.map(({ permission }: { permission: string }) => permission);
    const scopes = held.filter((one: string) => !/^apiKeys:(create|delete)$/.test(one));
    const { key } = await make(owner, { scopes });
    const doors = server.app.get(Endpoints).all.filter(({ access }) => access === 'person');
    const told = [];
    for (const { method, path } of doors) {
      const body = method === 'GET' ? {} : { body: {} };
      const reply = await rest(path.replace(':id', owner.id), key, { method, ...body });
      told.push([method, path, reply.status, reply.body.error?.code]);
    }
    expect(told).toEqual(doors.map(({ method, path }) => [method, path, 403, 'PERSON_NEEDED']));
    // Whatever is about the own account stands among them, but for who one is.
    const own = server.app
      .get(Endpoints)
      .all.filter(({ path, access }) => path.startsWith('/auth/') && access === 'signed-in');
    expect(own.map(({ operation }) => operation)).toEqual(['me']);
    expect(doors.map(({ operation }) => operation)).toEqual(
      expect.arrayContaining(['own_sessions', 'own_factors', 'offer_passkey', 'link_identity']),
    );
  });

  it('are made by people who have just proved who they are', async () => {
    const member = await workspace.person('member');
    pass(601);
    const reply = await member.post('/api-keys', { name: 'x', scopes: ['companies:read'] });
    expect([reply.status, reply.body.error.code]).toEqual([403, 'STEP_UP_REQUIRED']);
  });

  it('are replaced with an overlap, and without one at once', async () => {
    const member = await workspace.person('member');
    const { key, apiKey } = await make(member);
    const rotate = async (overlapHours?: number) =>
      (await member.post(`/api-keys/${apiKey.id}/rotate`, { overlapHours })).body.data;
    const second = await rotate(1);
    expect(second.apiKey.id).toBe(apiKey.id);
    expect(second.key).not.toBe(key);
    const status = async (one: string) => (await rest('/companies', one)).status;
    expect([await status(key), await status(second.key)]).toEqual([200, 200]);
    const third = await rotate(0);
    expect([await status(key), await status(second.key), await status(third.key)]).toEqual([
      401, 401, 200,
    ]);
    const fourth = (await member.post(`/api-keys/${apiKey.id}/rotate`)).body.data;
    expect(await status(third.key)).toBe(200);
    pass(24 * 3600 + 1);
    expect([await status(third.key), await status(fourth.key)]).toEqual([401, 200]);
  });

  it('are used only from the networks they are bound to', async () => {
    const member = await workspace.person('member');
    const wrong = await member.post('/api-keys', {
      name: 'x',
      scopes: ['companies:read'],
      allowedNetworks: ['203.0.113.0/33'],
    });
    expect([wrong.status, wrong.body.error.details[0].field]).toEqual([400, 'allowedNetworks']);
    const allowedNetworks = ['203.0.113.0/24', '2001:db8::/32'];
    const { key, apiKey } = await make(member, { allowedNetworks });
    for (const [ip, status] of [
      ['203.0.113.9', 200],
      ['2001:db8::9', 200],
      ['203.0.114.9', 403],
      ['::1', 403],
    ] as const) {
      const reply = await rest('/companies', key, from(ip));
      expect([ip, reply.status]).toEqual([ip, status]);
      if (status === 403) expect(reply.body.error.code).toBe('API_KEY_NETWORK');
    }
    const query = { query: '{ companies { totalCount } }' };
    const elsewhere = await server.request('/graphql', {
      method: 'POST',
      token: key,
      body: query,
      ...from('203.0.114.9'),
    });
    expect(elsewhere.body.data?.companies).toBeUndefined();
    await server.settled();
    const owner = await workspace.person('owner');
    const refused = `/timeline/access?action=refused&actorId=${member.id}`;
    // One request is asked about more than once, and each record is written once a minute.
    expect((await owner.get(refused)).body.data).toMatchObject([
      { recordType: 'api_key_network', recordId: apiKey.id, ip: '203.0.114.9' },
    ]);
    const [listed] = (await member.get('/api-keys')).body.data;
    expect(listed.lastUsedIp).toBe('203.0.113.9');
    expect(Math.abs(Date.parse(listed.lastUsedAt) - now())).toBeLessThan(60_000);
  });

  it('are revoked at once by their holder and by administrators, by nobody else', async () => {
    const [member, other, admin] = [
      await workspace.person('member'),
      await workspace.person('member'),
      await workspace.person('admin'),
    ];
    const stranger = await (await server.workspace()).person('owner');
    const [one, two] = [await make(member), await make(member)];
    const status = async (key: string) => (await rest('/companies', key)).status;
    for (const nobody of [other, stranger]) {
      expect((await nobody.delete(`/api-keys/${one.apiKey.id}`)).status).toBe(404);
      expect((await nobody.post(`/api-keys/${one.apiKey.id}/rotate`, {})).status).toBe(404);
    }
    // Not even an administrator gets a text to act as somebody else with.
    expect((await admin.post(`/api-keys/${one.apiKey.id}/rotate`, {})).status).toBe(404);
    const ids = (reply: { body: any }) => reply.body.data.map(({ id }: { id: string }) => id);
    expect(ids(await other.get('/api-keys?everybody=true'))).not.toContain(one.apiKey.id);
    expect(ids(await admin.get('/api-keys?everybody=true'))).toContain(one.apiKey.id);
    expect(ids(await stranger.get('/api-keys?everybody=true'))).toEqual([]);
    expect(await status(one.key)).toBe(200);
    expect((await member.delete(`/api-keys/${one.apiKey.id}`)).status).toBe(204);
    expect((await member.delete(`/api-keys/${one.apiKey.id}`)).status).toBe(204);
    expect((await admin.delete(`/api-keys/${two.apiKey.id}`)).status).toBe(204);
    expect([await status(one.key), await status(two.key)]).toEqual([401, 401]);
    await server.settled();
    const timeline = await admin.get(`/timeline/users/${member.id}`);
    const revoked = timeline.body.data.filter((entry: any) => entry.action === 'api_key_revoked');
    expect(revoked.map((entry: any) => entry.actor.id).sort()).toEqual(
      [member.id, admin.id].sort(),
    );
  });

  it('of another workspace, or with a letter changed, are nothing', async () => {
    const other = await server.workspace();
    const member = await workspace.person('member');
    const stranger = await other.person('owner');
    const { key } = await make(stranger, { scopes: ['companies:read', 'companies:create'] });
    const mine = await member.post('/companies', { name: 'Pied Piper' });
    expect((await rest(`/companies/${mine.body.data.id}`, key)).status).toBe(404);
    const own = (await make(member)).key;
    for (const token of [
      `${key.slice(0, 52)}${own.slice(52)}`,
      forged(key),
      'cf_live_x',
      key.replace('cf_live_', 'cf_test_'),
    ]) {
      const reply = await rest('/companies', token);
      expect([token.length, reply.status]).toEqual([token.length, 401]);
    }
  });
});
