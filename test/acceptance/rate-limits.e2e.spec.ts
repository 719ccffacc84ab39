import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request, type IncomingHttpHeaders } from 'node:http';
import { Callers } from '#apps/api/http/request-context';
import { loadConfig } from '#platform/config/config';
import { systemContext } from '#platform/platform';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

/** Asks for an address as it is: `fetch` would write it anew. */
function headersOf(url: string, path: string, token: string) {
  const { hostname, port } = new URL(url);
  const headers = { authorization: `Bearer ${token}` };
  return new Promise<IncomingHttpHeaders>((resolve, reject) => {
    request({ hostname, port, path, headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.headers));
    })
      .on('error', reject)
      .end();
  });
}

const byPlan = { starter: 12, professional: 500, business: 2_000, enterprise: 10_000 };

describe('rate limits over HTTP', () => {
  let server: TestServer;
  let [owner, member]: TestUser[] = [];
  const rateLimits = { on: true, perAddress: 1_000, perUser: 8, byPlan };
  beforeAll(async () => {
    server = await startTestServer({ rateLimits });
    const workspace = await server.workspace();
    await plan(workspace, 'starter');
    owner = await workspace.person('owner');
    member = await workspace.person('member');
    await startOfMinute();
  });
  afterAll(() => server.close());

  const plan = ({ tenantId }: TestWorkspace, planType: string) =>
    server.platform.dispatch('ChangeTenantPlan', { planType }, systemContext(tenantId, 'spec'), {
      id: tenantId,
    });

  /** A minute that ends meanwhile would begin to count anew. */
  const startOfMinute = async () => {
    const left = 60_000 - (Date.now() % 60_000);
    if (left < 15_000) await new Promise((resolve) => setTimeout(resolve, left + 50));
  };

  it('S20 tells what is left, and refuses by 429 with Retry-After: person, then workspace', async () => {
    const first = await owner!.get('/companies');
    expect(first.status).toBe(200);
    expect(first.headers.get('ratelimit-policy')).toBe(
      '"ip";q=1000;w=60, "user";q=8;w=60, "tenant";q=12;w=60',
    );
    expect(first.headers.get('ratelimit')).toMatch(
      /^"ip";r=\d+;t=\d+, "user";r=7;t=\d+, "tenant";r=11;t=\d+$/,
    );
    expect(first.headers.get('x-ratelimit-limit')).toBe('8');
    expect(first.headers.get('x-ratelimit-remaining')).toBe('7');
    const reset = Number(first.headers.get('x-ratelimit-reset')) * 1_000 - Date.now();
    expect(reset).toBeGreaterThan(-1_000);
    expect(reset).toBeLessThan(62_000);
    for (let n = 0; n < 7; n++) expect((await owner!.get('/companies')).status).toBe(200);
    const refused = await owner!.get('/companies');
    expect([refused.status, refused.body.error.code]).toEqual([429, 'RATE_LIMIT_EXCEEDED']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.body.error.details[0]).toMatchObject({ rule: 'user' });
    // Refused requests of one person count for the workspace too; the other one soon meets its limit.
    const others = [];
    for (let n = 0; n < 6; n++) others.push(await member!.get('/companies'));
    const last = others.at(-1)!;
    expect(last.status).toBe(429);
    expect(last.body.error.details[0]).toMatchObject({
      rule: 'tenant',
      value: 12,
      message: expect.stringContaining('which is what its plan starter allows'),
      remedy: expect.stringContaining('a larger plan'),
    });
    expect(others[0]!.status).toBe(200);
    const graphql = await server.request('/graphql', {
      method: 'POST',
      body: { query: '{ me { id } }' },
      token: member!.token,
    });
    expect(graphql.status).toBe(429);
  }, 60_000);

  it('B1 S20 another plan has other limits at once, in headers and refusals', async () => {
    const workspace = await server.workspace();
    const person = await workspace.person('owner');
    const policy = async () => (await person.get('/companies')).headers.get('ratelimit-policy');
    expect(await policy()).toContain('"tenant";q=10000;w=60');
    await plan(workspace, 'professional');
    server.app.get(Callers).forget(workspace.tenantId);
    expect(await policy()).toContain('"tenant";q=500;w=60');
    await plan(workspace, 'starter');
    server.app.get(Callers).forget(workspace.tenantId);
    await startOfMinute();
    const people = [person];
    for (let n = 0; n < 3; n++) people.push(await workspace.person('member'));
    const all = [];
    for (let n = 0; n < 14; n++) all.push(await people[n % 4]!.get('/companies'));
    const refused = all.filter(({ status }) => status === 429).at(-1)!;
    expect(refused.headers.get('ratelimit-policy')).toContain('"tenant";q=12;w=60');
    expect(refused.headers.get('x-ratelimit-limit')).toBe('12');
    expect(refused.body.error.details[0]).toMatchObject({ rule: 'tenant', value: 12 });
  }, 90_000);

  it('S20 counts a request however its address is spelled', async () => {
    const person = await (await server.workspace()).person('owner');
    for (const path of [
      '/%61pi/v1/companies',
      '/api/%761/companies',
      `${server.url}/api/v1/companies`,
      '/gr%61phql?query={me{id}}',
      '/%73cim/v2/Users',
    ]) {
      const counted = (await headersOf(server.url, path, person.token))['ratelimit-policy'];
      expect([path, counted]).toEqual([path, expect.stringContaining('"user";q=8')]);
    }
  });

  it('bounds neither pages nor health, and other workspaces by themselves', async () => {
    expect((await server.request('/health/live')).headers.get('ratelimit')).toBeNull();
    const other = await (await server.workspace()).person('owner');
    expect((await other.get('/companies')).status).toBe(200);
  });
});

describe('the address a request is counted under', () => {
  const perAddress = 5;
  const ask = async (trustedProxies: readonly string[]) => {
    const rateLimits = { on: true, perAddress, perUser: 1_000, byPlan };
    const server = await startTestServer({ rateLimits, trustedProxies });
    const left = 60_000 - (Date.now() % 60_000);
    if (left < 5_000) await new Promise((resolve) => setTimeout(resolve, left + 50));
    try {
      const statuses: number[] = [];
      for (let n = 0; n < 2 * perAddress; n++) {
        const headers = { 'x-forwarded-for': `198.51.100.${n}` };
        statuses.push((await server.request('/api/v1/auth/me', { headers })).status);
      }
      return statuses;
    } finally {
      await server.close();
    }
  };

  it('S20 is that of the connection, whatever X-Forwarded-For says', async () => {
    const statuses = await ask([]);
    expect(statuses.filter((status) => status === 401)).toHaveLength(perAddress);
    expect(statuses.slice(perAddress)).toEqual(Array.from({ length: perAddress }, () => 429));
  }, 60_000);

  it('S20 is what a trusted proxy says', async () => {
    expect(await ask(['127.0.0.1'])).not.toContain(429);
  }, 60_000);
});

it('plan limits are a setting', () => {
  const plans = 'starter=100,professional=500,business=2000,enterprise=10000';
  const { rateLimits } = loadConfig({ RATE_LIMIT_PLANS: plans });
  expect(rateLimits.byPlan).toEqual({
    starter: 100,
    professional: 500,
    business: 2_000,
    enterprise: 10_000,
  });
  const broken = () => loadConfig({ RATE_LIMIT_PLANS: 'starter=100' });
  expect(broken).toThrow(/RATE_LIMIT_PLANS .* a number for each plan/);
});
