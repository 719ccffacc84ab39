import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import {
  startTestServer,
  type Reply,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const password = 'seven quiet lamps at noon';

/** What a browser says of a request that a page of another site makes. */
const foreign: readonly Readonly<Record<string, string>>[] = [
  { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
  { 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'none' },
  { origin: 'https://evil.example' },
  { origin: 'null' },
];

describe('S10 pages of other sites', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let owner: TestUser;
  let credentials: object;
  beforeAll(async () => {
    server = await startTestServer();
    workspace = await server.workspace();
    owner = await workspace.person('owner');
    const { email } = await workspace.withPassword('member', password);
    credentials = { workspace: workspace.slug, email, password };
  });
  afterAll(() => server?.close());

  const post = (path: string, body: unknown, headers: Readonly<Record<string, string>>) =>
    server.request(`/api/v1/auth/${path}`, { method: 'POST', body, headers });
  const cookieOf = (reply: Reply) => reply.headers.get('set-cookie')!.split(';', 1)[0]!;
  const ownPage = { 'sec-fetch-site': 'same-origin' };

  it.each(foreign)('S10 sign nobody in, out or on: %j', async (headers) => {
    const cookie = cookieOf(await post('login', credentials, ownPage));
    for (const path of ['login', 'refresh', 'logout']) {
      const reply = await post(path, path === 'login' ? credentials : {}, { ...headers, cookie });
      const signedOn = [reply.status, reply.headers.get('set-cookie')];
      expect([path, ...signedOn]).toEqual([path, path === 'logout' ? 401 : 403, null]);
    }
    // The session is as it was.
    expect((await post('refresh', {}, { ...ownPage, cookie })).status).toBe(200);
  });

  it('S10 send no form, and nothing that needs no preflight', async () => {
    const body = JSON.stringify(credentials);
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'];
    for (const type of types) {
      const send = { method: 'POST', raw: body, headers: { 'content-type': type } };
      const reply = await server.request('/api/v1/auth/login', send);
      expect([type, reply.status, reply.headers.get('set-cookie')]).toEqual([type, 415, null]);
      const query = JSON.stringify({ query: '{ __typename }' });
      const asked = { method: 'POST', raw: query, headers: { 'content-type': type } };
      expect([type, (await server.request('/graphql', asked)).status]).toEqual([type, 415]);
    }
  });

  it('S10 change nothing by GET', async () => {
    const query = encodeURIComponent(
      'mutation { createCompany(input: { name: "X" }) { __typename } }',
    );
    const reply = await server.request(`/graphql?query=${query}`, { token: owner.token });
    expect([reply.status, reply.text]).toEqual([
      405,
      expect.stringContaining('METHOD_NOT_ALLOWED'),
    ]);
    expect((await owner.get('/companies')).body.data).toEqual([]);
  });

  it('S10 read nothing: no answer is shared, and no preflight is passed', async () => {
    const asked = { 'access-control-request-method': 'POST', origin: 'https://evil.example' };
    for (const path of ['/api/v1/companies', '/api/v1/auth/login', '/graphql', '/health', '/dev']) {
      for (const method of ['OPTIONS', 'GET']) {
        const reply = await server.request(path, { method, headers: asked });
        const shared = [...reply.headers.keys()].filter((name) =>
          name.startsWith('access-control'),
        );
        expect([method, path, shared]).toEqual([method, path, []]);
        if (method === 'OPTIONS') expect(reply.status).toBeGreaterThanOrEqual(400);
      }
    }
  });

  it('S10 get nowhere with the cookie alone', async () => {
    const cookie = cookieOf(await post('login', credentials, ownPage));
    for (const path of ['/companies', '/auth/me', '/timeline/access']) {
      const reply = await server.request(`/api/v1${path}`, { headers: { cookie, ...ownPage } });
      expect([path, reply.status]).toEqual([path, 401]);
    }
  });

  it.each(['https://evil.example', 'null', 'http://127.0.0.1:1'])(
    'S10 open no socket: %s',
    async (origin) => {
      const { hostname, port, host } = new URL(server.url);
      const socket = connect({ host: hostname, port: Number(port) }).setEncoding('utf8');
      socket.write(
        `GET /graphql HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n` +
          `Sec-WebSocket-Protocol: graphql-transport-ws\r\nOrigin: ${origin}\r\n\r\n`,
      );
      const [answer] = await new Promise<string[]>((resolve) => {
        socket.once('data', (text: string) => resolve(text.split('\r\n')));
      });
      socket.destroy();
      expect(answer).toBe('HTTP/1.1 403 Forbidden');
    },
  );
});
