import { debianProgram } from './debian.mjs';

/** Path of pgbouncer, for specs of tenants behind a pooler; undefined without one. */
export async function pgbouncer() {
  const packages = ['pgbouncer', 'libc-ares2', 'libevent-2.1-7'];
  const program = { name: 'pgbouncer', binary: 'usr/sbin/pgbouncer', packages };
  return process.env.CLIENTFORGE_PGBOUNCER || debianProgram(program);
}
