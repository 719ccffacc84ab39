import { createServer, type IncomingMessage } from 'node:http';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Server } from 'socket.io';
import type { Static, TObject } from '#kernel/fields';
import { uuidv7 } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { validate } from '#platform/commands/validation';
import { parsePosition } from '#platform/event-store/port';
import { API_OPTIONS, type ApiOptions } from '../api-options.js';
import { ChangeDetails } from '../changes/change-details.js';
import { ChangeTail } from '../changes/change-tail.js';
import { OpenSockets } from '../graphql/connections.js';
import { addressBehind, isOwnOrigin } from '../http/origin.js';
import { Callers } from '../http/request-context.js';
import { Deliveries } from './deliveries.js';
import { Lookers } from './lookers.js';
import {
  SOCKET_LIMITS,
  SOCKET_PATH,
  lookMessage,
  watchMessage,
  type Answer,
  type ClientMessages,
  type ServerMessages,
  type SocketLimits,
} from './protocol.js';
import { errorOf, Session, type ClientSocket } from './session.js';
import { readable } from './watches.js';

const CONNECT_MS = 10_000;

const tooMany = refusal('TOO_MANY_CONNECTIONS', 'limit', 'There are too many open connections.');
const failed = refusal('INTERNAL', 'limit', 'This could not be done at present; try again.');
const notThere = refusal('VALIDATION_ERROR', 'shape', 'after is no position.', [
  {
    field: 'after',
    rule: 'position',
    message: 'after is no position.',
    remedy: 'Give the position of the last message of changes, or leave it out.',
  },
]);

/** What goes to a client that may not connect. */
class ConnectError extends Error {
  constructor(readonly data: object) {
    super('refused');
  }
}

