import type { FastifyRequest } from 'fastify';
import { slugProblem } from '#identity/tenant/rules';

const SLUG = /^[a-z0-9][a-z0-9-]{1,62}$/;

/**
 * The short name of the workspace a request is addressed to: the header `X-Workspace`, else what
 * stands before the public host, as in `hooli.localhost:3000`. Undefined where neither names one.
 */
export function workspaceNamed(
  { headers }: Pick<FastifyRequest, 'headers'>,
  publicUrl: string,
): string | undefined {
  const given = headers['x-workspace'];
  const host = (headers.host ?? '').toLowerCase();
  const rest = `.${new URL(publicUrl).host}`;
  const before = host.endsWith(rest) ? host.slice(0, -rest.length) : undefined;
  const slug = typeof given === 'string' && given !== '' ? given.toLowerCase() : before;
  // `www.` and the like are parts of the platform, not workspaces.
  return slug && SLUG.test(slug) && !slugProblem(slug) ? slug : undefined;
}
