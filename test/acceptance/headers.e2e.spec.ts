import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NONCE_MARK } from '#apps/api/http/content-policy';
import { startTestServer, type Reply, type TestServer, type TestUser } from '#test/support/server';

/** As Angular's build leaves it: it copies the mark to everything that is loaded. */
const markup = `<!doctype html><title>ClientForge</title>
<link rel="stylesheet" href="styles.css" nonce="CSP_NONCE">
<cf-root ngCspNonce="CSP_NONCE"></cf-root>
<link rel="modulepreload" href="chunk.js" nonce="CSP_NONCE">
<script src="main.js" type="module" nonce="CSP_NONCE"></script>`;

const html = { accept: 'text/html' };
const policyOf = ({ headers }: Reply) =>
  new Map(
    headers
      .get('content-security-policy')!
      .split('; ')
      .map((directive) => {
        const [name = '', ...values] = directive.trim().split(' ');
        return [name, values.join(' ')] as const;
      }),
  );

describe('S31 headers of every answer', () => {
  let folder: string;
  let server: TestServer;
  let owner: TestUser;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'headers-spec-'));
    writeFileSync(join(folder, 'index.html'), markup);
    writeFileSync(join(folder, 'main-A1b2C3d4.js'), 'export {};');
    server = await startTestServer({}, { pages: folder });
    owner = await (await server.workspace()).person('owner');
  });
  afterAll(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['/', '/sign-in', '/deals/board?view=mine', '/dev', '/dev/companies'])(
    'S31 gives the page %s a nonce of its own, on everything it loads',
    async (path) => {
      const pages = await Promise.all([1, 2].map(() => server.request(path, { headers: html })));
      const nonces = pages.map((page) => {
        expect(page.status).toBe(200);
        const policy = policyOf(page);
        const nonce = /^'nonce-([\w-]{24})' 'strict-dynamic'$/.exec(policy.get('script-src')!)![1]!;
        expect(policy.get('default-src')).toBe("'none'");
        expect(policy.get('style-src')).toBe(`'self' 'nonce-${nonce}'`);
        expect(policy.get('frame-ancestors')).toBe("'none'");
        expect(policy.get('base-uri')).toBe("'self'");
        expect(policy.get('require-trusted-types-for')).toBe("'script'");
        expect(policy.get('trusted-types')).toBe('angular');
        const loads = page.text.match(/<(script|link rel="modulepreload")[^>]*>/g)!;
        expect(loads.length).toBeGreaterThan(0);
        for (const tag of loads) expect(tag).toContain(`nonce="${nonce}"`);
        expect(page.text).not.toContain(NONCE_MARK);
        expect(page.text).not.toMatch(/<script(?![^>]* src=)|\son\w+="|javascript:/);
        return nonce;
      });
      expect(nonces[0]).not.toBe(nonces[1]);
    },
  );

  it('S31 never serves the page without its nonce', async () => {
    expect((await server.request('/index.html', { headers: html })).status).toBe(404);
    const file = await server.request('/main-A1b2C3d4.js');
    expect([file.status, file.headers.get('cache-control')]).toEqual([
      200,
      'public, max-age=31536000, immutable',
    ]);
  });

  it('S31 lets an answer that is no page do nothing in a browser, whatever went wrong', async () => {
    const json = { token: owner.token, method: 'POST' };
    const login = '/api/v1/auth/login';
    const replies = {
      200: await owner.get('/companies'),
      400: await server.request('/api/v1/companies/%zz', { headers: html }),
      401: await server.request('/api/v1/companies'),
      404: await owner.get('/unicorns'),
      405: await owner.delete('/companies'),
      413: await server.request(login, { method: 'POST', body: { email: 'x'.repeat(20_000) } }),
      415: await server.request('/graphql', { ...json, headers: { 'content-type': 'text/plain' } }),
    };
    for (const [status, reply] of Object.entries(replies)) {
      const { headers } = reply;
      expect([status, reply.status]).toEqual([status, Number(status)]);
      expect([status, Object.fromEntries(policyOf(reply))]).toEqual([
        status,
        {
          'default-src': "'none'",
          'form-action': "'none'",
          'base-uri': "'none'",
          'frame-ancestors': "'none'",
        },
      ]);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('permissions-policy')).toContain('camera=()');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('server')).toBeNull();
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('cache-control')).toMatch(/no-store|private, no-cache/);
    }
  });

  it('tells nothing of its inside when something goes wrong, in either API', async () => {
    const surprise = new Error('planted: SELECT secret FROM inside');
    const list = jest.spyOn(server.platform.reader, 'list').mockRejectedValue(surprise);
    const query = { query: '{ companies { nodes { id } } }' };
    const asked = { method: 'POST', token: owner.token, body: query };
    for (const reply of [await owner.get('/companies'), await server.request('/graphql', asked)]) {
      const error = reply.body.error ?? reply.body.errors[0].extensions;
      const id = reply.body.meta?.requestId ?? error.requestId;
      expect([reply.status, error.code]).toEqual([500, 'INTERNAL_ERROR']);
      expect(id).toBe(reply.headers.get('x-request-id'));
      expect(reply.text).not.toMatch(/planted|SELECT|node_modules|\.ts\b|stack/);
    }
    list.mockRestore();
    expect((await owner.get('/companies')).status).toBe(200);
  });

  it('S31 asks browsers to stay with HTTPS where people reach it by HTTPS', async () => {
    const name = 'strict-transport-security';
    expect((await server.request('/', { headers: html })).headers.get(name)).toBeNull();
    const secure = await startTestServer({ publicUrl: 'https://crm.example' });
    try {
      for (const path of ['/dev', '/api/v1/companies', '/nowhere', '/%zz']) {
        const { headers } = await secure.request(path);
        expect([path, headers.get(name)]).toEqual([path, 'max-age=31536000; includeSubDomains']);
      }
    } finally {
      await secure.close();
    }
  });
});
