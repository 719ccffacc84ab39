// Jest's global setup: one PostgreSQL for all specs of a run; each spec file makes a database of
// its own on it. Runs on the built backend, because Jest loads this file without its transform.
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, runningPostmaster } from '../../dist/libs/platform/postgres/embedded-cluster.js';
import { startEmbeddedPostgres } from '../../dist/libs/platform/postgres/embedded.js';

const ours = /^clientforge-(test|embedded)-/;

// Nothing here outlives the run, so nothing needs to reach the disk.
const settings = {
  fsync: false,
  synchronous_commit: false,
  full_page_writes: false,
  max_connections: 200,
  max_wal_size: '4GB',
};

/** Sets CLIENTFORGE_TEST_DATABASE_URL to a role that may create roles and databases. */
export default async function startPostgres() {
  removeLeftovers();
  const { env } = process;
  if (env.DATABASE_URL) {
    env.CLIENTFORGE_TEST_DATABASE_URL = env.DATABASE_URL;
    return;
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'clientforge-test-'));
  // Open to the account that runs the server when we are root.
  chmodSync(dataDir, 0o755);
  writeFileSync(join(dataDir, 'pid'), String(process.pid));
  const server = await startEmbeddedPostgres({ dataDir, settings });
  globalThis.clientforgeTestServer = { server, dataDir };
  env.CLIENTFORGE_TEST_DATABASE_URL = server.url;
}

// A run that was killed leaves its folder; its server has ended by itself.
function removeLeftovers() {
  for (const name of readdirSync(tmpdir())) {
    if (!ours.test(name)) continue;
    const dataDir = join(tmpdir(), name);
    try {
      if (isAlive(ownerOf(dataDir)) || runningPostmaster(join(dataDir, 'postgres'))) continue;
      rmSync(dataDir, { recursive: true, force: true });
    } catch (error) {
      // Another account's folder is for that account to remove.
      if (error.code !== 'EACCES' && error.code !== 'EPERM') throw error;
    }
  }
}

function ownerOf(dataDir) {
  try {
    return Number(readFileSync(join(dataDir, 'pid'), 'utf8'));
  } catch {
    return 0;
  }
}
