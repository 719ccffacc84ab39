import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  GraphQLError,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import mercurius, { type MercuriusOptions } from 'mercurius';
import { Imports } from '#apps/composition/import/imports';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { API_OPTIONS, type ApiOptions } from '../api-options.js';
import { ChangeTail } from '../changes/change-tail.js';
import { AccessLog } from '../http/access-log.js';
import { proofNeeded, RefusedError, sendRefusal } from '../http/answers.js';
import { stepUpProblem } from '../auth/mfa-step-up.js';
import { isOwnOrigin } from '../http/origin.js';
import { Callers, type Caller } from '../http/request-context.js';
import { Connection, OpenSockets, type Socket } from './connections.js';
import { graphqlContext, type GraphqlContext, type Told } from './context.js';
import { errorFormatter, RefusedQuery } from './errors.js';
import { isJson, LIMITS, validationRules } from './limits.js';
import { graphqlSchema, publishedSchema } from './schema.js';

const PATH = '/graphql';
const INIT_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;

/** What Mercurius hands to its hooks: our context, or why there is none. */
interface HttpContext {
  readonly refused?: Refusal;
  readonly failed?: Error;
}

const unsupported = refusal(
  'UNSUPPORTED_MEDIA_TYPE',
  'shape',
  'The content type is not supported.',
  [
    {
      field: 'Content-Type',
      rule: 'content-type',
      message: 'A GraphQL request is JSON.',
      remedy: 'Send Content-Type: application/json.',
    },
  ],
);
const foreign = refusal('FORBIDDEN', 'forbidden', 'Another site may not open a connection.');

/**
 * The GraphQL API on the Fastify instance below Nest. It is registered here rather than by Nest's
 * module, because its routes have to come after the hooks every route shares.
 */
