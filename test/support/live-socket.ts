import { createRequire } from 'node:module';
import type * as client from 'socket.io-client';
import type {
  Answer,
  ChangeMessage,
  ClientMessages,
  PresenceMessage,
  ServerMessages,
  Watched,
} from '#apps/api/sockets/protocol';

// Jest never comes to the end of linking the client's circular ES modules.
const { io } = createRequire(import.meta.url)('socket.io-client') as typeof client;

/** Opens a WebSocket to `/ws`, which comes back only when it is asked to. */
export function connectTo(
  url: string,
  token?: string,
  headers: Readonly<Record<string, string>> = {},
): client.Socket<ServerMessages, ClientMessages> {
  return io(url, {
    path: '/ws',
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    auth: token === undefined ? {} : { token },
    extraHeaders: { ...headers },
  });
}

/** A client of `/ws` that writes down what it hears. */
export interface LiveSocket {
  readonly socket: client.Socket<ServerMessages, ClientMessages>;
  /** Changes so far, oldest first. */
  readonly changes: readonly ChangeMessage[];
  readonly presence: readonly PresenceMessage[];
  /** Other messages by name, each with its content. */
  readonly heard: readonly { readonly name: string; readonly message: any }[];
  /** The last position. */
  readonly position: string;
  watch(what: readonly Watched[], after?: string): Promise<any>;
  look(at?: { type: string; id: string; edits?: boolean }): Promise<Answer>;
  close(): void;
}

export interface ConnectOptions {
  readonly origin?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Connects with a token; rejects with what the server says where it may not. */
export async function liveSocket(
  url: string,
  token?: string,
  { origin, headers = {} }: ConnectOptions = {},
): Promise<LiveSocket> {
  const socket = connectTo(url, token, { ...headers, ...(origin ? { origin } : {}) });
  const changes: ChangeMessage[] = [];
  const presence: PresenceMessage[] = [];
  const heard: { name: string; message: unknown }[] = [];
  const state = { position: '' };
  socket.on('changes', (message) => {
    changes.push(...message.changes);
    state.position = message.position;
  });
  socket.on('presence', (message) => presence.push(message));
  for (const name of ['notification:new', 'resync', 'dropped', 'end'] as const) {
    socket.on(name, (message: unknown) => heard.push({ name, message }));
  }
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', (error) => {
      socket.close();
      const { data } = error as Error & { data?: { code: string } };
      reject(new Error(data?.code ?? error.message));
    });
  });
  return {
    socket,
    changes,
    presence,
    heard,
    get position() {
      return state.position;
    },
    watch: async (what, after) => {
      const message = { what: [...what], ...(after === undefined ? {} : { after }) };
      const answer = (await socket.timeout(20_000).emitWithAck('watch', message)) as any;
      if (answer.ok && state.position === '') state.position = answer.position;
      return answer;
    },
    look: (at) => socket.timeout(20_000).emitWithAck('look', at ?? {}) as Promise<Answer>,
    close: () => void socket.close(),
  };
}

/** Waits until something holds; rejects with `what` after twenty seconds. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  milliseconds = 20_000,
): Promise<void> {
  for (const end = Date.now() + milliseconds; ;) {
    if (await holds()) return;
    if (Date.now() > end) throw new Error(`${what} within ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
