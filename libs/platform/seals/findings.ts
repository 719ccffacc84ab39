/** One thing that is not as it was written: where it is and what is wrong. */
export interface Violation {
  /** Null where it is about a seal alone. */
  readonly streamId: string | null;
  /** Revision of the stream from which on it does not verify. */
  readonly version: number | null;
  /** The seal that shows it; null where the hash chain of the stream does. */
  readonly seal: number | null;
  readonly kind: 'altered' | 'missing' | 'inserted' | 'reordered' | 'truncated' | 'vanished';
  readonly message: string;
}

/** Violations that are told one by one; beyond that they are counted. */
export const TOLD = 1_000;

interface Counted extends Violation {
  further: number;
}

/**
 * What an audit finds. Of each stream the first break of a kind is told, with the number of further
 * ones, so that it fits into memory however much is wrong.
 */
export class Findings {
  private readonly found = new Map<string, Counted>();
  private untold = 0;

  add(violation: Violation): void {
    const { streamId, seal, kind, version } = violation;
    const source = seal === null ? 'chain' : 'seal';
    const known = streamId && this.found.get(`${source} ${kind} ${streamId}`);
    const place = streamId ?? `${seal} ${version} ${violation.message}`;
    if (known) {
      const further = known.further + 1;
      if ((version ?? 0) < (known.version ?? 0)) Object.assign(known, violation);
      known.further = further;
    } else if (this.found.size >= TOLD) this.untold += 1;
    else this.found.set(`${source} ${kind} ${place}`, { ...violation, further: 0 });
  }

  aboutSeal(seal: number, kind: Violation['kind'], message: string): void {
    this.add({ streamId: null, version: null, seal, kind, message });
  }

  /** Events that seals name and that are not where they should be. */
  get missing(): readonly { readonly streamId: string; readonly version: number }[] {
    return [...this.found.values()].flatMap(({ streamId, version, seal, kind }) =>
      streamId !== null && version !== null && seal !== null && kind === 'missing'
        ? [{ streamId, version }]
        : [],
    );
  }

  /** An event that seemed to be missing stands elsewhere in the feed. */
  moved(streamId: string, place: string): void {
    const missing = this.found.get(`seal missing ${streamId}`);
    if (!missing) return;
    this.found.delete(`seal missing ${streamId}`);
    this.found.delete(`seal inserted ${streamId}`);
    const message = `It stands at ${place} of the feed now. ${missing.message}`;
    this.add({ ...missing, kind: 'reordered', message });
  }

  /** Nothing is left of a stream whose first event is missing. */
  vanished(streamId: string): void {
    const missing = this.found.get(`seal missing ${streamId}`);
    if (missing) Object.assign(missing, { kind: 'vanished' });
  }

  /** What the seals say of the very event at which the chain breaks adds nothing. */
  report(): { readonly violations: readonly Violation[]; readonly untold: number } {
    const chains = new Set(
      [...this.found.values()]
        .filter(({ seal }) => seal === null)
        .map(({ streamId, version }) => `${streamId} ${version}`),
    );
    const violations = [...this.found.values()]
      .filter((one) => one.seal === null || !chains.has(`${one.streamId} ${one.version}`))
      .map(({ further, message, ...one }): Violation => {
        const more = further > 0 ? ` So are ${further} further events of the stream.` : '';
        return { ...one, message: `${message}${more}` };
      });
    return { violations, untold: this.untold };
  }
}
