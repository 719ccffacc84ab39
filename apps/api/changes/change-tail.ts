import type { EventMeta } from '#kernel/event';
import { comparePositions, parsePosition, type StoredEvent } from '#platform/event-store/port';
import type { Platform } from '#platform/platform';
import type { Change } from './change.js';
import { ChangeWindow } from './change-window.js';

export type Listener = (change: Change) => void;

const BATCH = 500;
const PAUSE_MS = { least: 20, most: 1_000 };
/** Events that are read again for somebody who comes back; whoever was away longer starts anew. */
const READ_BACK = 10_000;
/** How long this process may be behind another one of the same log. */
const REACH_MS = 5_000;

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
  private recent: ChangeWindow | undefined;
  private readingBack: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly platform: Pick<Platform, 'store' | 'wakeUp' | 'registry'>,
    private readonly log: (error: unknown) => void = () => undefined,
  ) {
    const { events, readModels } = platform.registry.product;
    this.actions = new Map(events.map(({ type, action }) => [type, action]));
    this.records = new Map(readModels.map(({ category, record }) => [category, record]));
  }

  /** The newest changes, while somebody listens. */
  get window(): ChangeWindow {
    if (!this.recent) throw new Error('nobody listens to the log');
    return this.recent;
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

  /**
   * The cursor of somebody who has seen everything up to a position of this log. Undefined where
   * that is too long ago, or the log never was there.
   */
  async cursorAt(position: string): Promise<number | undefined> {
    const { window } = this;
    if (parsePosition(position).epoch !== parsePosition(window.position).epoch) return undefined;
    if (comparePositions(position, window.position) > 0) {
      // Seen through another process that was quicker.
      if (comparePositions(position, await this.platform.store.head()) > 0) return undefined;
      for (const until = Date.now() + REACH_MS; Date.now() < until;) {
        if (comparePositions(position, window.position) <= 0) break;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS.least));
      }
      if (comparePositions(position, window.position) > 0) return undefined;
    }
    const known = window.cursorAt(position);
    if (known !== undefined) return known;
    // One after the other: what was read for one serves all who come after it.
    const read = this.readingBack.then(() => this.readBack(window, position));
    this.readingBack = read.catch(() => undefined);
    await read;
    return window.cursorAt(position);
  }

  close(): void {
    this.running?.stop.abort();
    this.running = undefined;
    this.recent = undefined;
  }

  private start() {
    const stop = new AbortController();
    const ready = this.platform.store.head().then((position) => {
      if (stop.signal.aborted) return;
      this.recent = new ChangeWindow(position);
      void this.follow(position, this.recent, stop.signal);
    });
    ready.catch(() => this.running?.stop === stop && this.close());
    return { ready, stop };
  }

  private async follow(from: string, window: ChangeWindow, stop: AbortSignal): Promise<void> {
    const { store, wakeUp } = this.platform;
    let after = from;
    let pause: number = PAUSE_MS.least;
    while (!stop.aborted) {
      try {
        const page = await store.readFeed({ after, limit: BATCH });
        if (stop.aborted) return;
        const changes = page.events.flatMap((event) => this.changeOf(event) ?? []);
        window.add(changes, page.position);
        for (const change of changes) this.tell(change);
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

  /** Widens the window back to a position, unless that is too far. */
  private async readBack(window: ChangeWindow, position: string): Promise<void> {
    const to = window.from;
    if (comparePositions(position, to) >= 0) return;
    const found: Change[] = [];
    for (let [after, looked] = [position, 0]; looked < READ_BACK;) {
      const page = await this.platform.store.readFeed({ after, limit: BATCH });
      const events = page.events.filter((event) => comparePositions(event.position, to) <= 0);
      found.push(...events.flatMap((event) => this.changeOf(event) ?? []));
      looked += page.events.length;
      after = page.position;
      if (page.caughtUp || comparePositions(after, to) >= 0) {
        // What was forgotten meanwhile would be missing in between.
        if (window.from === to) window.prepend(found, position);
        return;
      }
    }
  }

  private changeOf(event: StoredEvent): Change | undefined {
    const dash = event.streamId.indexOf('-');
    const type = this.records.get(event.streamId.slice(0, dash));
    if (!type) return undefined;
    return {
      tenantId: event.tenantId,
      type,
      id: event.streamId.slice(dash + 1),
      action: this.actions.get(event.type) ?? 'updated',
      event: event.type,
      revision: event.version,
      position: event.position,
      occurredAt: event.occurredAt.toISOString(),
      actor: (JSON.parse(event.meta) as EventMeta).actor,
    };
  }

  private tell(change: Change): void {
    for (const listener of this.listeners.get(change.tenantId) ?? []) listener(change);
  }
}
