import type { AllStreamSubscription } from '@kurrent/kurrentdb-client';
import { LogUnavailableError, within } from './errors.js';
import type { ServerEvent, ServerPosition } from './records.js';
import type { KurrentDbServer } from './server.js';

const CLOSE_MS = 2_000;

/** What was taken from a subscription: events in order, and how far it looked beyond them. */
export interface Taken {
  readonly events: readonly ServerEvent[];
  /** Nothing of ours lies between the last event and here. */
  readonly passed: ServerPosition | undefined;
}

/**
 * One subscription until it ends, however it ends. Events wait in a bounded buffer: while nobody
 * takes them, nothing more is read from the server.
 */
export class Subscription {
  private readonly stream: AllStreamSubscription;
  private passed: ServerPosition | undefined;
  failure: Error | undefined;
  private wake: (() => void) | undefined;

  constructor(server: KurrentDbServer, after: ServerPosition | undefined, buffered: number) {
    this.stream = server.subscribe(after, buffered, (position) => {
      this.passed = position;
      this.wake?.();
    });
    this.stream.on('error', (error: Error) => this.fail(error));
    for (const end of ['end', 'close'] as const) {
      this.stream.on(end, () => this.fail(new LogUnavailableError('the subscription ended')));
    }
    this.stream.on('readable', () => this.wake?.());
  }

  fail(error: Error): void {
    this.failure ??= error;
    this.wake?.();
  }

  /** Everything that has arrived, up to the limits. */
  take(count: number, characters: number): Taken {
    // Noted before: what the stream still buffers comes before it.
    const { passed } = this;
    const events: ServerEvent[] = [];
    for (let size = 0; events.length < count && size < characters;) {
      const resolved = this.stream.read() as { event?: ServerEvent } | null;
      if (resolved === null) {
        this.passed = this.passed === passed ? undefined : this.passed;
        return { events, passed };
      }
      if (!resolved.event) continue;
      events.push(resolved.event);
      size += (resolved.event.data as Uint8Array).length;
    }
    return { events, passed: undefined };
  }

  /** Waits until there is more to take or the subscription has ended, or for the time to pass. */
  async more(milliseconds: number): Promise<void> {
    if (this.failure || this.stream.readableLength > 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      timer = setTimeout(resolve, milliseconds);
    });
    clearTimeout(timer);
    this.wake = undefined;
  }

  async close(): Promise<void> {
    // The client cancels the call; nothing else ends it.
    await within(this.stream.unsubscribe(), CLOSE_MS, 'unsubscribe').catch(() => undefined);
    this.stream.destroy();
  }
}
