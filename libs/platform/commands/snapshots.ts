import { createHash } from 'node:crypto';
import type { Aggregate } from '#kernel/aggregate';
import { canonicalJson } from '../event-store/canonical-json.js';
import type { KeyRing } from '../event-store/key-ring.js';
import type { EventStore, Loaded } from '../event-store/port.js';

/** Events after which a stream gets a new snapshot. */
export const SNAPSHOT_EVERY = 200;

/** What a stream's state is folded from: a snapshot or the beginning, and the events after it. */
export interface Start extends Pick<Loaded, 'stored' | 'events'> {
  readonly from: unknown;
  readonly version: number;
}

/** Folded states beside the log, sealed under the tenant's key: a shortcut, never the truth. */
export class Snapshots {
  constructor(
    private readonly store: EventStore,
    private readonly keys: KeyRing,
  ) {}

  async load(
    tenantId: string,
    aggregate: Aggregate,
    stream: string,
    commandId: string,
  ): Promise<Start> {
    const stateKey = stateKeyOf(aggregate);
    const loaded = await this.store.load(tenantId, stream, { commandId, stateKey });
    const { snapshot, ...rest } = loaded;
    if (snapshot) {
      const { version, state } = snapshot;
      const text = await this.keys
        .openForTenant(tenantId, state, place(stream, version, stateKey))
        .catch(() => undefined);
      if (text !== undefined) return { ...rest, from: JSON.parse(text) as unknown, version };
      // Altered, or sealed under a key that is gone: the log has everything.
      const whole = await this.store.load(tenantId, stream, { commandId });
      return { ...whole, from: aggregate.initial, version: 0 };
    }
    return { ...rest, from: aggregate.initial, version: 0 };
  }

  /** Keeps a state; what was appended stays appended when this fails. */
  async save(
    tenantId: string,
    aggregate: Aggregate,
    stream: string,
    version: number,
    state: unknown,
  ): Promise<void> {
    const stateKey = stateKeyOf(aggregate);
    try {
      const text = JSON.stringify(state);
      const aad = place(stream, version, stateKey);
      const sealed = await this.keys.sealForTenant(tenantId, text, aad);
      await this.store.saveSnapshot(tenantId, stream, { version, stateKey, state: sealed });
    } catch {
      // The next command of the stream tries again.
    }
  }
}

const place = (stream: string, version: number, stateKey: string): string =>
  [stream, version, stateKey].join('|');

const stateKeys = new WeakMap<Aggregate, string>();

/** State version and a hash of the events' shapes; when either changes, old snapshots are stale. */
function stateKeyOf(aggregate: Aggregate): string {
  let key = stateKeys.get(aggregate);
  if (key === undefined) {
    const shapes = aggregate.events.map(({ type, version, schema }) => [type, version, schema]);
    // Through JSON, because a schema also carries what canonical JSON refuses.
    const text = canonicalJson(JSON.parse(JSON.stringify(shapes)));
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
    key = `${aggregate.category}:${aggregate.stateVersion}:${hash}`;
    stateKeys.set(aggregate, key);
  }
  return key;
}
