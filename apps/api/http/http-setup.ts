import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { API_OPTIONS, type ApiOptions } from '../api-options.js';
import { servePages } from './pages.js';
import { securityHeaders } from './security-headers.js';

/** Refused for who asked: worth a line. What anybody may send by mistake is not. */
const TELLING = new Set([401, 403, 429]);

function levelOf(status: number): 'error' | 'info' | 'debug' {
  if (status >= 500) return 'error';
  return TELLING.has(status) ? 'info' : 'debug';
}

/** What every route shares: security headers, request ids, one log line and the admin's files. */
@Injectable()
export class HttpSetup implements OnModuleInit {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(API_OPTIONS) private readonly options: ApiOptions,
  ) {}

  async onModuleInit(): Promise<void> {
    const app = this.host.httpAdapter.getInstance<FastifyInstance>();
    const { config, pages } = this.options;
    const headers = securityHeaders(config.publicUrl);
    app.addHook('onRequest', (request, reply, done) => {
      reply.headers(headers).header('x-request-id', request.id);
      done();
    });
    app.addHook('onResponse', (request, reply, done) => {
      const level = levelOf(reply.statusCode);
      request.log[level](
        { req: request, res: reply, ms: Math.round(reply.elapsedTime * 10) / 10 },
        'answered',
      );
      done();
    });
    await servePages(app, pages);
  }
}
