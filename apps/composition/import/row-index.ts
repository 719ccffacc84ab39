const LEAST = 1024;

/**
 * Ids that were seen, each with a number from 1 to 2^32 - 1: sixteen to thirty-two bytes an id, so
 * that a file of a million rows stays small. Ids are taken for equal when their first 64 bits are;
 * those of an import come from a digest.
 */
export class RowIndex {
  private high = new Uint32Array(LEAST);
  private low = new Uint32Array(LEAST);
  private values = new Uint32Array(LEAST);
  size = 0;

  get(id: string): number | undefined {
    const [high, low] = wordsOf(id);
    return this.values[this.place(high, low)] || undefined;
  }

  set(id: string, value: number): void {
    if (this.size * 2 >= this.values.length) this.grow();
    const [high, low] = wordsOf(id);
    this.put(high, low, value);
  }

  private put(high: number, low: number, value: number): void {
    const place = this.place(high, low);
    if (this.values[place] === 0) this.size += 1;
    this.high[place] = high;
    this.low[place] = low;
    this.values[place] = value;
  }

  /** Where the id is, or the free place where it would be. */
  private place(high: number, low: number): number {
    const mask = this.values.length - 1;
    for (let place = low & mask; ; place = (place + 1) & mask) {
      if (this.values[place] === 0) return place;
      if (this.high[place] === high && this.low[place] === low) return place;
    }
  }

  private grow(): void {
    const { high, low, values } = this;
    const length = values.length * 2;
    this.high = new Uint32Array(length);
    this.low = new Uint32Array(length);
    this.values = new Uint32Array(length);
    this.size = 0;
    for (let n = 0; n < values.length; n++) {
      if (values[n] !== 0) this.put(high[n]!, low[n]!, values[n]!);
    }
  }
}

/** The first 64 bits of a UUID, its version left out: that would be the same in all. */
function wordsOf(id: string): readonly [number, number] {
  const high = Number.parseInt(id.slice(0, 8), 16);
  const low = Number.parseInt(id.slice(24, 32), 16);
  return [high, low];
}
