import type { JsonSchema } from '../rest/endpoint.js';

/** Parts of a document that occur more than once: named, kept once, and referred to. */
export class SharedParts {
  private readonly counted = new Map<string, number>();
  private readonly names = new Map<string, string>();
  readonly parts: Record<string, JsonSchema> = {};

  constructor(private readonly place: string) {}

  /** Counts a part; all parts are counted before the first is replaced. */
  count(part: object): void {
    const text = JSON.stringify(part);
    this.counted.set(text, (this.counted.get(text) ?? 0) + 1);
  }

  /** The part itself where it stands alone, else a reference to it. */
  shared(part: object, name: string): JsonSchema {
    const text = JSON.stringify(part);
    if ((this.counted.get(text) ?? 0) < 2) return part as JsonSchema;
    let known = this.names.get(text);
    if (!known) {
      known = name;
      for (let n = 2; known in this.parts; n++) known = `${name}_${n}`;
      this.names.set(text, known);
      this.parts[known] = part as JsonSchema;
    }
    return { $ref: `#/components/${this.place}/${known}` };
  }
}
