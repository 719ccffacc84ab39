import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { UsageCounter } from '#platform/usage/usage';
import { Callers } from './request-context.js';
import { routePath } from './route-path.js';

const COUNTED = /^\/(api|graphql)(\/|\?|$)/;

/** Counts the requests of each workspace that were answered. */
@Injectable()
export class UsageHook implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(Callers) private readonly callers: Callers,
    @Inject(UsageCounter) private readonly usage: UsageCounter,
  ) {}

  onModuleInit(): void {
    const app = this.host.httpAdapter.getInstance<FastifyInstance>();
    app.addHook('onResponse', (request, reply, done) => {
      if (reply.statusCode < 500) this.count(request);
      done();
    });
  }

  onApplicationShutdown(): Promise<void> {
    return this.usage.flush();
  }

  private count(request: FastifyRequest): void {
    if (!COUNTED.test(routePath(request))) return;
    const caller = this.callers.knownOf(request);
    if (caller) this.usage.add(caller.tenantId, 'api_requests');
  }
}
