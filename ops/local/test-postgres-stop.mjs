// Jest's global teardown.
import { rmSync } from 'node:fs';

export default async function stopPostgres() {
  const running = globalThis.clientforgeTestServer;
  if (!running) return;
  await running.server.stop();
  rmSync(running.dataDir, { recursive: true, force: true });
}
