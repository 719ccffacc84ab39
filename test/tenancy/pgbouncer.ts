import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { environment } from '#platform/config/environment';
import { databaseName, roleName, rolePassword, ROLES } from '#platform/postgres/database';
import type { TestDatabase } from '#test/support/database';

/** The pooler that the run found; empty without one. */
const program = environment['CLIENTFORGE_PGBOUNCER'];

/** Why specs behind a pooler do not run, for their titles; empty when they do. */
export const withoutPgBouncer = program ? '' : 'skipped: pgbouncer';

/** The account `nobody`. */
const NOBODY = 65534;

/** pgbouncer before a test database, in transaction mode with two server connections a role. */
export class PgBouncer {
  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(test: Pick<TestDatabase, 'url' | 'masterKey'>): Promise<PgBouncer> {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    const folder = mkdtempSync(join(tmpdir(), 'clientforge-pgbouncer-'));
    const server = new URL(test.url);
    const name = databaseName(test.url);
    const accounts = [
      [decodeURIComponent(server.username), decodeURIComponent(server.password)],
      ...ROLES.map((role) => [roleName(name, role), rolePassword(test.masterKey, name, role)]),
    ];
    const users = join(folder, 'users.txt');
    writeFileSync(users, accounts.map(([user, word]) => `"${user}" "${word}"\n`).join(''));
    const settings = join(folder, 'pgbouncer.ini');
    // It does not run as root, and becomes somebody without rights by itself.
    const asRoot = process.getuid?.() === 0;
    writeFileSync(
      settings,
      `[databases]
${name} = host=${server.hostname} port=${server.port || 5432} dbname=${name}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = 2
max_client_conn = 200
server_tls_sslmode = disable
${asRoot ? 'user = nobody' : ''}
`,
    );
    if (asRoot) {
      for (const file of [folder, users, settings]) chownSync(file, NOBODY, NOBODY);
    }
    chmodSync(folder, 0o700);
    const child = spawn(program!, [settings], { stdio: ['ignore', 'ignore', 'pipe'] });
    const said: string[] = [];
    let up = false;
    for await (const line of createInterface(child.stderr!)) {
      said.push(line);
      up = line.includes('process up');
      if (up) break;
    }
    if (!up) throw new Error(`pgbouncer did not start: ${said.join('\n')}`);
    child.stderr!.resume();
    const url = new URL(test.url);
    url.hostname = '127.0.0.1';
    url.port = String(port);
    return new PgBouncer(url.toString(), folder, child);
  }

  async close(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