/** The sockets at `/ws`: who may connect, what they may say, and until when. */
@Injectable()
export class SocketServer implements OnModuleInit, OnModuleDestroy {
  private readonly io: Server<ClientMessages, ServerMessages>;
  /** Never listens: the server of the API hands over what is meant for sockets. */
  private readonly door = createServer();
  private readonly deliveries: Deliveries;
  private readonly lookers: Lookers;
  private readonly open = new OpenSockets();
  private readonly limits: SocketLimits;

  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(API_OPTIONS) private readonly options: ApiOptions,
    @Inject(Callers) private readonly callers: Callers,
    @Inject(ChangeTail) tail: ChangeTail,
  ) {
    const { platform, config } = options;
    this.limits = { ...SOCKET_LIMITS, ...options.sockets };
    this.io = new Server({
      path: SOCKET_PATH,
      serveClient: false,
      transports: ['websocket'],
      maxHttpBufferSize: this.limits.messageBytes,
      connectTimeout: CONNECT_MS,
      allowRequest: (request, decided) =>
        decided(null, isOwnOrigin(request.headers, config.publicUrl)),
    });
    this.lookers = new Lookers(platform, this.log);
    const details = new ChangeDetails(platform, this.log);
    this.deliveries = new Deliveries(tail, details, () => this.io.sockets, this.limits, this.log);
  }

  private readonly log = (err: unknown) => this.options.log?.error({ err }, 'sockets');

  onModuleInit(): void {
    this.io.attach(this.door, { destroyUpgrade: false });
    this.io.use((socket, next) => {
      this.admit(socket).then(next, (error: unknown) => {
        this.log(error);
        next(new ConnectError(errorOf(failed)));
      });
    });
    const app = this.host.httpAdapter.getInstance<FastifyInstance>();
    // GraphQL listens for upgrades too, and would answer everything that is not its own.
    app.addHook('onReady', (done) => {
      const { server } = app;
      const others = server.listeners('upgrade');
      server.removeAllListeners('upgrade');
      server.on('upgrade', (request, socket, head) => {
        if (isForSockets(request)) this.door.emit('upgrade', request, socket, head);
        else for (const other of others) other.call(server, request, socket, head);
      });
      done();
    });
  }

  async onModuleDestroy(): Promise<void> {
    for (const socket of this.io.sockets.sockets.values()) sessionOf(socket)?.end('SERVER_CLOSING');
    await this.io.close();
    await this.lookers.close().catch(this.log);
  }

  /** Signs in with the token of the handshake; undefined lets the socket in. */
  private async admit(socket: ClientSocket): Promise<Error | undefined> {
    const asked = askedBy(socket, this.options.config.trustedProxies);
    const caller = await this.callers.callerOf(asked);
    if (isRefusal(caller)) return new ConnectError(errorOf(caller));
    const { platform } = this.options;
    const session = new Session(socket, asked, caller, platform, this.limits);
    if (!this.open.take(caller, session)) return new ConnectError(errorOf(tooMany));
    socket.data = session;
    const { conn } = socket.client;
    // A socket whose client goes before it is let in never says so itself.
    socket.once('disconnect', () => this.leave(session));
    conn.once('close', () => this.leave(session));
    this.hear(session);
    try {
      await this.deliveries.join(session);
    } catch (error) {
      this.leave(session);
      throw error;
    }
    if (conn.readyState !== 'open') this.leave(session);
    this.checkLater(session);
    return undefined;
  }

  private leave(session: Session): void {
    this.open.drop(session);
    this.deliveries.leave(session);
    this.lookers.leave(session).catch(this.log);
  }

  private hear(session: Session): void {
    session.socket.use((_message, next) => {
      if (session.admits(Date.now())) next();
    });
    this.on(session, 'watch', watchMessage, async ({ what, after }) => {
      if (after !== undefined && !isPosition(after)) return notThere;
      const refused = await session.watch(what);
      if (refused) return refused;
      const isWhole = await this.deliveries.begin(session, after);
      return { position: session.position, ...(isWhole ? {} : { resync: true }) };
    });
    this.on(session, 'look', lookMessage, async (message) => {
      if (message.type === undefined && message.id === undefined) {
        await this.lookers.leave(session);
        return {};
      }
      const found = await readable(this.options.platform, session.caller, message);
      if (isRefusal(found)) return found;
      const at = { type: found.model.record, id: found.id };
      await this.lookers.look(session, at, message.edits ?? false);
      return {};
    });
  }

  /** Takes one kind of message, one after the other, and answers each. */
  private on<Schema extends TObject>(
    session: Session,
    name: keyof ClientMessages,
    schema: Schema,
    take: (message: Static<Schema>) => Promise<object | Refusal>,
  ): void {
    let last: Promise<unknown> = Promise.resolve();
    session.socket.on(name, (message: unknown, answered: unknown) => {
      const answer =
        typeof answered === 'function' ? (answered as (one: Answer) => void) : undefined;
      last = last.then(async () => {
        if (session.hasEnded) return;
        try {
          const done = validate(schema, message ?? null) ?? (await take(message as Static<Schema>));
          answer?.(isRefusal(done) ? { ok: false, error: errorOf(done) } : { ok: true, ...done });
        } catch (error) {
          this.log(error);
          answer?.({ ok: false, error: errorOf(failed) });
        }
      });
    });
  }

  /** Asks for the caller again and again; nobody listens on after the session has ended. */
  private checkLater(session: Session): void {
    // Those who came at once are not checked at once.
    const wait = this.limits.checkMs * (0.8 + 0.2 * Math.random());
    const timer = setTimeout(() => {
      this.check(session)
        .catch(this.log)
        .finally(() => {
          if (!session.hasEnded) this.checkLater(session);
        });
    }, wait).unref();
    session.socket.once('disconnect', () => clearTimeout(timer));
  }

  private async check(session: Session): Promise<void> {
    const caller = await this.callers.callerOf(session.asked);
    if (isRefusal(caller)) return session.end('UNAUTHENTICATED', caller.details);
    await session.renew(caller);
    await this.lookers.check(session);
    session.tellPosition();
  }
}

function isForSockets({ url = '' }: IncomingMessage): boolean {
  const path = url.split('?', 1)[0]!;
  return path === SOCKET_PATH || path === `${SOCKET_PATH}/`;
}

function isPosition(text: string): boolean {
  try {
    parsePosition(text);
    return true;
  } catch {
    return false;
  }
}

const sessionOf = (socket: { readonly data: unknown }) => socket.data as Session | undefined;

/** The handshake as a request that can be asked for its caller. */
function askedBy(socket: ClientSocket, proxies: readonly string[]): FastifyRequest {
  const { auth, headers, address } = socket.handshake;
  const token: unknown = auth['token'];
  const ip = addressBehind(address, headers['x-forwarded-for'], proxies);
  const agent = headers['user-agent'];
  return {
    id: uuidv7(),
    ip,
    headers: {
      ...(typeof token === 'string' ? { authorization: `Bearer ${token}` } : {}),
      ...(agent ? { 'user-agent': agent } : {}),
    },
  } as FastifyRequest;
}
