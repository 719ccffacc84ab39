import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { environment } from '#platform/config/environment';
import { startTestServer, type TestServer } from '#test/support/server';
import { connectDirectory, type DirectoryClient } from './scim-client.js';

const run = promisify(execFile);
const python = environment['CLIENTFORGE_SCIM2_TESTER'];
const script = join(import.meta.dirname, 'scim-tester.py');

interface Result {
  readonly status: string;
  readonly title: string;
  readonly resource: string | null;
  readonly reason: string | null;
}

(python ? describe : describe.skip)('scim2-tester', () => {
  let server: TestServer;
  let scim: DirectoryClient;
  beforeAll(async () => {
    server = await startTestServer();
    const workspace = await server.workspace();
    scim = await connectDirectory(server, await workspace.person('admin'));
  });
  afterAll(() => server.close());

  it(`S21 scim2-tester finds nothing wrong${python ? '' : ', skipped: scim2-tester'}`, async () => {
    const { stdout } = await run(python!, [script], {
      env: { SCIM_URL: `${server.url}/scim/v2`, SCIM_TOKEN: scim.token },
      maxBuffer: 50_000_000,
    });
    const results = JSON.parse(stdout) as Result[];
    const wrong = ['ERROR', 'CRITICAL', 'DEVIATION'];
    expect(results.filter(({ status }) => wrong.includes(status))).toEqual([]);
    expect(results.filter(({ status }) => status === 'SUCCESS').length).toBeGreaterThan(20);
  });
});