@Injectable()
export class GraphqlServer implements OnModuleInit, OnModuleDestroy {
  private readonly schema: GraphQLSchema;
  private readonly sockets = new OpenSockets();
  private readonly connections = new WeakMap<object, Connection>();
  private readonly introspection: boolean;
  private published: string | undefined;

  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(API_OPTIONS) private readonly options: ApiOptions,
    @Inject(Callers) private readonly callers: Callers,
    @Inject(AccessLog) private readonly accessLog: AccessLog,
    @Inject(Imports) private readonly imports: Imports,
    @Inject(ChangeTail) private readonly tail: ChangeTail,
  ) {
    const { platform, config } = options;
    this.schema = graphqlSchema(platform.registry);
    this.introspection = config.graphqlIntrospection;
  }

  onModuleInit(): void {
    const app = this.host.httpAdapter.getInstance<FastifyInstance>();
    app.get(`${PATH}/schema.graphql`, (request, reply) => this.sendSchema(request, reply));
    // Other parts register at the same time: `after` says when Mercurius itself is there.
    void app.register(mercurius, this.mercuriusOptions()).after((error) => {
      if (error) throw error;
      this.checkRequests(app);
      this.validateSubscriptions(app);
    });
  }

  private checkRequests(app: FastifyInstance): void {
    app.graphql.addHook('onResolution', async (execution, context) => {
      const { denied } = context as unknown as Told;
      for (const { extensions, path } of execution.errors ?? []) {
        if (extensions?.['code'] === 'FORBIDDEN') denied?.(String(path?.[0] ?? 'graphql'));
      }
    });
    app.graphql.addHook('preParsing', (_schema, source, context) => {
      const { refused, failed } = context as HttpContext;
      if (failed) throw failed;
      if (refused) throw new RefusedQuery(refused);
      if (isJson(source)) throw new GraphQLError('Syntax Error: The document is not GraphQL.');
    });
  }

  /** Mercurius parses subscriptions without a limit and does not validate them at all. */
  private validateSubscriptions(app: FastifyInstance): void {
    const rules = [...specifiedRules, ...validationRules(this.introspection)];
    const format = errorFormatter(this.introspection);
    const parsed = new WeakSet<object>();
    const refuse = (error: GraphQLError) => {
      const { message, extensions } = format({ errors: [error] }, {}).response.errors![0]!;
      throw new GraphQLError(message, extensions ? { extensions } : {});
    };
    app.graphql.addHook('preSubscriptionParsing', (_schema, source, context) => {
      try {
        parse(source, { maxTokens: LIMITS.tokens });
      } catch (error) {
        refuse(error as GraphQLError);
      }
      parsed.add(context);
    });
    app.graphql.addHook('preSubscriptionExecution', (schema, document, context) => {
      if (!parsed.has(context)) refuse(new GraphQLError('Syntax Error: Send the query as text.'));
      const [problem] = validate(schema, document as DocumentNode, rules);
      if (problem) refuse(problem);
    });
  }

  onModuleDestroy(): void {
    this.tail.close();
  }

  private mercuriusOptions(): MercuriusOptions {
    return {
      schema: this.schema,
      path: PATH,
      graphiql: false,
      allowBatchedQueries: false,
      validationRules: validationRules(this.introspection),
      graphql: { parseOptions: { maxTokens: LIMITS.tokens } },
      persistedQueryProvider: mercurius.persistedQueryDefaults.automatic(),
      context: (request, reply) => this.httpContext(request, reply),
      errorFormatter: errorFormatter(this.introspection) as MercuriusOptions['errorFormatter'],
      additionalRouteOptions: { preParsing: (request, reply) => this.admit(request, reply) },
      subscription: {
        keepAlive: KEEP_ALIVE_MS,
        context: (socket, request) => this.socketContext(socket as unknown as Socket, request),
        onConnect: connect,
      },
    } as MercuriusOptions;
  }

  /** The schema as a file, for integrators: introspection is off. */
  private async sendSchema(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const caller = await this.callers.callerOf(request);
    if (isRefusal(caller)) return sendRefusal(request, reply, caller);
    this.published ??= publishedSchema(this.options.platform.registry);
    return reply.type('application/graphql; charset=utf-8').send(this.published);
  }

  /** The caller's context; who may not call is told so once the answer can be formatted. */
  private async httpContext(request: FastifyRequest, reply: FastifyReply): Promise<object> {
    try {
      const caller = await this.callers.callerOf(request);
      if (isRefusal(caller)) return { refused: caller };
      return this.contextOf(caller, reply);
    } catch (failed) {
      return { failed: failed as Error };
    }
  }

  private contextOf(caller: Caller, reply?: FastifyReply): GraphqlContext {
    return graphqlContext(this.options.platform, caller, {
      viewed: (record, id) => this.accessLog.viewed(caller, record, id),
      denied: (what, id) => this.accessLog.refused(caller, what, id),
      standingChanged: () => this.callers.forget(caller.tenantId),
      stepUp: async () => {
        const unproven = await stepUpProblem(this.options.platform, caller);
        if (unproven?.code === 'STEP_UP_REQUIRED') reply?.headers(proofNeeded);
        return unproven;
      },
      imports: this.imports,
    });
  }

  /** Refuses what only a page of another site would send. */
  private async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    reply.header('cache-control', 'no-store').header('vary', 'Authorization, Accept');
    const type = request.headers['content-type'] ?? '';
    const json = /^application\/json\s*(;|$)/i.test(type);
    if (request.method === 'POST' && !json) throw new RefusedError(unsupported, 415);
    if (request.headers.upgrade === undefined) return;
    if (!isOwnOrigin(request.headers, this.options.config.publicUrl)) {
      throw new RefusedError(foreign);
    }
    const { socket } = request.raw;
    const waiting = setTimeout(() => {
      if (!this.connections.has(socket)) socket.destroy();
    }, INIT_MS);
    socket.once('close', () => clearTimeout(waiting));
  }

  private socketContext(socket: Socket, request: FastifyRequest): object {
    const key = request.raw.socket;
    const known = this.connections.get(key);
    const connection = known ?? new Connection(socket, request, this.callers, this.sockets);
    this.connections.set(key, connection);
    return {
      connection,
      signedIn: (caller: Caller) => ({
        ...this.contextOf(caller),
        tail: this.tail,
        subscriber: connection,
        log: (err: unknown) => request.log.error({ err }, 'subscription failed'),
      }),
    };
  }
}

interface MercuriusConnection {
  readonly context: {
    readonly connection: Connection;
    signedIn(caller: Caller): object;
  };
}

/** Signs in a connection; Mercurius calls it on its connection, whose context is ours. */
async function connect(this: unknown, data: { readonly payload?: unknown }) {
  const { context } = this as MercuriusConnection;
  const caller = await context.connection.open(data.payload);
  return isRefusal(caller) ? false : context.signedIn(caller);
}
