import type { IncomingHttpHeaders } from 'node:http';
import { isAllowed } from '#platform/auth/api-keys-networks';

/** Whether a page of this site opens a connection, or a program that is no page at all. */
export function isOwnOrigin({ origin, host }: IncomingHttpHeaders, publicUrl: string): boolean {
  return (
    origin === undefined ||
    [`http://${host}`, `https://${host}`, new URL(publicUrl).origin].includes(origin)
  );
}

/** Where a connection comes from: beyond the proxies that are trusted, as for requests. */
export function addressBehind(
  remote: string | undefined,
  forwarded: string | readonly string[] | undefined,
  proxies: readonly string[],
): string {
  let address = remote ?? '';
  const hops = String(forwarded ?? '').split(',');
  while (proxies.length > 0 && isAllowed(proxies, address)) {
    const hop = hops.pop()?.trim();
    if (!hop) break;
    address = hop;
  }
  return address;
}
