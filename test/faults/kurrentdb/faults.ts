import { setTimeout as pause } from 'node:timers/promises';
import type { FailureKind } from './errors.js';

/** What a client may ask of the server. */
export type Method = 'append' | 'transaction' | 'read' | 'subscribe' | 'delete' | 'info';

export interface FailOptions {
  /** Only calls of this kind; without it every call but those about the server itself. */
  readonly method?: Method;
  /** An append is stored before its answer fails. */
  readonly stored?: boolean;
}

export interface CutOptions {
  /** Cuts once so many further events have been sent to readers. */
  readonly afterEvents?: number;
  /** Cuts once the next append has been stored, before it is answered. */
  readonly stored?: boolean;
}

export interface Failure {
  readonly kind: FailureKind;
  readonly stored: boolean;
}

interface Planned extends FailOptions {
  readonly kind: FailureKind;
  left: number;
}

/** What goes wrong next, as a spec has ordered it. */
export class Faults {
  readonly calls: Record<Method, number> = {
    append: 0,
    transaction: 0,
    read: 0,
    subscribe: 0,
    delete: 0,
    info: 0,
  };
  /** How often every connection was cut. */
  cuts = 0;
  eventsSent = 0;
  private delay = 0;
  private slow: Method | undefined;
  private planned: Planned[] = [];
  private untilCut: number | undefined;
  private cutStored = false;

  constructor(private readonly reset: () => void) {}

  late(ms: number, method?: Method): void {
    this.delay = ms;
    this.slow = method;
  }

  fail(kind: FailureKind, times: number, options: FailOptions): void {
    this.planned.push({ kind, left: times, ...options });
  }

  cut({ afterEvents, stored }: CutOptions): void {
    if (afterEvents !== undefined) this.untilCut = afterEvents;
    if (stored) this.cutStored = true;
    if (afterEvents === undefined && !stored) this.disconnect();
  }

  private disconnect(): void {
    this.cuts += 1;
    this.reset();
  }

  /** Forgets what was ordered and has not happened. */
  clear(): void {
    this.delay = 0;
    this.planned = [];
    this.untilCut = undefined;
    this.cutStored = false;
  }

  /** Counts a call and says what it shall fail with. */
  take(method: Method): Failure | undefined {
    this.calls[method] += 1;
    const meant = this.planned.find((one) => (one.method ?? anyOf(method)) === method);
    if (!meant) return undefined;
    meant.left -= 1;
    if (meant.left <= 0) this.planned = this.planned.filter((one) => one !== meant);
    return { kind: meant.kind, stored: meant.stored ?? false };
  }

  /** Waits as long as answers are ordered to be late. */
  async wait(method: Method): Promise<void> {
    if (this.delay > 0 && (this.slow ?? method) === method)
      await pause(this.delay, undefined, { ref: false });
  }

  /** An append was stored; says whether the connection was cut for it. */
  stored(): boolean {
    if (!this.cutStored) return false;
    this.cutStored = false;
    this.disconnect();
    return true;
  }

  /** An event was sent. */
  sent(): void {
    this.eventsSent += 1;
    if (this.untilCut === undefined) return;
    this.untilCut -= 1;
    if (this.untilCut > 0) return;
    this.untilCut = undefined;
    this.disconnect();
  }
}

const anyOf = (method: Method): Method | undefined => (method === 'info' ? undefined : method);
