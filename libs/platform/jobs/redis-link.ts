import { Redis } from 'ioredis';
import { UnsafeDatabaseError } from '../postgres/boot-checks.js';
import type { QueueHealth } from './queue.js';

export interface RedisLinkOptions {
  readonly url: string;
  readonly allowUnsafeDurability: boolean;
  readonly log?: (problem: { readonly message: string; readonly error?: unknown }) => void;
}

/** A command of a producer takes no longer: whoever waits has better things to do. */
const COMMAND_MS = 1_000;
const CONNECT_MS = 2_000;
const PROBE_MS = 1_000;
/** Longer than a worker ever blocks; a connection that says nothing for so long is broken. */
const SILENT_MS = 15_000;

/** Pauses between attempts to connect, forever. */
const retryStrategy = (attempt: number) => Math.min(attempt * 200, 2_000);

/**
 * The connection of producers: it fails fast, and knows whether Redis can be used at present. What
 * connects again is inspected again, because it may be another server, or one with other settings.
 */
export class RedisLink {
  readonly client: Redis;
  private state: 'usable' | 'away' | 'unsafe' = 'away';
  private unsafe: readonly string[] = [];
  private readonly probe: NodeJS.Timeout;
  private probing = false;

  private constructor(private readonly options: RedisLinkOptions) {
    this.client = new Redis(options.url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      commandTimeout: COMMAND_MS,
      connectTimeout: CONNECT_MS,
      socketTimeout: SILENT_MS,
      retryStrategy,
    });
    // Without a listener an error would be printed; what matters is told when the state changes.
    this.client.on('error', () => undefined);
    this.client.on('close', () => this.lost(new Error('the connection was closed')));
    this.probe = setInterval(() => void this.look(), PROBE_MS).unref();
  }

  /**
   * Connects and inspects the server. One that cannot be reached is waited for, without it the
   * table serves. @throws UnsafeDatabaseError for one that may lose what it was given.
   */
  static async open(options: RedisLinkOptions): Promise<RedisLink> {
    const link = new RedisLink(options);
    try {
      await link.client.connect();
      await link.inspect();
    } catch (error) {
      link.tell('cannot be reached; the table of jobs serves meanwhile', error);
    }
    if (link.state !== 'unsafe') return link;
    link.close();
    throw new UnsafeDatabaseError(
      `Redis runs with ${link.unsafe.join(', ')}, so jobs may be lost. Set appendonly yes, ` +
        'appendfsync everysec or always and maxmemory-policy noeviction (CONFIG GET has to be ' +
        'allowed), or set ALLOW_UNSAFE_DURABILITY=true for throw-away data.',
    );
  }

  /** Options for the connections of a worker, which wait as long as it takes. */
  get waiting() {
    const { url } = this.options;
    return { url, maxRetriesPerRequest: null, socketTimeout: SILENT_MS, retryStrategy };
  }

  get usable(): boolean {
    return this.state === 'usable';
  }

  health(): QueueHealth {
    const { state, unsafe } = this;
    return {
      backend: 'redis',
      status: state === 'usable' ? 'healthy' : 'degraded',
      ...(state === 'away' ? { problem: 'Redis cannot be reached; the table serves.' } : {}),
      ...(state === 'unsafe' ? { problem: 'Redis may lose jobs; the table serves.' } : {}),
      ...(unsafe.length > 0 ? { unsafe_durability: unsafe } : {}),
    };
  }

  /** Something failed: Redis is left alone until it answers again. */
  lost(error: unknown): void {
    if (this.state !== 'usable') return;
    this.state = 'away';
    this.tell('is away; the table of jobs serves meanwhile', error);
  }

  close(): void {
    clearInterval(this.probe);
    this.client.removeAllListeners('close');
    this.client.disconnect();
  }

  private async look(): Promise<void> {
    if (this.usable || this.probing || this.client.status !== 'ready') return;
    this.probing = true;
    const before = this.state;
    try {
      await this.inspect();
      if (this.state !== before) this.tell(this.usable ? 'is back' : 'may lose jobs', undefined);
    } catch {
      // Still away; the next look tells.
    } finally {
      this.probing = false;
    }
  }

  private async inspect(): Promise<void> {
    this.unsafe = await unsafeSettings(this.client);
    const bad = this.unsafe.length > 0 && !this.options.allowUnsafeDurability;
    this.state = bad ? 'unsafe' : 'usable';
  }

  /** Names the server without the password its URL may hold. */
  private tell(what: string, error: unknown): void {
    const { host } = new URL(this.options.url);
    this.options.log?.({ message: `Redis ${host} ${what}`, ...(error ? { error } : {}) });
  }
}

const SAFE: Readonly<Record<string, readonly string[]>> = {
  appendonly: ['yes'],
  appendfsync: ['always', 'everysec'],
  'maxmemory-policy': ['noeviction'],
};

/** Settings under which Redis may lose or throw away what it holds; one it hides counts as such. */
async function unsafeSettings(client: Redis): Promise<readonly string[]> {
  const known = new Map<string, string>();
  for (const name of Object.keys(SAFE)) {
    try {
      const [, value] = (await client.config('GET', name)) as string[];
      if (value !== undefined) known.set(name, value);
    } catch (error) {
      // Refused by the server; anything else means that it cannot be asked now.
      if ((error as Error).name !== 'ReplyError') throw error;
    }
  }
  return Object.entries(SAFE)
    .filter(([name, values]) => !values.includes(known.get(name) ?? ''))
    .map(([name]) => `${name} ${known.get(name) ?? 'unknown'}`);
}
