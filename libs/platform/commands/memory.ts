/** A stream as it was last seen, folded. */
export interface Seen {
  readonly state: unknown;
  readonly revision: number;
  /** Events since the last snapshot. */
  readonly tail: number;
  /** Feed position of the last event. */
  readonly position: string;
}

export interface Memory {
  recall(tenantId: string, stream: string): Seen | undefined;
  keep(tenantId: string, stream: string, seen: Seen): void;
}

/**
 * What a bulk load remembers between its commands, so that a command costs one round trip, the
 * append. Only a hint: the append checks revision and command id, and what it does not check (a
 * refusal, a command that changes nothing) is decided again from the log. Facts about other records
 * may be as old as the load itself, and advisory look-ups of duplicates are left out: a bulk load
 * knows its records by their keys.
 */
export class BulkMemory implements Memory {
  private readonly streams = new Map<string, Seen>();

  constructor(private readonly most = 20_000) {}

  recall(tenantId: string, stream: string): Seen | undefined {
    const key = `${tenantId}/${stream}`;
    const seen = this.streams.get(key);
    // The most recently used stay longest; with room to spare the order does not matter.
    if (seen && this.streams.size * 2 > this.most) {
      this.streams.delete(key);
      this.streams.set(key, seen);
    }
    return seen;
  }

  keep(tenantId: string, stream: string, seen: Seen): void {
    if (this.streams.size >= this.most) this.streams.delete(this.streams.keys().next().value!);
    this.streams.set(`${tenantId}/${stream}`, seen);
  }

  forget(tenantId: string, stream: string): void {
    this.streams.delete(`${tenantId}/${stream}`);
  }

  /** The same memory for somebody who wants to see for himself: nothing is recalled. */
  fresh(): Memory {
    return { recall: () => undefined, keep: (...seen) => this.keep(...seen) };
  }
}
