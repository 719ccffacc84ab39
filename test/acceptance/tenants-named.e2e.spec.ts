import { request as ask } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer } from '#test/support/server';

describe('the workspace a request is addressed to', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ publicUrl: 'http://crm.example:3000' });
  });
  afterAll(() => server.close());

  const password = 'paper boats on quiet water';
  /** A request under another host than the one that is connected to. */
  function under(host: string, path: string, options: { token?: string; body?: object } = {}) {
    const { token, body } = options;
    return new Promise<{ status: number; body: any }>((resolve, reject) => {
      const headers = {
        host,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      };
      const method = body ? 'POST' : 'GET';
      const sent = ask(`${server.url}/api/v1${path}`, { method, headers }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString();
          resolve({ status: answer.statusCode!, body: JSON.parse(text) });
        });
      });
      sent.on('error', reject);
      sent.end(body ? JSON.stringify(body) : undefined);
    });
  }

  it('B1 is that of the subdomain or the header, for sign-in and for every token', async () => {
    const [one, other] = [await server.workspace(), await server.workspace()];
    const { email } = await one.withPassword('member', password);
    const owner = await one.person('owner');
    const stranger = await other.person('owner');
    const body = { email, password };
    const at = ({ slug }: { slug: string }) => `${slug}.crm.example:3000`;

    expect((await under(at(one), '/auth/login', { body })).status).toBe(200);
    const elsewhere = await under(at(other), '/auth/login', { body });
    const unknown = await under('nobody-here.crm.example:3000', '/auth/login', { body });
    expect([elsewhere.status, elsewhere.body.error.code]).toEqual([401, 'SIGN_IN_REFUSED']);
    expect(unknown.body.error).toEqual(elsewhere.body.error);

    for (const [host, token, status] of [
      [at(one), owner.token, 200],
      [at(other), owner.token, 401],
      [at(one), stranger.token, 401],
      ['crm.example:3000', owner.token, 200],
    ] as const) {
      expect([host, (await under(host, '/companies', { token })).status]).toEqual([host, status]);
    }
    const named = (slug: string) => owner.get('/companies', { 'x-workspace': slug });
    expect((await named(one.slug)).status).toBe(200);
    expect((await named(other.slug)).status).toBe(401);
  });
});
