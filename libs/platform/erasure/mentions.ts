import { createReadStream } from 'node:fs';
import { ERASED } from '#kernel/event';

/** Shorter values stand in many texts by chance. */
const LEAST = 3;
/** A value of this length is found by nobody else's. */
const TELLING = 8;
const CHUNK = 1 << 20;

/**
 * Recognises texts that mention a data subject: those that hold one telling value (an e-mail
 * address, a telephone number) or two others (first and last name). Rather too many than too few:
 * only copies are searched that exist for a time.
 */
export class Mentions {
  private readonly values = new Set<string>();
  private readonly correlations = new Set<string>();

  /** Takes every text of a value in. */
  add(value: unknown): void {
    if (typeof value === 'string') {
      const text = value.trim();
      if (text.length >= LEAST && text !== ERASED) this.values.add(text);
    } else if (Array.isArray(value)) {
      for (const one of value) this.add(one);
    } else if (typeof value === 'object' && value !== null) this.add(Object.values(value));
  }

  /** Whatever began under this id concerned the subject. */
  because(correlationId: string): void {
    this.correlations.add(correlationId);
  }

  concerns(correlationId: string): boolean {
    return this.correlations.has(correlationId);
  }

  inText(text: string): boolean {
    const found = new Set<string>();
    return this.look(text.toLowerCase(), found);
  }

  /** Whether a file mentions the subject, in UTF-8, Latin-1 or UTF-16. */
  async inFile(path: string): Promise<boolean> {
    const found = new Set<string>();
    const longest = Math.max(0, ...[...this.values].map((value) => value.length * 4));
    let rest = Buffer.alloc(0);
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) {
      const bytes = Buffer.concat([rest, chunk as Buffer]);
      for (const encoding of ['utf8', 'latin1', 'utf16le'] as const) {
        if (this.look(bytes.toString(encoding).toLowerCase(), found)) return true;
      }
      // What stands across two chunks is found with the second one.
      rest = bytes.subarray(Math.max(0, bytes.length - longest));
    }
    return false;
  }

  private look(text: string, found: Set<string>): boolean {
    for (const value of this.values) {
      if (found.has(value) || !text.includes(value.toLowerCase())) continue;
      if (value.length >= TELLING) return true;
      found.add(value);
      if (found.size > 1) return true;
    }
    return false;
  }
}
