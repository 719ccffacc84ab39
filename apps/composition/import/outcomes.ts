import type { Outcome } from './upsert.js';

export type RowOutcome = Outcome | 'rejected';
export type Counts = Readonly<Record<RowOutcome, number>>;

const NAMES: readonly RowOutcome[] = ['created', 'changed', 'unchanged', 'rejected'];

/** What became of the row on each line, in a byte a line. */
export class Outcomes {
  private bytes = new Uint8Array(4096);
  private readonly counted = { created: 0, changed: 0, unchanged: 0, rejected: 0 };

  get(line: number): RowOutcome | undefined {
    return NAMES[this.bytes[line]! - 1];
  }

  set(line: number, outcome: RowOutcome): void {
    if (line >= this.bytes.length) this.grow(line + 1);
    const before = this.get(line);
    if (before) this.counted[before] -= 1;
    this.counted[outcome] += 1;
    this.bytes[line] = NAMES.indexOf(outcome) + 1;
  }

  get counts(): Counts {
    return { ...this.counted };
  }

  /** The bytes of lines from one to another, the last one not included. */
  slice(from: number, to: number): Uint8Array {
    if (to > this.bytes.length) this.grow(to);
    return this.bytes.subarray(from, to);
  }

  /** Takes over what was kept of the first lines. */
  restore(bytes: Uint8Array): void {
    for (let line = 0; line < bytes.length; line++) {
      const outcome = NAMES[bytes[line]! - 1];
      if (outcome) this.set(line, outcome);
    }
  }

  private grow(least: number): void {
    const bytes = new Uint8Array(Math.max(least, this.bytes.length * 2));
    bytes.set(this.bytes);
    this.bytes = bytes;
  }
}
