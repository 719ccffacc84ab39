import { refusal } from '#kernel/refusal';
import { addressBlock } from '#platform/auth/attempts';
import { RefusedError } from '../http/answers.js';

export const SIGN_INS_PER_MINUTE = 30;

const MINUTE = 60_000;
const ADDRESSES = 10_000;

interface Bucket {
  left: number;
  at: number;
}

/**
 * How many sign-ins one network may try in this process, whatever the accounts: checking a password
 * is work, and many accounts could be tried a few times each. Every address has a minute's worth,
 * which fills up again evenly.
 */
export class SignInRate {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly clock: () => Date,
    private readonly perMinute = SIGN_INS_PER_MINUTE,
  ) {}

  /** Counts an attempt: 0 when it may go on, else the seconds until one may. */
  take(ip: string): number {
    const address = addressBlock(ip);
    const now = this.clock().getTime();
    const bucket = this.buckets.get(address);
    const left = bucket ? this.leftOf(bucket, now) : this.perMinute;
    if (left < 1) return Math.ceil(((1 - left) * MINUTE) / this.perMinute / 1000);
    this.buckets.delete(address);
    if (this.buckets.size >= ADDRESSES) this.makeRoom(now);
    this.buckets.set(address, { left: left - 1, at: now });
    return 0;
  }

  /** Counts an attempt; refuses by 429, and says for how long, who asks too often. */
  check({ ip }: { readonly ip: string }): void {
    const seconds = this.take(ip);
    if (seconds === 0) return;
    const message = `There were too many attempts from here; try again in ${seconds} s.`;
    throw new RefusedError(refusal('TOO_MANY_ATTEMPTS', 'limit', message), 429, {
      'retry-after': String(seconds),
    });
  }

  private leftOf({ left, at }: Bucket, now: number): number {
    const filled = (Math.max(0, now - at) * this.perMinute) / MINUTE;
    return Math.min(this.perMinute, left + filled);
  }

  /** Forgets whoever has a full minute's worth again, and else the one that waited longest. */
  private makeRoom(now: number): void {
    for (const [address, { at }] of this.buckets) {
      if (now - at >= MINUTE) this.buckets.delete(address);
    }
    const [oldest] = this.buckets.keys();
    if (this.buckets.size >= ADDRESSES && oldest !== undefined) this.buckets.delete(oldest);
  }
}
