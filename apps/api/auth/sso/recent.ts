import type { SsoRefusal } from '#event-schemas/identity/identity-provider.events';
import type { Described } from './people.js';
import type { Provider } from './providers.js';

/** What became of the latest attempt through a provider, for whoever sets it up. */
export interface LatestAttempt {
  readonly at: string;
  readonly result: 'refused' | 'tested';
  readonly reason?: SsoRefusal;
  /** What was found where something else was expected. */
  readonly found?: string;
  /** What a test read out of the answer. */
  readonly person?: Described;
}

const MINUTE = 60_000;
const MOST = 5_000;
/** Afterwards what a test read is forgotten: it names a person. */
const KEPT_MS = 15 * MINUTE;

/**
 * The latest attempt per provider, in this process: help for setting up, and what keeps a flood of
 * refused attempts from filling the log.
 */
export class Recent {
  private readonly attempts = new Map<string, LatestAttempt>();
  private readonly recorded = new Map<string, number>();

  /** Keeps a refusal; true when it belongs into the log: once a minute for each reason. */
  refused(
    provider: Provider,
    { reason, found }: Pick<LatestAttempt, 'found'> & { readonly reason: SsoRefusal },
    now: Date,
  ): boolean {
    const at = now.toISOString();
    this.keep(provider, { at, result: 'refused', reason, ...(found ? { found } : {}) });
    const key = `${provider.tenantId}/${provider.id}/${reason}`;
    const last = this.recorded.get(key);
    if (last !== undefined && Math.abs(now.getTime() - last) < MINUTE) return false;
    if (this.recorded.size >= MOST) this.recorded.clear();
    this.recorded.set(key, now.getTime());
    return true;
  }

  tested(provider: Provider, person: Described, now: Date): void {
    this.keep(provider, { at: now.toISOString(), result: 'tested', person });
  }

  of({ tenantId, id }: Pick<Provider, 'tenantId' | 'id'>, now: Date): LatestAttempt | undefined {
    const found = this.attempts.get(`${tenantId}/${id}`);
    return found && now.getTime() - Date.parse(found.at) < KEPT_MS ? found : undefined;
  }

  private keep({ tenantId, id }: Provider, attempt: LatestAttempt): void {
    const key = `${tenantId}/${id}`;
    this.attempts.delete(key);
    if (this.attempts.size >= MOST) this.attempts.delete(this.attempts.keys().next().value!);
    this.attempts.set(key, attempt);
  }
}
