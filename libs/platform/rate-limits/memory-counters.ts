import type { RateCounters, Want } from './counters.js';

/** Counts in this process only: for while nothing shared can be reached. */
export class MemoryCounters implements RateCounters {
  private readonly sums = new Map<string, { window: number; sum: number }>();

  add(wants: readonly Want[]): Promise<readonly number[]> {
    return Promise.resolve(
      wants.map(({ key, window, count }) => {
        const known = this.sums.get(key);
        const sum = (known?.window === window ? known.sum : 0) + count;
        this.sums.set(key, { window, sum });
        return sum;
      }),
    );
  }

  forget(window: number): Promise<void> {
    for (const [key, known] of this.sums) if (known.window < window) this.sums.delete(key);
    return Promise.resolve();
  }

  close(): void {
    this.sums.clear();
  }
}
