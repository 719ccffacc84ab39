/** A client of the graphql-transport-ws protocol, as small as a spec needs it. */
export interface GraphqlSocket {
  /** Sends `connection_init`; resolves with the type of the answer, or `closed <code>`. */
  init(payload?: object): Promise<string>;
  subscribe(query: string, variables?: object): Subscription;
  /** Sends any message. */
  send(message: unknown): void;
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  close(): void;
}

export interface Subscription {
  /** The next payload; rejects after `milliseconds` without one. */
  next(milliseconds?: number): Promise<Payload>;
  complete(): void;
}

// What is in a payload depends on the subscription of the spec.
type Payload = any;

interface Message {
  readonly type?: string;
  readonly id?: string;
  readonly payload?: Payload;
}

/** Values that are waited for, in the order in which they come. */
class Inbox {
  private readonly values: Payload[] = [];
  private readonly waiting: ((value: Payload) => void)[] = [];

  add(value: Payload): void {
    const waiting = this.waiting.shift();
    if (waiting) waiting(value);
    else this.values.push(value);
  }

  next(milliseconds = 20_000): Promise<Payload> {
    if (this.values.length > 0) return Promise.resolve(this.values.shift());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(take), 1);
        reject(new Error(`nothing came within ${milliseconds} ms`));
      }, milliseconds);
      const take = (value: Payload) => {
        clearTimeout(timer);
        resolve(value);
      };
      this.waiting.push(take);
    });
  }
}

/** Connects to `ws(s)://…/graphql`, as a page of `origin` when there is one. */
export async function graphqlSocket(url: string, origin?: string): Promise<GraphqlSocket> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), {
    protocols: 'graphql-transport-ws',
    ...(origin ? { headers: { origin } } : {}),
  });
  const connection = new Inbox();
  const inboxes = new Map<string, Inbox>();
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener('close', ({ code }) => {
      connection.add(`closed ${code}`);
      resolve(code);
    });
  });
  socket.addEventListener('message', ({ data }) => {
    const { type, id, payload } = JSON.parse(String(data)) as Message;
    if (id === undefined) connection.add(type);
    else inboxes.get(id)?.add(type === 'next' ? payload : { type, payload });
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('the connection was refused')));
  });
  const send = (message: unknown) => socket.send(JSON.stringify(message));
  return {
    closed,
    send,
    init: (payload) => {
      send({ type: 'connection_init', ...(payload ? { payload } : {}) });
      return connection.next() as Promise<string>;
    },
    subscribe: (query, variables) => {
      const id = String(inboxes.size + 1);
      const inbox = new Inbox();
      inboxes.set(id, inbox);
      send({ id, type: 'subscribe', payload: { query, ...(variables ? { variables } : {}) } });
      return {
        next: (milliseconds) => inbox.next(milliseconds),
        complete: () => send({ id, type: 'complete' }),
      };
    },
    close: () => socket.close(),
  };
}
