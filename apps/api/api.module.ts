import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogController } from 'fastify';
import { uuidv7 } from '#kernel/ids';
import { AccessTokens } from '#platform/auth/tokens';
import { Platform } from '#platform/platform';
import { API_OPTIONS, AUDIENCE, type ApiOptions } from './api-options.js';
import { ErrorFilter } from './http/error-filter.js';
import { HttpSetup } from './http/http-setup.js';
import { createLog, nestLog } from './http/log.js';
import { Callers, idFrom } from './http/request-context.js';

/** REST, GraphQL, documentation and health over one platform. */
@Module({})
export class ApiModule {
  static over(options: ApiOptions): DynamicModule {
    const { platform, config } = options;
    return {
      module: ApiModule,
      global: true,
      providers: [
        { provide: API_OPTIONS, useValue: options },
        { provide: Platform, useValue: platform },
        {
          provide: AccessTokens,
          useFactory: () =>
            new AccessTokens({
              masterKey: platform.options.masterKey,
              issuer: config.publicUrl,
              audience: AUDIENCE,
              clock: platform.clock,
            }),
        },
        {
          provide: Callers,
          useFactory: (tokens: AccessTokens) => new Callers(platform, tokens),
          inject: [AccessTokens],
        },
        HttpSetup,
      ],
      exports: [API_OPTIONS, Platform, AccessTokens, Callers],
    };
  }
}

/** The application, ready to listen. */
export async function createApi(options: ApiOptions): Promise<NestFastifyApplication> {
  const { config } = options;
  const log = options.log ?? createLog(config.logLevel);
  const adapter = new FastifyAdapter({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.bodyLimitBytes,
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    requestIdHeader: false,
    genReqId: (request: IncomingMessage) => idFrom(request.headers['x-request-id']) ?? uuidv7(),
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    // No part of ours is written as Express middleware.
    skipMiddie: true,
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.over({ ...options, log }),
    adapter,
    { bodyParser: false, logger: nestLog(log), abortOnError: false },
  );
  app.useGlobalFilters(new ErrorFilter());
  await app.init();
  await adapter.getInstance().ready();
  return app;
}
