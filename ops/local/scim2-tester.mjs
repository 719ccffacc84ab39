// scim2-tester, the independent test of SCIM services: Python packages in the cache folder.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, say } from './shell.mjs';

const PACKAGES = ['scim2-tester==0.5.2', 'scim2-client[httpx2]==0.13.2'];

/** Path of a Python that has scim2-tester; undefined where it cannot be had. */
export async function scim2Tester() {
  const given = process.env.CLIENTFORGE_SCIM2_TESTER;
  if (given) return given;
  const folder = join(root, '.cache', 'scim2-tester');
  const python = join(folder, 'bin', 'python');
  if (existsSync(python)) return python;
  say('fetching scim2-tester for specs (pip install)');
  const made = await run('python3', ['-m', 'venv', folder], { timeoutMs: 60_000 });
  const quick = ['install', '--quiet', '--retries', '0', '--timeout', '10'];
  const got =
    made.code === 0 &&
    (await run(python, ['-m', 'pip', ...quick, ...PACKAGES], { timeoutMs: 120_000 })).code === 0;
  if (got) return python;
  rmSync(folder, { recursive: true, force: true });
  say('scim2-tester could not be fetched; its spec is skipped');
  return undefined;
}
