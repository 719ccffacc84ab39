import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { addressBlock } from '#platform/auth/attempts';
import type { Queryable } from '#platform/postgres/database';
import type { Platform } from '#platform/platform';
import { RateLimiter, type RateKey, type Standing } from '#platform/rate-limits/limiter';
import { PostgresCounters } from '#platform/rate-limits/postgres-counters';
import { API_OPTIONS, type ApiOptions } from '../api-options.js';
import { sendRefusal } from './answers.js';
import { rateLimitHeaders, tightest } from './rate-limit-headers.js';
import { Callers, type Caller } from './request-context.js';
import { routePath } from './route-path.js';

/** What is counted: pages and their files are not, health checks never. */
const COUNTED = /^\/(api|graphql|scim)(\/|\?|$)/;

const words: Readonly<Record<string, string>> = {
  ip: 'from this address',
  user: 'of this person',
  tenant: 'of this workspace',
};

function exceeded({ policy, resetSeconds }: Standing): Refusal {
  const message =
    `There were more than ${policy.limit} requests a minute ${words[policy.name]}` +
    `${policy.plan ? `, which is what its plan ${policy.plan} allows` : ''}; ` +
    `try again in ${resetSeconds} s.`;
  return refusal('RATE_LIMIT_EXCEEDED', 'limit', message, [
    {
      rule: policy.name,
      message,
      value: policy.limit,
      remedy:
        policy.name === 'tenant'
          ? 'Ask for several records at once, or ask whoever operates the platform for a larger plan.'
          : 'Ask for several records at once, and wait for Retry-After.',
    },
  ]);
}

/** Bounds how much one address, person and workspace ask for, over all processes together. */
@Injectable()
export class RateLimits implements OnModuleInit, OnApplicationShutdown {
  private limiter: Promise<RateLimiter> | undefined;

  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(API_OPTIONS) private readonly options: ApiOptions,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  // The hook has to be there before any route is, so nothing may be waited for.
  onModuleInit(): void {
    const { config, platform, log } = this.options;
    if (!config.rateLimits.on) return;
    this.limiter = limiterOf(platform, ({ message, error }) => log?.warn({ err: error }, message));
    const app = this.host.httpAdapter.getInstance<FastifyInstance>();
    app.addHook('onRequest', async (request, reply) => {
      if (COUNTED.test(routePath(request))) return this.check(request, reply);
      return undefined;
    });
  }

  async onApplicationShutdown(): Promise<void> {
    (await this.limiter)?.close();
  }

  /** First the address, so that guessing tokens is bounded too; then whoever it turns out to be. */
  private async check(
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined> {
    const { rateLimits } = this.options.config;
    const limiter = (await this.limiter)!;
    const policy = { name: 'ip', limit: rateLimits.perAddress };
    const byAddress = await limiter.take([{ policy, of: addressBlock(request.ip) }]);
    const keys = byAddress[0]!.allowed ? await this.keysOf(request) : [];
    const standings = [...byAddress, ...(keys.length > 0 ? await limiter.take(keys) : [])];
    reply.headers(rateLimitHeaders(standings, this.options.platform.clock()));
    const worst = tightest(standings);
    if (worst.allowed) return undefined;
    reply.header('retry-after', String(worst.resetSeconds));
    return sendRefusal(request, reply, exceeded(worst));
  }

  private async keysOf(request: FastifyRequest): Promise<readonly RateKey[]> {
    if (!request.headers.authorization) return [];
    // Who cannot be told now is told by the route, with the same words as ever.
    const caller = await this.callers.callerOf(request).catch(() => undefined);
    if (!caller || isRefusal(caller)) return [];
    const { tenantId, actor, planType } = caller as Caller;
    const { perUser, byPlan } = this.options.config.rateLimits;
    return [
      { policy: { name: 'user', limit: perUser }, of: `${tenantId}:${actor.id}` },
      { policy: { name: 'tenant', limit: byPlan[planType], plan: planType }, of: tenantId },
    ];
  }
}

/** Redis counts where it is set, else a table of the database. */
async function limiterOf(
  { options, database, clock }: Platform,
  log: (problem: { message: string; error?: unknown }) => void,
): Promise<RateLimiter> {
  const { redisUrl, masterKey } = options;
  if (redisUrl === undefined) {
    const counters = new PostgresCounters(() => database.pool('api') as unknown as Queryable);
    return new RateLimiter(counters, masterKey, clock, log);
  }
  const { RedisCounters } = await import('#platform/rate-limits/redis-counters');
  return new RateLimiter(new RedisCounters(redisUrl), masterKey, clock, log);
}
