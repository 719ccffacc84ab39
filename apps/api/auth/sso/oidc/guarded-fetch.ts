import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1_048_576;

/** Where a request may go. */
export interface Reach {
  /** Also to private networks, and without TLS: for providers in one's own house. */
  readonly reachesPrivate: boolean;
}

function isPublic(address: string): boolean {
  return ipaddr.process(address).range() === 'unicast';
}

/** Resolves a name once and connects to the address that was looked at, so that it cannot change. */
function lookupWithin({ reachesPrivate }: Reach): LookupFunction {
  return (hostname, options, callback) => {
    void lookup(hostname, { all: true, verbatim: true }).then(
      (found) => {
        const allowed = found.filter(({ address }) => reachesPrivate || isPublic(address));
        const [first] = allowed;
        if (!first) return callback(new Error('the address is not public'), '', 4);
        if (options.all) return callback(null, allowed);
        return callback(null, first.address, first.family);
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, '', 4),
    );
  };
}

function checkAddress(url: URL, { reachesPrivate }: Reach): void {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol !== 'https:' && !(reachesPrivate && url.protocol === 'http:')) {
    throw new Error('only https is asked');
  }
  if (url.username || url.password) throw new Error('credentials in an address');
  if (reachesPrivate) return;
  if (isIP(host) && !isPublic(host)) throw new Error('the address is not public');
  if (url.port !== '' && url.port !== '443') throw new Error('only the port of https is asked');
}

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BYTES) throw new Error('the answer is too large');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/**
 * A `fetch` for addresses that people enter: no redirects, no private networks, 10 seconds and one
 * megabyte at most, whatever the other side does.
 */
export function guardedFetch(reach: Reach) {
  return async (
    address: string,
    options: { readonly method?: string; readonly headers?: object; readonly body?: unknown },
  ): Promise<Response> => {
    const url = new URL(address);
    checkAddress(url, reach);
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const headers = new Headers(options.headers as Record<string, string>);
    headers.set('accept-encoding', 'identity');
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = send(
        url,
        {
          method: options.method ?? 'GET',
          headers: Object.fromEntries(headers),
          lookup: lookupWithin(reach),
          signal,
          agent: false,
        },
        resolve,
      );
      request.on('error', reject);
      request.end(options.body === undefined || options.body === null ? '' : String(options.body));
    });
    const body = await bodyOf(response);
    const received = new Headers();
    for (const [name, value] of Object.entries(response.headers)) {
      if (value !== undefined) received.set(name, String(value));
    }
    const status = response.statusCode ?? 500;
    const empty = status === 204 || status === 304;
    const content = empty ? null : new Uint8Array(body);
    return new Response(content, { status, headers: received });
  };
}
