import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Listens on the configured host. `localhost` means both loopback addresses, whatever the hosts
 * file says: browsers try IPv6 first.
 */
export async function listen(
  app: NestFastifyApplication,
  host: string,
  port: number,
): Promise<Listening> {
  const local = host === 'localhost';
  await app.listen({ host: local ? '127.0.0.1' : host, port });
  const main = app.getHttpServer() as Server;
  const { port: bound } = main.address() as AddressInfo;
  const second = local ? await alsoOn('::1', bound, main) : undefined;
  const close = async () => {
    second?.close();
    second?.closeIdleConnections();
    await app.close();
  };
  return { port: bound, close };
}

/** A second door to the same server; a machine without the address does without it. */
function alsoOn(host: string, port: number, main: Server): Promise<Server | undefined> {
  const server = createServer((request, response) => void main.emit('request', request, response));
  server.on('upgrade', (...args) => main.emit('upgrade', ...args));
  server.keepAliveTimeout = main.keepAliveTimeout;
  server.requestTimeout = main.requestTimeout;
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen({ host, port, ipv6Only: true }, () => resolve(server));
  });
}
