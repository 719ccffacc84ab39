import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isRefusal } from '#kernel/refusal';
import { UsageCounter } from '#platform/usage/usage';
import { Callers, type Caller } from './request-context.js';

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
    app.addHook('onResponse', (request, reply) =>
      reply.statusCode < 500 ? this.count(request) : Promise.resolve(),
    );
  }

  onApplicationShutdown(): Promise<void> {
    return this.usage.flush();
  }

  private async count(request: FastifyRequest): Promise<void> {
    if (!COUNTED.test(request.url) || !request.headers.authorization) return;
    // Known from the request itself, a moment ago.
    const caller = await this.callers.callerOf(request).catch(() => undefined);
    if (caller && !isRefusal(caller)) this.usage.add((caller as Caller).tenantId, 'api_requests');
  }
}
