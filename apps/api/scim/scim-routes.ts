import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { isUuid } from '#kernel/ids';
import { keepScimRequest } from '#platform/auth/scim-tokens';
import { Platform } from '#platform/platform';
import { API_OPTIONS, type ApiOptions } from '../api-options.js';
import { known } from '../http/errors.js';
import { Callers } from '../http/request-context.js';
import { parseJson } from '../rest/json-body.js';
import { methodsOf } from '../rest/rest-routes.js';
import { discoveredSchemas, discoveredTypes, serviceProviderConfig } from './discovery.js';
import { ScimGroups } from './groups.js';
import { listed, projection, SEARCH_SCHEMA } from './lists.js';
import { isObject, valueIn, type Json } from './paths.js';
import { patched, PATCH_SCHEMA } from './patch.js';
import { invalid, ScimProblem } from './problem.js';
import { readResource } from './read-body.js';
import type { Directory, Read, Resources } from './resources.js';
import { SCIM_PREFIX } from './schemas.js';
import { ScimTokens } from './scim-tokens.js';
import { ScimUsers } from './users.js';

const MEDIA_TYPE = 'application/scim+json; charset=utf-8';

interface Answer {
  readonly status?: number;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}
type Handle = (directory: Directory, request: FastifyRequest) => Promise<Answer> | Answer;

