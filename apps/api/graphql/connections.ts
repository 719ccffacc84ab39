import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import type { Caller, Callers } from '../http/request-context.js';
import type { Subscriber } from './change-part.js';

/** A WebSocket, as far as it matters here. */
export interface Socket {
  close(code: number, reason?: string): void;
  once(event: 'close', listener: () => void): unknown;
}
type Stream = Parameters<Subscriber['take']>[0];

/** Close code of the graphql-transport-ws protocol. */
const UNAUTHORIZED = 4401;

/** Close code for those who have too many connections. */
const TOO_MANY = 4429;

const MAX_STREAMS = 20;
const MAX_SOCKETS = 20;
const CHECK_MS = 30_000;

/** The token of `connection_init`: `{ "Authorization": "Bearer …" }`, also within `headers`. */
function authorizationOf(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const fields: Record<string, unknown> = {
    ...(payload as { headers?: object }).headers,
    ...payload,
  };
  const value = fields['Authorization'] ?? fields['authorization'];
  return typeof value === 'string' ? value : undefined;
}

/** How many sockets each person has open in this process. */
export class OpenSockets {
  private readonly open = new Map<string, Set<object>>();

  /** Counts a socket of the caller; false when they have too many. */
  take({ tenantId, actor }: Caller, socket: object): boolean {
    const key = `${tenantId}/${actor.id}`;
    const own = this.open.get(key) ?? new Set();
    if (!own.has(socket) && own.size >= MAX_SOCKETS) return false;
    this.open.set(key, own.add(socket));
    return true;
  }

  drop(socket: object): void {
    for (const [key, own] of this.open) {
      if (own.delete(socket) && own.size === 0) this.open.delete(key);
    }
  }
}

const tooMany = refusal('TOO_MANY_CONNECTIONS', 'limit', 'There are too many open connections.');

/**
 * One socket and what is subscribed to over it. The caller is asked for again twice a minute, so
 * that rights follow and nobody listens on after the session has ended.
 */
export class Connection implements Subscriber {
  private readonly streams = new Set<Stream>();
  private closed = false;
  private current: Caller | undefined;
  private check: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly request: FastifyRequest,
    private readonly callers: Pick<Callers, 'callerOf'>,
    private readonly sockets: OpenSockets,
  ) {
    socket.once('close', () => {
      this.closed = true;
      this.end();
    });
  }

  /** Signs in with the payload of `connection_init`; a refusal closes the socket. */
  async open(payload: unknown): Promise<Caller | Refusal> {
    const { id, ip, headers: given } = this.request;
    const headers: IncomingHttpHeaders = { ...given, authorization: authorizationOf(payload) };
    const asked = { id, ip, headers } as FastifyRequest;
    clearInterval(this.check);
    const caller = await this.authenticate(asked);
    if (isRefusal(caller)) return caller;
    // The other side may have gone while its caller was looked up.
    if (this.closed || !this.sockets.take(caller, this)) {
      this.end();
      this.socket.close(TOO_MANY, 'Too many connections');
      return tooMany;
    }
    this.check = setInterval(() => void this.authenticate(asked).catch(() => undefined), CHECK_MS);
    this.check.unref();
    return caller;
  }

  private async authenticate(asked: FastifyRequest): Promise<Caller | Refusal> {
    const caller = await this.callers.callerOf(asked);
    if (isRefusal(caller)) {
      this.end();
      this.socket.close(UNAUTHORIZED, 'Unauthorized');
    } else {
      this.current = caller;
    }
    return caller;
  }

  private end(): void {
    clearInterval(this.check);
    this.sockets.drop(this);
    for (const stream of this.streams) stream.end();
  }

  caller(): Caller {
    if (!this.current) throw new Error('the connection is not signed in');
    return this.current;
  }

  take(stream: Stream): boolean {
    if (this.streams.size >= MAX_STREAMS) return false;
    this.streams.add(stream);
    return true;
  }

  drop(stream: Stream): void {
    this.streams.delete(stream);
  }
}
