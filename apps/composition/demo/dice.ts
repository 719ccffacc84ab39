const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Chance that repeats: the same seed gives the same answers in the same order. */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** A number from 0 up to 1 (mulberry32). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!;
  }

  /** Some days later, at work: Monday to Friday between eight and five, after `from`. */
  later(from: Date, least: number, most: number): Date {
    const days = least + this.next() * (most - least);
    const day = new Date(from.getTime() + days * DAY);
    day.setUTCHours(8, 0, 0, 0);
    const at = new Date(day.getTime() + Math.floor(this.next() * 9 * 60) * 60_000);
    const weekday = at.getUTCDay();
    const shift = weekday === 6 ? 2 : weekday === 0 ? 1 : 0;
    const moved = at.getTime() + shift * DAY;
    // On the same day the next thing happens a little later, not earlier.
    return new Date(moved > from.getTime() ? moved : from.getTime() + this.whole(5, 90) * 60_000);
  }

  /** An instant at work between two others. */
  between(first: Date, last: Date): Date {
    const days = Math.max(0, (last.getTime() - first.getTime()) / DAY - 1);
    return this.later(first, 0, days);
  }
}

export function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}
