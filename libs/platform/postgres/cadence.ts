/** How far apart calls begin while several callers are at work. */
const GAP_MS = 5;
/** For so long after two of them met. */
const CROWDED_MS = 100;

/**
 * When the next of many calls may begin. Each has a price, for this process as for the database,
 * whatever it carries: of callers that come at the same time a few share one. Who is alone never
 * waits.
 */
export class Cadence {
  private began = -Infinity;
  private crowdedUntil = -Infinity;

  /** Somebody came while a call was under way. */
  crowded(): void {
    this.crowdedUntil = performance.now() + CROWDED_MS;
  }

  /** Begins when it is time: by `soon`, where nobody has to be waited for. */
  next(begin: () => void, soon: (begin: () => void) => void): void {
    const now = performance.now();
    const wait = now < this.crowdedUntil ? this.began + GAP_MS - now : 0;
    const go = () => {
      this.began = performance.now();
      begin();
    };
    if (wait > 0) setTimeout(go, wait);
    else soon(go);
  }
}
