const WINDOW_MS = 10_000;
const LEAST_MS = 500;

/** How fast something goes: units a second over the last ten seconds. */
export class Pace {
  private readonly seen: { readonly at: number; readonly done: number }[];

  constructor(
    done: number,
    private readonly clock: () => number = Date.now,
  ) {
    this.seen = [{ at: clock(), done }];
  }

  /** The rate once so much is done; null until there is enough to tell it by. */
  at(done: number): number | null {
    const now = this.clock();
    if (now - this.seen.at(-1)!.at >= LEAST_MS) this.seen.push({ at: now, done });
    while (this.seen.length > 2 && now - this.seen[1]!.at > WINDOW_MS) this.seen.shift();
    const first = this.seen[0]!;
    const seconds = (now - first.at) / 1000;
    if (seconds * 1000 < LEAST_MS) return null;
    return Math.max(0, Math.round(((done - first.done) / seconds) * 10) / 10);
  }
}