/** The SCIM 2.0 service: what directories read and change, each by the token of its connection. */
@Injectable()
export class ScimRoutes implements OnModuleInit {
  private readonly tokens: ScimTokens;
  private readonly base: string;
  private readonly all: readonly Resources[];
  private readonly routes: { readonly method: string; readonly path: string }[] = [];

  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(API_OPTIONS) { config }: ApiOptions,
    @Inject(Platform) private readonly platform: Platform,
    @Inject(Callers) callers: Callers,
  ) {
    this.base = config.publicUrl.replace(/\/$/, '') + SCIM_PREFIX;
    this.tokens = new ScimTokens(platform);
    this.all = [
      new ScimUsers(platform, callers, this.base),
      new ScimGroups(platform, callers, this.base),
    ];
  }

  async onModuleInit(): Promise<void> {
    const root = this.host.httpAdapter.getInstance<FastifyInstance>();
    await root.register(
      (app, _options, done) => {
        app.removeAllContentTypeParsers();
        app.addContentTypeParser(
          ['application/scim+json', 'application/json'],
          { parseAs: 'buffer' },
          (_request, body: Buffer, parsed) => {
            try {
              parsed(null, body.length === 0 ? undefined : parseJson(body));
            } catch (error) {
              parsed(error as Error);
            }
          },
        );
        app.setErrorHandler((error, request, reply) => this.fail(error, request, reply));
        app.setNotFoundHandler((request, reply) => this.notHere(request, reply));
        this.discovery(app);
        this.search(app, '/.search', this.all);
        for (const resources of this.all) this.resources(app, resources);
        const notHere = (detail: string) => () => {
          throw new ScimProblem(501, detail);
        };
        this.route(app, 'POST', '/Bulk', notHere('Bulk requests are not supported.'));
        this.route(app, 'GET', '/Me', notHere('A token stands for a directory, not for a person.'));
        done();
      },
      { prefix: SCIM_PREFIX },
    );
  }

  private discovery(app: FastifyInstance): void {
    const { base } = this;
    const read = (path: string, body: (id?: string) => object) =>
      this.route(app, 'GET', path, (_directory, request) => {
        if ('filter' in (request.query as object)) {
          throw new ScimProblem(403, 'What describes the service cannot be filtered.');
        }
        return { body: body((request.params as { id?: string }).id) };
      });
    read('/ServiceProviderConfig', () => serviceProviderConfig(base));
    read('/ResourceTypes', () => discoveredTypes(base));
    read('/ResourceTypes/:id', (id) => discoveredTypes(base, id));
    read('/Schemas', () => discoveredSchemas(base));
    read('/Schemas/:id', (id) => discoveredSchemas(base, id));
  }

  private resources(app: FastifyInstance, resources: Resources): void {
    const { type } = resources;
    const { endpoint } = type;
    const one = `${endpoint}/:id`;
    const idOf = (request: FastifyRequest) => (request.params as { id: string }).id;
    const query = (request: FastifyRequest) => request.query as Json;
    const shown = (request: FastifyRequest, { resource }: Read, status = 200): Answer => {
      const { location, version } = resource['meta'] as Record<'location' | 'version', string>;
      const headers = { etag: version, ...(status === 201 ? { location } : {}) };
      return { status, body: projection(type, query(request))(resource), headers };
    };
    /** The resource a write is about, as long as it is the one the client knows. */
    const known = async (directory: Directory, request: FastifyRequest) => {
      const before = await resources.read(directory, idOf(request));
      const wanted = tagsOf(request.headers['if-match']);
      if (wanted && !matches(wanted, before)) {
        throw new ScimProblem(412, 'The resource has changed; read it again.');
      }
      // Who names no version means the resource as it is by then: signing in changes it as well.
      const { revision: _any, ...unbound } = before;
      return wanted ? before : unbound;
    };
    const write = async (
      directory: Directory,
      request: FastifyRequest,
      wanted: Json,
      read: Read,
    ) => {
      projection(type, query(request));
      const id = String(read.resource['id']);
      await resources.update(directory, id, wanted, read);
      return shown(request, await resources.read(directory, id));
    };

    this.route(app, 'GET', endpoint, async (directory, request) => ({
      body: await listed([resources], directory, query(request)),
    }));
    this.search(app, `${endpoint}/.search`, [resources]);
    this.route(app, 'GET', one, async (directory, request) => {
      const read = await resources.read(directory, idOf(request));
      const tags = tagsOf(request.headers['if-none-match']);
      const answer = shown(request, read);
      return tags && matches(tags, read) ? { status: 304, headers: answer.headers! } : answer;
    });
    this.route(app, 'POST', endpoint, async (directory, request) => {
      projection(type, query(request));
      const id = await resources.create(directory, readResource(type, request.body));
      return shown(request, await resources.read(directory, id), 201);
    });
    this.route(app, 'PUT', one, async (directory, request) => {
      const before = await known(directory, request);
      return write(directory, request, readResource(type, request.body), before);
    });
    this.route(app, 'PATCH', one, async (directory, request) => {
      const before = await known(directory, request);
      if (isObject(request.body)) needSchema(request.body, PATCH_SCHEMA);
      const after = patched(type, before.resource, request.body);
      return write(directory, request, readResource(type, after), before);
    });
    this.route(app, 'DELETE', one, async (directory, request) => {
      await resources.remove(directory, await known(directory, request));
      return { status: 204 };
    });
  }

  /** Lists with what would be a query as the body (RFC 7644, section 3.4.3). */
  private search(app: FastifyInstance, path: string, all: readonly Resources[]): void {
    this.route(app, 'POST', path, async (directory, { body }) => {
      if (!isObject(body)) throw invalid('invalidSyntax', 'The body has to be a JSON object.');
      needSchema(body, SEARCH_SCHEMA);
      return { body: await listed(all, directory, body) };
    });
  }

  private notHere(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const path = request.url.split('?', 1)[0]!.slice(SCIM_PREFIX.length);
    const methods = methodsOf(this.routes, path);
    if (methods.length === 0) {
      return sendProblem(request, reply, new ScimProblem(404, 'There is nothing at this address.'));
    }
    reply.header('allow', methods.join(', '));
    const detail = `This address takes ${methods.join(', ')}.`;
    return sendProblem(request, reply, new ScimProblem(405, detail));
  }

  private route(app: FastifyInstance, method: HTTPMethods, url: string, handle: Handle): void {
    this.routes.push({ method: String(method), path: url });
    app.route({
      method,
      url,
      handler: async (request, reply) => {
        const directory = await this.tokens.directoryOf(request);
        const keep = (status: number, problem: string | null) =>
          this.keep(directory, request, url, { status, problem });
        let answer: Answer;
        try {
          answer = await handle(directory, request);
        } catch (error) {
          const problem = problemIn(error);
          await keep(problem?.status ?? 500, problem?.scimType ?? null);
          throw error;
        }
        const { status = 200, body, headers = {} } = answer;
        await keep(status, null);
        reply.code(status).header('cache-control', 'no-store').headers(headers);
        return body ? reply.type(MEDIA_TYPE).send(JSON.stringify(body)) : reply.send();
      },
    });
  }

  /** Keeps what was asked and what became of it, never who it was about. */
  private async keep(
    { tenantId, connectionId }: Directory,
    { method, params, log }: FastifyRequest,
    url: string,
    outcome: { readonly status: number; readonly problem: string | null },
  ): Promise<void> {
    const { id } = params as { id?: string };
    const path = id && isUuid(id) ? url.replace(':id', id) : url;
    const kept = { at: this.platform.clock(), method, path, ...outcome };
    await this.platform.database
      .tenant(tenantId, (db) => keepScimRequest(db, tenantId, connectionId, kept))
      .catch((error: unknown) => log.warn({ err: error }, 'a SCIM request was not kept'));
  }

  private fail(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const problem = problemIn(error);
    if (problem) return sendProblem(request, reply, problem);
    request.log.error({ err: error }, 'request failed');
    return sendProblem(request, reply, new ScimProblem(500, 'Something went wrong on our side.'));
  }
}

/** What a thrown error means to a directory, unless it is a surprise. */
function problemIn(error: unknown): ScimProblem | undefined {
  if (error instanceof ScimProblem) return error;
  const found = known(error);
  if (!found) return undefined;
  const { refused, status = 400 } = found;
  return new ScimProblem(status, refused.message, status === 400 ? 'invalidSyntax' : undefined);
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: ScimProblem) {
  if (problem.status === 401) {
    const invalidToken = request.headers.authorization ? ', error="invalid_token"' : '';
    reply.header('www-authenticate', `Bearer realm="clientforge"${invalidToken}`);
  }
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type(MEDIA_TYPE)
    .send(JSON.stringify(problem.body));
}

function needSchema(body: Json, id: string): void {
  const given = valueIn(body, 'schemas');
  const names = Array.isArray(given) ? given.map((one) => String(one).toLowerCase()) : [];
  if (!names.includes(id.toLowerCase())) {
    throw invalid('invalidSyntax', `schemas has to name ${id}.`);
  }
}

function tagsOf(header: string | undefined): readonly string[] | undefined {
  return header?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}

function matches(tags: readonly string[], { resource }: Read): boolean {
  const { version } = resource['meta'] as { version: string };
  return tags.includes('*') || tags.includes(version.replace(/^W\//, ''));
}
