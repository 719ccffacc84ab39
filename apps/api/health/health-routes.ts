import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Platform } from '#platform/platform';
import { API_OPTIONS, type ApiOptions } from '../api-options.js';
import { HealthChecks } from './health.js';
import { Metrics } from './metrics.js';

/** For load balancers, operators and Prometheus: no sign-in, and nothing about anybody's data. */
@Injectable()
export class HealthRoutes implements OnModuleInit {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(Platform) private readonly platform: Platform,
    @Inject(API_OPTIONS) private readonly options: ApiOptions,
  ) {}

  onModuleInit(): void {
    const app = this.host.httpAdapter.getInstance<FastifyInstance>();
    const checks = new HealthChecks(this.platform, this.options.config);
    const metrics = new Metrics(this.platform);
    app.addHook('onResponse', (request, reply, done) => {
      metrics.answered(request, reply);
      done();
    });
    const send = (reply: FastifyReply, well: boolean, body: object) =>
      reply
        .code(well ? 200 : 503)
        .header('cache-control', 'no-store')
        .send(body);
    app.get('/health/live', (_request, reply) => send(reply, true, { status: 'healthy' }));
    app.get('/health/ready', async (_request, reply) => {
      const ready = await checks.ready();
      return send(reply, ready, { status: ready ? 'healthy' : 'unhealthy' });
    });
    app.get('/health', async (_request, reply) => {
      const health = await checks.check();
      return send(reply, health.status !== 'unhealthy', health);
    });
    app.get('/metrics', async (_request, reply) =>
      reply
        .type(metrics.registry.contentType)
        .header('cache-control', 'no-store')
        .send(await metrics.registry.metrics()),
    );
  }
}
