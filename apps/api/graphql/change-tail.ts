import type { Actor } from '#kernel/context';
import type { EventMeta } from '#kernel/event';
import type { StoredEvent } from '#platform/event-store/port';
import type { Platform } from '#platform/platform';

/** A record changed: enough to decide whether to read it again, and nothing it says. */
export interface Change {
  readonly tenantId: string;
  /** Type of the record. */
  readonly type: string;
  readonly id: string;
  readonly action: string;
  readonly revision: number;
  readonly position: string;
  readonly occurredAt: string;
  readonly actor: Actor;
}

export type Listener = (change: Change) => void;

const BATCH = 500;
const PAUSE_MS = { least: 20, most: 1_000 };

/**
 * Follows the log from now on and tells everybody who listens in the tenant of each event; one
 * tail serves the whole process, and runs only while somebody listens. It reads the log itself, so
 * it does not matter which process wrote.
 */
export class ChangeTail {
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly actions: ReadonlyMap<string, string>;
  private readonly records: ReadonlyMap<string, string>;
  private running: { readonly ready: Promise<void>; readonly stop: AbortController } | undefined;

  constructor(
    private readonly platform: Pick<Platform, 'store' | 'wakeUp' | 'registry'>,
    private readonly log: (error: unknown) => void = () => undefined,
  ) {
    const { events, readModels } = platform.registry.product;
    this.actions = new Map(events.map(({ type, action }) => [type, action]));
    this.records = new Map(readModels.map(({ category, record }) => [category, record]));
  }

  /** Listens to a tenant; resolves once nothing that is appended afterwards can be missed. */
  async listen(tenantId: string, listener: Listener): Promise<() => void> {
    const own = this.listeners.get(tenantId) ?? new Set<Listener>();
    this.listeners.set(tenantId, own.add(listener));
    const leave = () => {
      own.delete(listener);
      if (own.size === 0 && this.listeners.get(tenantId) === own) this.listeners.delete(tenantId);
      if (this.listeners.size === 0) this.close();
    };
    try {
      await (this.running ??= this.start()).ready;
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  close(): void {
    this.running?.stop.abort();
    this.running = undefined;
  }

  private start() {
    const stop = new AbortController();
    const head = this.platform.store.head();
    head.then(
      (position) => this.follow(position, stop.signal),
      () => this.running?.stop === stop && this.close(),
    );
    return { ready: head.then(() => undefined), stop };
  }

  private async follow(from: string, stop: AbortSignal): Promise<void> {
    const { store, wakeUp } = this.platform;
    let after = from;
    let pause: number = PAUSE_MS.least;
    while (!stop.aborted) {
      try {
        const page = await store.readFeed({ after, limit: BATCH });
        if (stop.aborted) return;
        for (const event of page.events) this.tell(event);
        after = page.position;
        if (page.events.length > 0) {
          pause = PAUSE_MS.least;
          continue;
        }
      } catch (error) {
        this.log(error);
        pause = PAUSE_MS.most;
      }
      const started = Date.now();
      await wakeUp.wait(pause, stop);
      // Woken: what was appended may become visible a moment later.
      const woken = Date.now() - started < pause - 1;
      pause = woken ? PAUSE_MS.least : Math.min(pause * 2, PAUSE_MS.most);
    }
  }

  private tell(event: StoredEvent): void {
    const listeners = this.listeners.get(event.tenantId);
    if (!listeners) return;
    const dash = event.streamId.indexOf('-');
    const type = this.records.get(event.streamId.slice(0, dash));
    if (!type) return;
    const change: Change = {
      tenantId: event.tenantId,
      type,
      id: event.streamId.slice(dash + 1),
      action: this.actions.get(event.type) ?? 'updated',
      revision: event.version,
      position: event.position,
      occurredAt: event.occurredAt.toISOString(),
      actor: (JSON.parse(event.meta) as EventMeta).actor,
    };
    for (const listener of listeners) listener(change);
  }
}
