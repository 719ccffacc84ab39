import { EventEmitter, once } from 'node:events';
import pg from 'pg';

/** What is told: something is in the log, a job waits, keys changed, somebody looks or left. */
const TOPICS = ['appended', 'jobs', 'keys', 'presence'] as const;
export type Topic = (typeof TOPICS)[number];

const channelOf = (topic: Topic) => `clientforge_${topic}`;
const COALESCE_MS = 30;

/**
 * Tells processors that something was appended: at once within the process, and through one
 * coalescing notifier connection to other processes. Losing a signal only costs latency, because
 * every processor also polls.
 */
export class WakeUp {
  private readonly events = new EventEmitter().setMaxListeners(0);
  private client: pg.Client | undefined;
  private pending: NodeJS.Timeout | undefined;
  /** What was committed and other processes have not been told yet. */
  private readonly unsaid = new Set<Topic>();
  private closed = false;

  /** Connects the notifier; without a URL signals stay within the process. */
  async connect(url: string): Promise<void> {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'clientforge-wake-up',
    });
    client.on('notification', ({ channel }) => {
      this.events.emit(TOPICS.find((topic) => channelOf(topic) === channel) ?? 'appended');
    });
    client.on('error', () => this.reconnect(url));
    client.on('end', () => this.reconnect(url));
    await client.connect();
    await client.query(TOPICS.map((topic) => `LISTEN ${channelOf(topic)}`).join('; '));
    this.client = client;
  }

  private reconnect(url: string): void {
    if (this.closed || !this.client) return;
    this.client = undefined;
    setTimeout(() => {
      if (!this.closed) this.connect(url).catch(() => this.reconnectLater(url));
    }, 1000).unref();
  }

  private reconnectLater(url: string): void {
    setTimeout(() => {
      if (!this.closed) this.connect(url).catch(() => this.reconnectLater(url));
    }, 5000).unref();
  }

  /** Calls back at every signal, this process's own included. */
  on(topic: Topic, told: () => void): void {
    this.events.on(topic, told);
  }

  /** Something was committed by this process. */
  signal(topic: Topic = 'appended'): void {
    this.events.emit(topic);
    this.unsaid.add(topic);
    if (this.client && !this.pending) this.notifySoon();
  }

  private notifySoon(): void {
    this.pending = setTimeout(() => {
      const text = [...this.unsaid].map((topic) => `NOTIFY ${channelOf(topic)}`).join('; ');
      this.unsaid.clear();
      const said = this.client?.query(text) ?? Promise.resolve();
      // One at a time: what is committed meanwhile is told by the next one.
      void said
        .catch(() => undefined)
        .then(() => {
          this.pending = undefined;
          if (this.unsaid.size > 0 && this.client) this.notifySoon();
        });
    }, COALESCE_MS);
    this.pending.unref();
  }

  /** Waits for a signal, or for the time to pass; answers whether it was a signal. */
  async wait(
    milliseconds: number,
    abort?: AbortSignal,
    topic: Topic = 'appended',
  ): Promise<boolean> {
    const timer = AbortSignal.timeout(milliseconds);
    const signal = abort ? AbortSignal.any([timer, abort]) : timer;
    return once(this.events, topic, { signal }).then(
      () => true,
      () => false,
    );
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.pending);
    const { client } = this;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }
}
