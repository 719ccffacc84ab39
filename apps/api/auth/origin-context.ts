import type { Actor, RequestContext } from '#kernel/context';
import type { Origin } from './sign-in.js';

/** A context in which the product itself does something, with where the request came from. */
export function originContext(
  tenantId: string,
  { requestId, ip, userAgent }: Origin,
  actor: Actor,
  grants: RequestContext['grants'],
): RequestContext {
  return {
    tenantId,
    actor,
    grants,
    requestId,
    correlationId: requestId,
    ip,
    ...(userAgent ? { userAgent } : {}),
  };
}
