import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendPage } from './content-policy.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Markup of the admin's only page; empty where none is served. */
    adminPage: string;
  }
}

/** Files whose name carries a hash of their content. */
const HASHED = /-[A-Za-z0-9_-]{8}\.[a-z0-9]+$/;

/** Whether a request asks for a page of the admin rather than for something under a known path. */
export function asksForPage(request: FastifyRequest): boolean {
  const path = request.url.split('?', 1)[0]!;
  const page = request.method === 'GET' || request.method === 'HEAD';
  const accepts = request.headers.accept ?? '';
  const reserved = /^\/(api|graphql|health|metrics|dev|ws|scim)(\/|$)/.test(path);
  return page && accepts.includes('text/html') && !reserved && !/\.[a-z0-9]+$/i.test(path);
}

/** Serves the built admin, if there is one; every path that is no file answers with its page. */
export async function servePages(app: FastifyInstance, folder: string | undefined): Promise<void> {
  const index = join(folder ?? '', 'index.html');
  const there = folder !== undefined && existsSync(index);
  app.decorate('adminPage', there ? readFileSync(index, 'utf8') : '');
  if (!there) return;
  app.get('/', (_request, reply) => sendPage(reply, app.adminPage));
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    index: false,
    // Only with a nonce: never as the file it is.
    globIgnore: ['index.html'],
    setHeaders: (reply, path) => {
      const cache = HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
      (reply as unknown as FastifyReply).header('cache-control', cache);
    },
  });
}
