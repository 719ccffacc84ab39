import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  startTestServer,
  type Reply,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const LIMIT = 20_000;

describe('what REST refuses, beside what it takes', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let owner: TestUser;
  let stranger: TestUser;
  let company: { id: string; name: string };
  beforeAll(async () => {
    server = await startTestServer({ bodyLimitBytes: LIMIT });
    workspace = await server.workspace();
    owner = await workspace.person('owner');
    stranger = await (await server.workspace()).person('owner');
    company = (await owner.post('/companies', { name: 'Hooli' })).body.data;
    await server.settled();
  });
  afterAll(() => server.close());

  /** An error in the envelope, without a word about our inside. */
  const expectError = (reply: Reply, status: number, code: string) => {
    expect([reply.status, reply.body?.error?.code]).toEqual([status, code]);
    expect(reply.body).toMatchObject({
      success: false,
      error: { message: expect.any(String), details: expect.any(Array) },
      meta: { requestId: reply.headers.get('x-request-id') },
    });
    expect(reply.text).not.toMatch(/node_modules|\.[tj]s:\d|es_event|at \S+ \(/);
  };

  it('another workspace’s record is no record at all', async () => {
    const path = `/companies/${company.id}`;
    const nowhere = `/companies/${randomUUID()}`;
    const before = (await workspace.events()).length;
    for (const [method, suffix, body] of [
      ['GET', '', undefined],
      ['GET', '/history', undefined],
      ['GET', '/contacts', undefined],
      ['GET', '/activities', undefined],
      ['PATCH', '', { name: 'Mine' }],
      ['PUT', '', { name: 'Mine' }],
      ['DELETE', '', undefined],
      ['POST', '/archive', {}],
      ['POST', '/notes', { content: 'Mine' }],
    ] as const) {
      const reply = await stranger.request(path + suffix, { method, body });
      expectError(reply, 404, 'NOT_FOUND');
      const missing = await stranger.request(nowhere + suffix, { method, body });
      expect(missing.body.error).toEqual(reply.body.error);
    }
    expect((await stranger.get('/companies')).body.data).toEqual([]);
    const bulk = await stranger.delete('/companies/bulk', { ids: [company.id] });
    expect(bulk.body.data).toMatchObject({ deleted: 0, failed: 1 });
    expect(await workspace.events(before)).toEqual([]);
    expect((await owner.get(path)).status).toBe(200);
  });

  it('a request without a token, or without the permission', async () => {
    const open = await server.request('/api/v1/companies');
    expectError(open, 401, 'UNAUTHENTICATED');
    expect(open.headers.get('www-authenticate')).toBe('Bearer realm="clientforge"');
    const viewer = await workspace.person('viewer');
    const before = (await workspace.events()).length;
    expectError(await viewer.post('/companies', { name: 'X' }), 403, 'FORBIDDEN');
    expectError(await viewer.delete(`/companies/${company.id}`), 403, 'FORBIDDEN');
    const member = await workspace.person('member');
    const others = await member.patch(`/companies/${company.id}`, { name: 'X' });
    expectError(others, 403, 'FORBIDDEN');
    expect(await workspace.events(before)).toEqual([]);
    expect((await viewer.get(`/companies/${company.id}`)).status).toBe(200);
    expect((await member.post('/companies', { name: 'Own' })).status).toBe(201);
  });

  it('a body that is no JSON, not UTF-8, empty, too deep, too large or of another type', async () => {
    const post = (raw: string | Buffer, headers = {}) =>
      owner.request('/companies', { method: 'POST', raw, headers });
    const malformed = await post('{\n  "name": "X",\n}');
    expectError(malformed, 400, 'MALFORMED_JSON');
    expect(malformed.body.error.message).toContain('line 3, column 1');
    expectError(await post('{"name": "X'), 400, 'MALFORMED_JSON');
    expectError(await post(' '), 400, 'MALFORMED_JSON');
    expectError(await post(Buffer.from([0x7b, 0xff, 0x7d])), 400, 'MALFORMED_JSON');
    expectError(await post('['.repeat(5000) + ']'.repeat(5000)), 400, 'MALFORMED_JSON');
    expectError(await post('[]'), 400, 'VALIDATION_ERROR');
    expectError(await post('"text"'), 400, 'VALIDATION_ERROR');
    const large = JSON.stringify({ name: 'X', description: 'x'.repeat(LIMIT) });
    expectError(await post(large), 413, 'BODY_TOO_LARGE');
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data', 'nonsense']) {
      const reply = await post('{"name":"X"}', { 'content-type': type });
      expectError(reply, 415, 'UNSUPPORTED_MEDIA_TYPE');
    }
    expect((await post('{"name":"X"}')).status).toBe(201);
    const charset = { 'content-type': 'application/json; charset=utf-8' };
    expect((await post('{"name":"Y"}', charset)).status).toBe(201);
  });

  it('S18 a field it does not have, of the wrong kind, or that is not for callers to say', async () => {
    const before = (await workspace.events()).length;
    for (const field of ['id', 'tenantId', 'version', 'revision', 'createdBy', '__proto__', 'x']) {
      const raw = `{"name":"X","${field}":"${randomUUID()}"}`;
      const reply = await owner.request('/companies', { method: 'POST', raw });
      expectError(reply, 400, 'VALIDATION_ERROR');
      expect(reply.body.error.details[0]).toMatchObject({ field, rule: 'unknown' });
    }
    const wrong = await owner.post('/companies', {
      name: 7,
      website: 'ftp://x',
      employeeCount: -1,
    });
    expectError(wrong, 400, 'VALIDATION_ERROR');
    expect(wrong.body.error.details.map(({ field }: any) => field).sort()).toEqual([
      'employeeCount',
      'name',
      'website',
    ]);
    expectError(await owner.post('/companies', { name: 'a\u0000b' }), 400, 'VALIDATION_ERROR');
    expectError(await owner.post('/companies', { name: '\ud800' }), 400, 'VALIDATION_ERROR');
    expectError(await owner.post('/companies?name=X', { name: 'X' }), 400, 'VALIDATION_ERROR');
    const ownerId = randomUUID();
    expectError(await owner.post('/companies', { name: 'X', ownerId }), 422, 'REFERENCE_NOT_FOUND');
    expect(await workspace.events(before)).toEqual([]);
    expect((await owner.post('/companies', { name: '𝕏', ownerId: owner.id })).status).toBe(201);
  });

  it('a question a list does not understand', async () => {
    for (const query of [
      "name[like]=%'; DROP TABLE rm_companies; --",
      "name'; DROP TABLE rm_companies; --=x",
      'sort=name;DROP TABLE rm_companies',
      'sort=(SELECT 1)',
      'sort=description',
      'sort=',
      'limit=100000',
      'limit=0',
      'limit=1e1',
      'page=-1',
      'page=100000',
      'page=1&cursor=abc',
      'cursor=%00',
      'count=all',
      'fields=secret',
      'asOf=yesterday',
      'employeeCount[gte]=many',
      'ownerId=me',
      'name=%00',
      'search=%00',
      'colour=red',
      '__proto__[x]=y',
      'name=a&limit=1&limit=2',
    ]) {
      const reply = await owner.get(`/companies?${encodeURI(query).replaceAll('%2500', '%00')}`);
      expect([query, reply.status]).toEqual([query, 400]);
      expectError(reply, 400, 'VALIDATION_ERROR');
    }
    // As values they are only text.
    const names = encodeURIComponent(`'; DROP TABLE rm_companies; --`);
    for (const query of [`name=${names}`, `search=${names}`, `name[ne]=${names}`, 'limit=100']) {
      expect((await owner.get(`/companies?${query}`)).status).toBe(200);
    }
    expect((await owner.get('/companies?name=Hooli')).body.data).toHaveLength(1);
  });

  it('an address there is not, or a method it does not take', async () => {
    expectError(await owner.get('/unicorns'), 404, 'ROUTE_NOT_FOUND');
    expectError(await owner.get(`/companies/${company.id}/unicorns`), 404, 'ROUTE_NOT_FOUND');
    expectError(await owner.get('/companies/not-an-id'), 404, 'NOT_FOUND');
    expectError(await owner.get('/companies/%00'), 404, 'NOT_FOUND');
    expectError(await owner.patch('/companies/not-an-id', {}), 404, 'NOT_FOUND');
    const wrong = await owner.delete('/companies');
    expectError(wrong, 405, 'METHOD_NOT_ALLOWED');
    expect(wrong.headers.get('allow')).toBe('GET, HEAD, POST');
    const odd = await owner.request('/companies/bulk', { method: 'OPTIONS' });
    expect([odd.status, odd.headers.get('access-control-allow-origin')]).toEqual([405, null]);
    const bad = await server.request('/api/v1/companies/%zz', { token: owner.token });
    expectError(bad, 400, 'MALFORMED_REQUEST');
    expect((await owner.request('/companies', { method: 'HEAD' })).status).toBe(200);
    // Commands of the product itself have no address.
    const record = `/users/${owner.id}/sign-ins`;
    expect((await owner.post(record, { sessionId: randomUUID(), method: 'saml' })).status).toBe(
      404,
    );
    expect((await owner.post('/tenants', { name: 'X', slug: 'xyz' })).status).toBe(404);
  });

  it('names its own request id unless the caller’s is fit to be kept', async () => {
    const kept = await owner.get('/companies', { 'x-request-id': 'import-1:2' });
    expect(kept.body.meta.requestId).toBe('import-1:2');
    const not = await owner.get('/companies', { 'x-request-id': 'a"b c' });
    expect(not.body.meta.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('sends no page of another site anything, and its own pages with strict headers', async () => {
    const reply = await owner.get('/companies', { origin: 'https://evil.example' });
    expect(reply.headers.get('access-control-allow-origin')).toBeNull();
    expect(reply.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
    expect(reply.headers.get('cache-control')).toBe('private, no-cache');
    expect(reply.headers.get('x-powered-by')).toBeNull();
  });
});
