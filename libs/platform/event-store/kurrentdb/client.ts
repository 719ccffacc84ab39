import type { KurrentDBClient } from '@kurrent/kurrentdb-client';
import { explained, LogRefusedError, within } from './errors.js';

/** What the server can do, asked once. */
export interface Capabilities {
  readonly version: string;
  /** Several streams in one append: 25.1 and newer. */
  readonly severalStreams: boolean;
  /** Several streams, and others that are only checked: 26.1 and newer. */
  readonly checks: boolean;
}

const CONNECT_MS = 8_000;
const SERVICE = '/kurrentdb.protocol.v2.streams.StreamsService';

/** The client's own notion of what a server can do, which it does not make public. */
interface Features {
  readonly serverVersion: string;
  supports(method: { readonly path: string }): boolean;
}

interface Inside {
  readonly capabilities: Promise<Features>;
  getChannel(): Promise<{ close(): void }>;
}

/** The client's package, loaded when a server is configured. Throws {@link LogRefusedError}. */
async function loadClient() {
  try {
    const loaded = await import('@kurrent/kurrentdb-client');
    // CommonJS: everything is in the default export as well.
    return loaded.default;
  } catch (error) {
    throw new LogRefusedError(
      'KURRENTDB_URL needs a package that is not installed: ' +
        `npm install @kurrent/kurrentdb-client@1.3.1 (${(error as Error).message})`,
    );
  }
}

/** Host and port, without what else the URL may hold. */
export function hostsOf(url: string): string {
  return url
    .replace(/^[^:]*:\/\//, '')
    .replace(/^[^/?]*@/, '')
    .replace(/[/?].*$/s, '');
}

/**
 * A client of the server, which was asked what it can do; `tried` is done with it before it is
 * handed out. Throws {@link LogUnavailableError} within ten seconds, or {@link LogRefusedError}.
 */
export async function connected<T>(
  url: string,
  tried: (client: KurrentDBClient, can: Capabilities) => Promise<T>,
): Promise<T> {
  const { KurrentDBClient } = await loadClient();
  let client: KurrentDBClient;
  try {
    client = KurrentDBClient.connectionString(url);
  } catch (error) {
    throw new LogRefusedError(`KURRENTDB_URL is not right: ${(error as Error).message}`);
  }
  const connecting = async () => {
    const features = await (client as unknown as Inside).capabilities;
    const supports = (method: string) => features.supports({ path: `${SERVICE}/${method}` });
    return tried(client, {
      version: features.serverVersion,
      severalStreams: supports('AppendSession'),
      checks: supports('AppendRecords'),
    });
  };
  try {
    return await within(connecting(), CONNECT_MS, 'answer');
  } catch (error) {
    await disposed(client);
    const problem = explained(error) as Error;
    problem.message = `The log at ${hostsOf(url)}: ${problem.message}`;
    throw problem;
  }
}

/** Ends a client and its connection, which the client itself leaves open. */
export async function disposed(client: KurrentDBClient): Promise<void> {
  const ended = async () => {
    await client.dispose();
    const channel = await (client as unknown as Inside).getChannel();
    channel.close();
  };
  await within(ended(), 2_000, 'close').catch(() => undefined);
}
