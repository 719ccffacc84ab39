import type { Standing } from '#platform/rate-limits/limiter';
import { WINDOW_MS } from '#platform/rate-limits/limiter';

const WINDOW_SECONDS = WINDOW_MS / 1000;

/** The bound a client meets first: one that refuses, else the one with the least left. */
export function tightest(standings: readonly Standing[]): Standing {
  return standings.reduce((least, one) => {
    if (least.allowed !== one.allowed) return one.allowed ? least : one;
    return one.remaining / one.policy.limit < least.remaining / least.policy.limit ? one : least;
  });
}

/**
 * `RateLimit` and `RateLimit-Policy` as draft-ietf-httpapi-ratelimit-headers-11 has them, with all
 * bounds, and the older `X-RateLimit-*` with the tightest; its reset is a Unix time in seconds.
 */
export function rateLimitHeaders(
  standings: readonly Standing[],
  now: Date,
): Readonly<Record<string, string>> {
  const { policy, remaining, resetSeconds } = tightest(standings);
  return {
    'ratelimit-policy': standings
      .map((one) => `"${one.policy.name}";q=${one.policy.limit};w=${WINDOW_SECONDS}`)
      .join(', '),
    ratelimit: standings
      .map((one) => `"${one.policy.name}";r=${one.remaining};t=${one.resetSeconds}`)
      .join(', '),
    'x-ratelimit-limit': String(policy.limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(Math.ceil(now.getTime() / 1000) + resetSeconds),
  };
}
