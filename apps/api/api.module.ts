import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogController, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { uuidv7 } from '#kernel/ids';
import { AccessTokens } from '#platform/auth/tokens';
import { Platform } from '#platform/platform';
import { UsageCounter } from '#platform/usage/usage';
import { API_OPTIONS, AUDIENCE, type ApiOptions } from './api-options.js';
import type { AccountParts } from './auth/account-services.js';
import { Accounts } from './auth/accounts.js';
import { EmailChanges } from './auth/email-changes.js';
import { Invitations } from './auth/invitations.js';
import { Passwords } from './auth/passwords.js';
import { SignIn } from './auth/sign-in.js';
import { SignInRate } from './auth/sign-in-rate.js';
import { SignUps } from './auth/sign-ups.js';
import { Sso } from './auth/sso/sso.js';
import { ChangeTail } from './changes/change-tail.js';
import { DocsRoutes } from './docs/docs-routes.js';
import { HealthRoutes } from './health/health-routes.js';
import { AccessLog } from './http/access-log.js';
import { Closing } from './http/closing.js';
import { GraphqlServer } from './graphql/graphql-server.js';
import { ErrorFilter } from './http/error-filter.js';
import { sendError } from './http/errors.js';
import { HttpSetup } from './http/http-setup.js';
import { ImportFiles } from '#apps/composition/import/import-files';
import { Imports } from '#apps/composition/import/imports';
import { ExportFiles } from '#apps/composition/workspace-export/export-files';
import { createLog, nestLog } from '#apps/composition/log';
import { RateLimits } from './http/rate-limits.js';
import { Callers, idFrom } from './http/request-context.js';
import { securityHeaders } from './http/security-headers.js';
import { UsageHook } from './http/usage-hook.js';
import { Endpoints } from './rest/endpoints.js';
import { ScimRoutes } from './scim/scim-routes.js';
import { RestRoutes } from './rest/rest-routes.js';
import { SocketServer } from './sockets/socket-server.js';

/** REST, GraphQL, documentation and health over one platform. */
@Module({})
export class ApiModule {
  static over(options: ApiOptions & { readonly log: Logger }): DynamicModule {
    const { platform, config, log } = options;
    const tokens = new AccessTokens({
      masterKey: platform.options.masterKey,
      issuer: config.publicUrl,
      audience: AUDIENCE,
      clock: platform.clock,
      minutes: config.accessTokenMinutes,
    });
    const accessLog = new AccessLog(platform, log);
    const callers = new Callers(platform, tokens, accessLog, config.publicUrl);
    const usage = new UsageCounter(platform.database, platform.clock);
    const signIn = new SignIn(platform, tokens, callers, log, {
      refreshDays: config.refreshTokenDays,
      publicUrl: config.publicUrl,
      ...(options.signInsPerMinute ? { perMinute: options.signInsPerMinute } : {}),
    });
    const { publicUrl } = config;
    const sso = new Sso(platform, signIn, log, {
      publicUrl,
      reachesPrivate: config.ssoPrivateProviders,
      ...(options.signInsPerMinute ? { perMinute: options.signInsPerMinute } : {}),
    });
    const files = new ImportFiles(config.dataDir, config.importMaxBytes);
    const imports = new Imports(platform, files);
    const account: AccountParts = {
      platform,
      callers,
      signIn,
      accounts: new Accounts(platform),
      rate: new SignInRate(platform.clock, options.signInsPerMinute),
    };
    const endpoints = new Endpoints({
      platform,
      callers,
      accessLog,
      signIn,
      sso,
      publicUrl,
      usage,
      requestsPerMinute: config.rateLimits.byPlan,
      imports,
      exportFiles: new ExportFiles(config.dataDir),
      deletionDays: config.deletionDays,
      invitations: new Invitations(account),
      passwords: new Passwords(account),
      emailChanges: new EmailChanges(account),
      signUps: new SignUps(account, config.signUp === 'open'),
    });
    const tail = new ChangeTail(platform, (err) => log.error({ err }, 'the feed cannot be read'));
    return {
      module: ApiModule,
      global: true,
      providers: [
        { provide: API_OPTIONS, useValue: options },
        { provide: Platform, useValue: platform },
        { provide: AccessTokens, useValue: tokens },
        { provide: Callers, useValue: callers },
        { provide: AccessLog, useValue: accessLog },
        { provide: UsageCounter, useValue: usage },
        { provide: SignIn, useValue: signIn },
        { provide: Imports, useValue: imports },
        { provide: Endpoints, useValue: endpoints },
        { provide: ChangeTail, useValue: tail },
        HttpSetup,
        RateLimits,
        UsageHook,
        HealthRoutes,
        GraphqlServer,
        DocsRoutes,
        RestRoutes,
        ScimRoutes,
        SocketServer,
        Closing,
      ],
      exports: [
        API_OPTIONS,
        Platform,
        AccessTokens,
        Callers,
        AccessLog,
        SignIn,
        Imports,
        Endpoints,
      ],
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
    // Addresses that cannot even be read: the routes never see them.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      void sendError(error, request, reply.headers(securityHeaders(config.publicUrl))),
    forceCloseConnections: 'idle',
    // Who still has a connection when we are asked to end is answered, and told to go.
    return503OnClosing: false,
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
