import {
  createConnection,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';

/** What a connection through the proxy suffers. */
export interface Trouble {
  /** Milliseconds each piece of data waits, in both directions. */
  readonly latency?: number;
  /** Data goes out in pieces of at most so many bytes. */
  readonly slice?: number;
  /** Nothing passes in either direction, and nobody is told. */
  readonly partition?: boolean;
  /** The other side's answers are lost, and nobody is told: what is sent still arrives. */
  readonly mute?: boolean;
}

/** Something between a client and its server that behaves badly when it is told to. */
export interface TcpProxy {
  readonly port: number;
  /** From now on, for present and future connections; nothing ends all trouble. */
  suffer(trouble?: Trouble): void;
  /** Resets every connection, and refuses new ones until trouble is told anew. */
  cut(): void;
  /** Resets every connection; new ones are taken. */
  reset(): void;
  /**
   * Swallows the answer to the next request whose bytes contain the text, then resets its
   * connection: what was asked is done and nobody learns of it. Resolves when that has happened.
   */
  loseAnswerTo(text: string): Promise<void>;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Told when the answer to what was just asked has been lost. */
  doomed: (() => void) | undefined;
}

/** A proxy on a free port of loopback. */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let trouble: Trouble = {};
  let refusing = false;
  let wanted: { readonly text: Buffer; readonly lost: () => void } | undefined;

  const end = (pair: Pair) => {
    pairs.delete(pair);
    pair.client.resetAndDestroy();
    pair.server.resetAndDestroy();
  };
  const pass = (pair: Pair, from: Socket, to: Socket, data: Buffer) => {
    const { latency = 0, slice = data.length, partition, mute } = trouble;
    if (partition || (mute && from === pair.server)) return;
    const send = () => {
      for (let at = 0; at < data.length; at += slice) {
        if (to.writable) to.write(data.subarray(at, at + slice));
      }
    };
    // Timers of one length fire in the order they were set, so nothing overtakes.
    if (latency > 0) setTimeout(send, latency);
    else send();
  };
  const asked = (pair: Pair, data: Buffer) => {
    if (!wanted || !data.includes(wanted.text)) return;
    pair.doomed = wanted.lost;
    wanted = undefined;
  };
  const answered = (pair: Pair): boolean => {
    if (!pair.doomed) return false;
    end(pair);
    pair.doomed();
    return true;
  };

  const server: Server = createServer((client) => {
    if (refusing) return client.resetAndDestroy();
    const upstream = createConnection(target);
    const pair: Pair = { client, server: upstream, doomed: undefined };
    pairs.add(pair);
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (!trouble.partition && !trouble.mute) end(pair);
      });
    }
    client.on('data', (data) => {
      asked(pair, data);
      pass(pair, client, upstream, data);
    });
    upstream.on('data', (data) => {
      if (!answered(pair)) pass(pair, upstream, client, data);
    });
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const reset = () => {
    for (const pair of [...pairs]) end(pair);
  };
  return {
    port: (server.address() as AddressInfo).port,
    suffer: (next = {}) => {
      refusing = false;
      trouble = next;
    },
    reset,
    cut: () => {
      refusing = true;
      reset();
    },
    loseAnswerTo: (text) =>
      new Promise((lost) => {
        wanted = { text: Buffer.from(text), lost };
      }),
    close: async () => {
      reset();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
