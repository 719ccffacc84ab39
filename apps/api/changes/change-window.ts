import { comparePositions } from '#platform/event-store/port';
import type { Change } from './change.js';

/** Changes a process keeps for those who come back, or who fell behind. */
export const KEPT_CHANGES = 20_000;

/** A piece of the window: changes of one tenant, and where whoever has them stands then. */
export interface WindowPage {
  readonly changes: readonly Change[];
  readonly cursor: number;
  readonly position: string;
}

/**
 * The newest changes of all tenants, in the order of the log. A cursor counts changes: it says how
 * many of the window, from its very first on, somebody has seen.
 */
export class ChangeWindow {
  private changes: Change[] = [];
  /** Cursor of those who have seen none of `changes`. */
  private start = 0;
  private before: string;
  private reached: string;

  constructor(position: string) {
    this.before = position;
    this.reached = position;
  }

  /** Everything after this position is kept. */
  get from(): string {
    return this.before;
  }

  /** How far the log was read. */
  get position(): string {
    return this.reached;
  }

  /** Cursor of those who have seen everything. */
  get end(): number {
    return this.start + this.changes.length;
  }

  /** Adds what follows, up to a position. */
  add(changes: readonly Change[], position: string): void {
    this.changes.push(...changes);
    this.reached = position;
    // A little at a time would move the whole array every time.
    const over = this.changes.length - KEPT_CHANGES;
    if (over < KEPT_CHANGES / 10) return;
    this.before = this.changes[over - 1]!.position;
    this.changes = this.changes.slice(over);
    this.start += over;
  }

  /** Adds everything between an earlier position and `from`. */
  prepend(changes: readonly Change[], from: string): void {
    this.changes = [...changes, ...this.changes];
    this.start -= changes.length;
    this.before = from;
  }

  /** The cursor of somebody who has seen everything up to a position; undefined before `from`. */
  cursorAt(position: string): number | undefined {
    if (comparePositions(position, this.from) < 0) return undefined;
    let [low, high] = [0, this.changes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comparePositions(this.changes[middle]!.position, position) <= 0) low = middle + 1;
      else high = middle;
    }
    return this.start + low;
  }

  /** What a tenant's listener has not seen, oldest first; undefined where some was forgotten. */
  after(cursor: number, tenantId: string, limit: number): WindowPage | undefined {
    if (cursor < this.start) return undefined;
    const changes: Change[] = [];
    for (let at = cursor - this.start; at < this.changes.length; at++) {
      const change = this.changes[at]!;
      if (change.tenantId !== tenantId) continue;
      changes.push(change);
      if (changes.length === limit) {
        return { changes, cursor: this.start + at + 1, position: change.position };
      }
    }
    return { changes, cursor: this.end, position: this.reached };
  }
}
