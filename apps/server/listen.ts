import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** How often connections without a request are looked for, and how long a request may take. */
const IDLE_MS = 50;
const BUSY_MS = 10_000;

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
    // A connection whose last request ends only now would be kept open for the next one.
    const idle = setInterval(() => {
      main.closeIdleConnections();
      second?.closeIdleConnections();
    }, IDLE_MS);
    const busy = setTimeout(() => {
      main.closeAllConnections();
      second?.closeAllConnections();
    }, BUSY_MS);
    try {
      await app.close();
    } finally {
      clearInterval(idle);
      clearTimeout(busy);
    }
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
