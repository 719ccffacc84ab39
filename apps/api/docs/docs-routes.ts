import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Platform } from '#platform/platform';
import { API_OPTIONS, type ApiOptions } from '../api-options.js';
import { noSuchRoute, sendRefusal } from '../http/answers.js';
import { sendPage } from '../http/content-policy.js';
import { Endpoints } from '../rest/endpoints.js';
import { openApi, openApiText, type OpenApi } from './openapi.js';
import { overview, reference } from './pages.js';
import { script, style } from './style.js';

/** The documentation: for programs at `/api/v1/openapi.json`, for people at `/dev`. */
@Injectable()
export class DocsRoutes implements OnModuleInit {
  private made: OpenApi | undefined;

  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(Platform) private readonly platform: Platform,
    @Inject(Endpoints) private readonly endpoints: Endpoints,
    @Inject(API_OPTIONS) private readonly options: ApiOptions,
  ) {}

  /** Made when first asked for: a start should not wait for it. */
  get document(): OpenApi {
    return (this.made ??= openApi(this.platform.registry, this.endpoints.all));
  }

  onModuleInit(): void {
    const app = this.host.httpAdapter.getInstance<FastifyInstance>();
    const { config, sample } = this.options;
    const send = (reply: FastifyReply, type: string, text: string) =>
      reply.type(`${type}; charset=utf-8`).header('cache-control', 'no-cache').send(text);
    app.get('/api/v1/openapi.json', (_request, reply) =>
      send(reply, 'application/json', openApiText(this.document)),
    );
    app.get('/dev', (_request, reply) =>
      sendPage(reply, overview(this.document, config.publicUrl, sample)),
    );
    app.get('/dev/style.css', (_request, reply) => send(reply, 'text/css', style));
    app.get('/dev/script.js', (_request, reply) => send(reply, 'text/javascript', script));
    app.get<{ Params: { tag: string } }>('/dev/:tag', (request, reply) => {
      const page = reference(this.document, request.params.tag);
      return page === undefined
        ? sendRefusal(request, reply, noSuchRoute(request))
        : sendPage(reply, page);
    });
  }
}
