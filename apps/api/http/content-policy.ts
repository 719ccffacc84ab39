import { randomBytes } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** Where a page's markup wants the nonce of the answer; Angular's build copies it to its tags. */
export const NONCE_MARK = 'CSP_NONCE';

/** What a browser may do with an answer that is no page. */
export const NO_PAGE =
  "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/**
 * What a page may do: run the scripts that carry this nonce and what those import, and nothing
 * that text could become; load from this site alone; and sit in no frame.
 */
function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    // Widths of bars and placeholders: they load nothing, and only Angular sets them.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types angular',
  ].join('; ');
}

/** Answers with a page under a policy and a nonce of its own. */
export function sendPage(reply: FastifyReply, markup: string): FastifyReply {
  const nonce = randomBytes(18).toString('base64url');
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-cache')
    .header('content-security-policy', pagePolicy(nonce))
    .send(markup.replaceAll(NONCE_MARK, nonce));
}
