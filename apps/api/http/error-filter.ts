import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendError } from './errors.js';
import { asksForPage } from './pages.js';

/** Everything Nest or Fastify could not answer: a page of the admin, or an error in our words. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent) return;
    const notFound = (error as { getStatus?(): number }).getStatus?.() === 404;
    const pages = 'sendFile' in reply;
    if (notFound && pages && asksForPage(request)) {
      void reply.header('cache-control', 'no-cache').sendFile('index.html');
      return;
    }
    void sendError(error, request, reply);
  }
}
