import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendPage } from './content-policy.js';
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
    const { adminPage } = request.server;
    if (notFound && adminPage && asksForPage(request)) {
      void sendPage(reply, adminPage);
      return;
    }
    void sendError(error, request, reply);
  }
}
