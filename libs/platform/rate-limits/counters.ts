/** Milliseconds of a window. */
export const WINDOW_MS = 60_000;

/** Requests a process asks to count under a key. */
export interface Want {
  readonly key: string;
  /** Number of the window; counting begins anew with each. */
  readonly window: number;
  readonly count: number;
}

/** Where requests are counted for all processes together. */
export interface RateCounters {
  /**
   * Adds each count and answers the sums after it, in the same order; a key appears once.
   * Rejects where the counters cannot be reached.
   */
  add(wants: readonly Want[]): Promise<readonly number[]>;
  /** Forgets windows before this one. */
  forget(window: number): Promise<void>;
  close(): void;
}
