import { debianProgram } from './debian.mjs';

/** Path of a Redis server, for specs of the queue; undefined without one. */
export async function redisServer() {
  const packages = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1'];
  const program = { name: 'redis-server', binary: 'usr/bin/redis-server', packages };
  return process.env.CLIENTFORGE_REDIS || debianProgram(program);
}
