import { createHmac, hkdfSync } from 'node:crypto';
import { MemoryCounters } from './memory-counters.js';
import { WINDOW_MS, type RateCounters } from './counters.js';

/** A bound on the requests of somebody. */
export interface RatePolicy {
  /** What is bounded: `ip`, `user`, `tenant`. */
  readonly name: string;
  /** Requests in a window. */
  readonly limit: number;
  /** The plan of the workspace that says so. */
  readonly plan?: string;
}

/** One thing a request counts against. */
export interface RateKey {
  readonly policy: RatePolicy;
  /** Address, person or workspace; never stored as it is. */
  readonly of: string;
}

/** How a request stands with one bound. */
export interface Standing {
  readonly policy: RatePolicy;
  readonly allowed: boolean;
  /** Requests left in this window, as far as this process knows. */
  readonly remaining: number;
  /** Whole seconds until the window ends. */
  readonly resetSeconds: number;
}

export { WINDOW_MS };
/** Share of a limit that one process holds for itself at most: what several leave over. */
const SHARE = 0.025;
/** How long a process counts by itself after the shared counters failed. */
const AWAY_MS = 2_000;
const KEYS = 50_000;

interface Bucket {
  policy: RatePolicy;
  window: number;
  /** Granted to this process and not used yet. */
  left: number;
  /** Counted by all, as of the last answer. */
  taken: number;
  waiting: ((allowed: boolean) => void)[];
}

/**
 * Counts requests of all processes together and exactly: a process takes a few from the shared
 * counter at a time and hands them out, so most requests wait for nobody, and no more are ever let
 * through than the limit. While the counters cannot be reached, each process counts by itself.
 */
export class RateLimiter {
  private readonly buckets = new Map<string, Bucket>();
  private readonly secret: Buffer;
  private readonly memory = new MemoryCounters();
  private readonly dirty = new Set<string>();
  private asking = false;
  private awayUntil = 0;
  private forgotten = 0;

  constructor(
    private readonly counters: RateCounters,
    masterKey: Buffer,
    private readonly clock: () => Date,
    private readonly log: (problem: { message: string; error?: unknown }) => void = () => undefined,
  ) {
    this.secret = Buffer.from(hkdfSync('sha256', masterKey, '', 'rate-limits:1', 32));
  }

  /** Counts a request against each of these; all of them have to allow it. */
  async take(keys: readonly RateKey[]): Promise<readonly Standing[]> {
    const now = this.clock().getTime();
    const window = Math.floor(now / WINDOW_MS);
    if (window > this.forgotten) this.tidy(window);
    return Promise.all(keys.map((key) => this.one(key, window, now)));
  }

  close(): void {
    this.counters.close();
  }

  private async one({ policy, of }: RateKey, window: number, now: number): Promise<Standing> {
    const name = this.nameOf(policy, of);
    let bucket = this.buckets.get(name);
    if (!bucket) {
      bucket = { policy, window, left: 0, taken: 0, waiting: [] };
      this.buckets.set(name, bucket);
    }
    if (bucket.window !== window) Object.assign(bucket, { window, left: 0, taken: 0 });
    if (policy.limit < bucket.policy.limit) {
      // A smaller plan holds at once: of what was granted no more is left than it allows.
      const used = bucket.taken - bucket.left;
      bucket.left = Math.max(0, Math.min(bucket.left, policy.limit - used));
    }
    bucket.policy = policy;
    let allowed = true;
    if (bucket.left > 0 && bucket.waiting.length === 0) bucket.left -= 1;
    else if (bucket.taken >= policy.limit) allowed = false;
    else allowed = await this.wait(name, bucket);
    const known = policy.limit - bucket.taken + bucket.left;
    return {
      policy,
      allowed,
      remaining: allowed ? Math.max(0, known) : 0,
      resetSeconds: Math.max(1, Math.ceil(((window + 1) * WINDOW_MS - now) / 1000)),
    };
  }

  private wait(name: string, bucket: Bucket): Promise<boolean> {
    return new Promise((resolve) => {
      bucket.waiting.push(resolve);
      this.dirty.add(name);
      if (!this.asking) void this.ask();
    });
  }

  /** Asks for everybody who waits, in one statement at a time. */
  private async ask(): Promise<void> {
    this.asking = true;
    // Requests of the same turn share the question.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.dirty.size > 0) {
      const names = [...this.dirty];
      this.dirty.clear();
      const asked = names.map((name) => {
        const bucket = this.buckets.get(name)!;
        const waiting = bucket.waiting;
        bucket.waiting = [];
        const { policy, window } = bucket;
        const count = Math.max(waiting.length, Math.floor(policy.limit * SHARE), 1);
        return { bucket, waiting, want: { key: name, window, count } };
      });
      const sums = await this.count(asked.map(({ want }) => want));
      for (const [index, { bucket, waiting, want }] of asked.entries()) {
        const after = sums[index]!;
        const before = after - want.count;
        const granted = Math.max(0, Math.min(want.count, bucket.policy.limit - before));
        // What was granted for a window that has ended is of no use.
        const current = bucket.window === want.window;
        const spare = Math.max(0, granted - waiting.length);
        if (current) {
          bucket.taken = Math.max(bucket.taken, after);
          bucket.left += spare;
        }
        for (const [place, resolve] of waiting.entries()) resolve(place < granted);
      }
    }
    this.asking = false;
  }

  private async count(wants: Parameters<RateCounters['add']>[0]): Promise<readonly number[]> {
    const now = this.clock().getTime();
    if (now < this.awayUntil) return this.memory.add(wants);
    try {
      return await this.counters.add(wants);
    } catch (error) {
      this.awayUntil = now + AWAY_MS;
      this.log({ message: 'rate limits are counted by each process alone', error });
      return this.memory.add(wants);
    }
  }

  /** Once a minute: whoever asked for nothing since is forgotten, here and where it is counted. */
  private tidy(window: number): void {
    this.forgotten = window;
    for (const [name, bucket] of this.buckets) {
      const idle = bucket.window < window && bucket.waiting.length === 0;
      if (idle || this.buckets.size > KEYS) {
        if (bucket.waiting.length === 0) this.buckets.delete(name);
      }
    }
    void this.memory.forget(window);
    this.counters.forget(window - 1).catch(() => undefined);
  }

  private nameOf(policy: RatePolicy, of: string): string {
    const digest = createHmac('sha256', this.secret).update(`${policy.name}:${of}`).digest();
    return digest.subarray(0, 18).toString('base64url');
  }
}
