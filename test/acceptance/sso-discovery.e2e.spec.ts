import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer, type TestWorkspace } from '#test/support/server';

describe('asking how an address signs in', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let domain: string;
  let id: string;
  beforeAll(async () => {
    server = await startTestServer();
    workspace = await server.workspace();
    domain = `${workspace.slug}.example`;
    const admin = await workspace.person('admin');
    const created = await admin.post('/identityProviders', {
      name: 'Hooli',
      kind: 'oidc',
      domains: [domain],
      isActive: true,
      issuerUrl: 'https://login.hooli.com',
      clientId: 'clientforge',
    });
    id = created.body.data.id;
    await server.settled();
  });
  afterAll(() => server.close());

  const ask = (email: string, slug = workspace.slug) => {
    const body = { email, workspace: slug };
    return server.request('/api/v1/auth/sso/discover', { method: 'POST', body });
  };

  it('S2 offers providers by workspace and domain alone', async () => {
    const offered = async (...given: Parameters<typeof ask>) => (await ask(...given)).body.data;
    const known = await offered(`nelson@${domain}`);
    const startUrl = `/api/v1/auth/sso/${workspace.tenantId}/${id}/start`;
    expect(known).toEqual([
      { providerId: id, name: 'Hooli', kind: 'oidc', startUrl, isForced: false },
    ]);
    expect(await offered(`nobody@${domain}`)).toEqual(known);
    expect(await offered('nelson@elsewhere.example')).toEqual([]);
    expect(await offered(`nelson@${domain}`, 'no-such-workspace')).toEqual([]);
  });

  it('S11 answers alike, and as fast, for addresses that are known and that are not', async () => {
    const { email } = await workspace.person('member');
    const times: Record<string, number[]> = { [email]: [], [`nobody@${domain}`]: [] };
    const seen = new Set<string>();
    for (let n = 0; n < 100; n++) {
      for (const address of Object.keys(times)) {
        const begin = performance.now();
        const answer = await ask(address);
        times[address]!.push(performance.now() - begin);
        seen.add(JSON.stringify([answer.status, answer.body.data, [...answer.headers.keys()]]));
      }
    }
    expect(seen.size).toBe(1);
    const [known, unknown] = Object.values(times).map((all) => all.sort((a, b) => a - b)[50]!);
    expect(known! / unknown!).toBeGreaterThan(0.67);
    expect(known! / unknown!).toBeLessThan(1.5);
  }, 120_000);
});
