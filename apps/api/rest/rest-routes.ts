import { Readable } from 'node:stream';
import fastifyCookie from '@fastify/cookie';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import type { RawParameters } from '#platform/projections/list-query';
import { FORM_TYPE, FormBody } from '../auth/sso/form-body.js';
import { noSuchRoute, sendRefusal, success } from '../http/answers.js';
import { stepUpProblem } from '../auth/mfa-step-up.js';
import { sendError } from '../http/errors.js';
import { Callers, type Caller } from '../http/request-context.js';
import { checkAccess, unknownParameters, type Answer, type Endpoint } from './endpoint.js';
import { Endpoints } from './endpoints.js';
import { acceptBodies, FILE_TYPES } from './json-body.js';

export const PREFIX = '/api/v1';

/** Registers every endpoint of the REST API as a route of the HTTP server. */
@Injectable()
export class RestRoutes implements OnModuleInit {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(Callers) private readonly callers: Callers,
    @Inject(Endpoints) private readonly endpoints: Endpoints,
  ) {}

  async onModuleInit(): Promise<void> {
    const root = this.host.httpAdapter.getInstance<FastifyInstance>();
    const { all } = this.endpoints;
    await root.register(
      async (app) => {
        // Cookies are read where one is asked for, not with every request.
        await app.register(fastifyCookie, { hook: false });
        acceptBodies(app);
        app.setErrorHandler(sendError);
        app.setNotFoundHandler((request, reply) => sendNoRoute(all, request, reply));
        for (const endpoint of all) {
          app.route({
            method: endpoint.method,
            url: endpoint.path,
            ...(endpoint.bodyLimit ? { bodyLimit: endpoint.bodyLimit } : {}),
            handler: (request, reply) => this.serve(endpoint, request, reply),
          });
        }
      },
      { prefix: PREFIX },
    );
  }

  private async serve(
    endpoint: Endpoint,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const { access } = endpoint;
    const caller = access === 'open' ? undefined : await this.callers.callerOf(request);
    if (isRefusal(caller)) return sendRefusal(request, reply, caller);
    const query = request.query as RawParameters;
    const refused =
      (caller && checkAccess(endpoint, caller)) ??
      unknownParameters(endpoint, query) ??
      (caller && (await this.stepUp(endpoint, caller)));
    if (refused) {
      this.noteRefused(endpoint, request, caller, refused);
      return sendRefusal(request, reply, refused);
    }
    const wrongBody = checkBody(endpoint, request);
    if (wrongBody) return sendRefusal(request, reply, wrongBody, 415);
    const answer = await endpoint.handle({
      request,
      reply,
      caller: caller as Caller,
      params: request.params as Record<string, string>,
      query,
      body: request.body,
    });
    if (!isRefusal(answer)) return sendAnswer(request, reply, answer);
    this.noteRefused(endpoint, request, caller, answer as Refusal);
    return sendRefusal(request, reply, answer);
  }

  /** Keeps who asked for what they may not, for the security log. */
  private noteRefused(
    { operation }: Endpoint,
    { params }: FastifyRequest,
    caller: Caller | Refusal | undefined,
    { category, code }: Refusal,
  ): void {
    if (!caller || isRefusal(caller)) return;
    if (category !== 'forbidden' || ASKS_FOR_PROOF.has(code)) return;
    const { id } = params as { readonly id?: string };
    this.endpoints.services.accessLog.refused(caller as Caller, operation, id);
  }

  private stepUp({ stepUp }: Endpoint, caller: Caller): Promise<Refusal | undefined> {
    const { platform } = this.endpoints.services;
    return stepUp ? stepUpProblem(platform, caller) : Promise.resolve(undefined);
  }
}

/** Codes that ask somebody for a proof, rather than say that they may not. */
const ASKS_FOR_PROOF: ReadonlySet<string> = new Set([
  'STEP_UP_REQUIRED',
  'FACTOR_NEEDED',
  'FACTOR_REFUSED',
]);

/** Endpoints take JSON, or a file, or both, or a form. */
function checkBody({ file, form }: Endpoint, { body }: FastifyRequest): Refusal | undefined {
  const isForm = body instanceof FormBody;
  if (isForm !== (form === true)) {
    const message = isForm ? 'There is no form to be sent here.' : 'The body has to be a form.';
    const type = isForm ? 'application/json' : FORM_TYPE;
    return refusal('UNSUPPORTED_MEDIA_TYPE', 'shape', message, [
      { field: 'body', rule: 'body', message, remedy: `Send Content-Type: ${type}.` },
    ]);
  }
  if (isForm) return undefined;
  const isFile = body instanceof Readable;
  if (isFile ? file !== undefined : file !== 'only') return undefined;
  const message = isFile ? 'There is no file to be sent here.' : 'The body has to be a file.';
  const types = isFile ? 'application/json' : FILE_TYPES.join(' or ');
  return refusal('UNSUPPORTED_MEDIA_TYPE', 'shape', message, [
    { field: 'body', rule: 'body', message, remedy: `Send Content-Type: ${types}.` },
  ]);
}

function sendAnswer(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  const { status = 200, data, pagination, meta, headers = {}, stream } = answer;
  const reading = request.method === 'GET' || request.method === 'HEAD';
  reply
    .code(status)
    .header('cache-control', reading ? 'private, no-cache' : 'no-store')
    .header('vary', 'Authorization, Accept')
    .headers(headers);
  if (stream) return reply.send(stream);
  if (status === 204 || status === 304) return reply.send();
  const body = success(request, data ?? null, meta);
  return reply
    .type('application/json; charset=utf-8')
    .send(pagination ? { success: true, data: body.data, pagination, meta: body.meta } : body);
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter(Boolean);
}

/** Methods a path would take; parameters match any one segment. */
export function methodsOf(
  endpoints: readonly { readonly method: string; readonly path: string }[],
  path: string,
): string[] {
  const asked = segmentsOf(path);
  const found = endpoints.filter(({ path: pattern }) => {
    const segments = segmentsOf(pattern);
    return (
      segments.length === asked.length &&
      segments.every((segment, index) => segment.startsWith(':') || segment === asked[index])
    );
  });
  const methods = new Set<string>(found.map(({ method }) => method));
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}

const wrongMethod = (method: string, allowed: readonly string[]): Refusal =>
  refusal('METHOD_NOT_ALLOWED', 'shape', `${method} is not possible here.`, [
    { rule: 'method', message: `This address takes ${allowed.join(', ')}.` },
  ]);

function sendNoRoute(
  endpoints: readonly Endpoint[],
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const path = request.url.split('?', 1)[0]!.slice(PREFIX.length);
  const allowed = methodsOf(endpoints, path);
  if (allowed.length === 0 || allowed.includes(request.method)) {
    return sendRefusal(request, reply, noSuchRoute(request));
  }
  reply.header('allow', allowed.join(', '));
  return sendRefusal(request, reply, wrongMethod(request.method, allowed), 405);
}
