import { lineEnds, scan, type Scan } from './scan.js';

/** Why a record cannot be taken: what it breaks and in which cell. */
export interface Broken {
  readonly rule: 'quote' | 'unclosed' | 'columns' | 'size';
  /** Index of the cell; undefined where the record as a whole is meant. */
  readonly cell?: number;
  readonly value?: string;
}

/** A record of the file, or what is left of a broken one. */
export interface FileRecord {
  /** Line it begins on, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  readonly broken?: Broken;
}

interface Dropped {
  readonly line: number;
  readonly broken: Broken;
}

/** A record may hold so many cells of the greatest size before it is too long itself. */
const CELLS_OF_A_RECORD = 8;
const LINES_JUDGED = 50;
const LONGEST_SHOWN = 300;
const UNKNOWN = -2;

/**
 * Cuts decoded text into the records of a CSV file, whatever its line ends, and holds at most one
 * record. After a broken record it goes on at the next line that looks like a record, so that an
 * open quote does not swallow the file. (csv-parse ends at the first such record, and at the first
 * that is too long.)
 */
export class Records {
  /** Cells a record should have; 0 until the heading is known. */
  width = 0;
  /** Whether the text at hand has a character that no cell may have. */
  suspicious = false;
  private text = '';
  private at = 0;
  private line = 1;
  private ended = false;
  private skipping = false;
  private dropped: Dropped | undefined;
  private quote = UNKNOWN;
  private feed = UNKNOWN;
  private carriage = UNKNOWN;

  constructor(
    private readonly delimiter: string,
    private readonly maxCell: number,
  ) {}

  add(text: string): void {
    this.replace(this.text.slice(this.at) + text);
    this.suspicious = this.text.includes('\0') || this.text.includes('\ufffd');
  }

  /** No more text comes. */
  end(): void {
    this.ended = true;
  }

  /** The next record; undefined where more text is needed, or none is left. */
  next(): FileRecord | undefined {
    for (;;) {
      if (this.skipping && !this.skipLine()) return undefined;
      const { at, line, text } = this;
      if (at >= text.length) return undefined;
      const end = this.lineEnd();
      this.quote = this.find('"', this.quote);
      if (this.quote < end) return this.quoted();
      if (end === Infinity && !this.ended)
        return this.tooLong(scan(text, at, this.delimiter, false));
      const raw = text.slice(at, end);
      this.moveBehind(end);
      if (raw === '' && !this.dropped) continue;
      return this.finish(line, raw.split(this.delimiter), raw.length);
    }
  }

  private find(character: string, known: number): number {
    if (known >= this.at) return known;
    const found = this.text.indexOf(character, this.at);
    return found < 0 ? Infinity : found;
  }

  /** Where the line ends; Infinity where that is not to be seen yet, or the text ends before. */
  private lineEnd(): number {
    this.feed = this.find('\n', this.feed);
    this.carriage = this.find('\r', this.carriage);
    // The line feed of a pair may be in the next piece.
    if (this.carriage === this.text.length - 1 && !this.ended) return this.feed;
    return Math.min(this.feed, this.carriage);
  }

  private moveBehind(end: number): void {
    const { text } = this;
    if (end === Infinity) {
      this.at = text.length;
      return;
    }
    this.at = end + (text[end] === '\r' && text[end + 1] === '\n' ? 2 : 1);
    this.line += 1;
  }

  private moveTo(to: number): void {
    this.line += lineEnds(this.text, this.at, to);
    this.at = to;
  }

  private replace(text: string): void {
    this.text = text;
    this.at = 0;
    this.quote = this.feed = this.carriage = UNKNOWN;
  }

  /** Passes over the rest of a line; false while its end has not come. */
  private skipLine(): boolean {
    const end = this.lineEnd();
    if (end === Infinity && !this.ended) {
      this.replace(this.text.endsWith('\r') ? '\r' : '');
      return false;
    }
    this.moveBehind(end);
    this.skipping = false;
    return true;
  }

  private finish(line: number, cells: readonly string[], length: number): FileRecord {
    const { dropped, maxCell } = this;
    this.dropped = undefined;
    if (dropped) return { line: dropped.line, cells: [], broken: dropped.broken };
    if (length > maxCell) {
      const cell = cells.findIndex((value) => value.length > maxCell);
      if (cell >= 0) return { line, cells, broken: { rule: 'size', cell, value: cells[cell]! } };
      if (length > maxCell * CELLS_OF_A_RECORD) return { line, cells, broken: { rule: 'size' } };
    }
    return this.fits(cells) ? { line, cells } : { line, cells, broken: { rule: 'columns' } };
  }

  /** As many cells as the heading; more only if they are empty. */
  private fits(cells: readonly string[]): boolean {
    const { width } = this;
    if (width === 0 || cells.length === width) return true;
    return cells.length > width && cells.slice(width).every((cell) => cell.trim() === '');
  }

  /** A record of which at least the first line has quotes. */
  private quoted(): FileRecord | undefined {
    const { text, at, line, delimiter, ended } = this;
    const found = scan(text, at, delimiter, ended);
    if (found.state === 'whole') {
      const many = found.lines > 0;
      if (many && !this.dropped && !this.fits(found.cells)) {
        const next = this.nextPlausible(found.end);
        if (next === undefined) return undefined;
        this.moveTo(next < 0 ? found.end : next);
        return { line, cells: found.cells, broken: { rule: 'columns' } };
      }
      this.at = found.end;
      this.line += found.lines + (found.broke ? 1 : 0);
      return this.finish(line, found.cells, found.end - at);
    }
    if (found.state === 'stray') return this.stray(found);
    if (!ended) return this.tooLong(found);
    const broken = this.brokenAt(found, 'unclosed');
    const next = this.dropped ? -1 : this.nextPlausible(text.length);
    this.moveTo(next === undefined || next < 0 ? text.length : next);
    const first = this.dropped?.line ?? line;
    this.dropped = undefined;
    return { line: first, cells: [], broken };
  }

  /** The cell that is broken; of an open quote its first line, of stray text what leads to it. */
  private brokenAt({ cells, from, end }: Scan, rule: Broken['rule']): Broken {
    const text = this.text.slice(from, from + LONGEST_SHOWN);
    const value = rule === 'unclosed' ? text.split(/[\r\n]/, 1)[0]! : text;
    return {
      rule,
      cell: cells.length,
      value: rule === 'quote' ? value.slice(0, end + 1 - from) : value,
    };
  }

  /** Text after a closing quote: the record cannot be told from its neighbours. */
  private stray(found: Scan): FileRecord | undefined {
    const { line, dropped } = this;
    const next = dropped ? -1 : this.nextPlausible(found.end + 1);
    if (next === undefined) return undefined;
    const broken = dropped?.broken ?? this.brokenAt(found, found.lines > 0 ? 'unclosed' : 'quote');
    this.moveTo(next < 0 ? found.end : next);
    this.skipping = next < 0;
    this.dropped = undefined;
    return { line: dropped?.line ?? line, cells: found.cells, broken };
  }

  /**
   * Where, before `limit`, the first line after this one begins that reads as a full record: -1 if
   * there is none, undefined if more text has to come to tell.
   */
  private nextPlausible(limit: number): number | undefined {
    for (const start of this.laterLines(limit)) {
      const plausible = this.plausible(start);
      if (plausible === undefined) return undefined;
      if (plausible) return start;
    }
    return -1;
  }

  private plausible(start: number): boolean | undefined {
    const { text, delimiter, ended, maxCell } = this;
    const { state, cells } = scan(text, start, delimiter, ended);
    if (state === 'open' || state === 'more') {
      return ended || text.length - this.at > maxCell ? false : undefined;
    }
    return state === 'whole' && cells.length === this.width;
  }

  private *laterLines(limit: number): Generator<number> {
    const { text, at } = this;
    for (let n = at; n < limit; n++) {
      const code = text.charCodeAt(n);
      if (code !== 10 && code !== 13) continue;
      if (code === 13 && text.charCodeAt(n + 1) === 10) n += 1;
      if (n + 1 < limit) yield n + 1;
    }
  }

  /** Lets go of a record that has become too long, and remembers that it was there. */
  private tooLong(found: Scan): FileRecord | undefined {
    const { text, at, line, maxCell } = this;
    const cellTooLong = text.length - found.from > maxCell;
    if (!cellTooLong && text.length - at <= maxCell * CELLS_OF_A_RECORD) return undefined;
    if (found.state === 'open' && !this.dropped) {
      const next = this.probablyUnclosed();
      if (next !== undefined) {
        const broken = this.brokenAt(found, 'unclosed');
        this.moveTo(next);
        return { line, cells: found.cells, broken };
      }
    }
    const { cell, value } = this.brokenAt(found, 'size');
    const where = cellTooLong ? { cell: cell!, value: value! } : {};
    this.dropped ??= { line, broken: { rule: 'size', ...where } };
    // What stands for the rest: an open quote stays open, and a pair at the end stays together.
    const keep = text.endsWith('\r') ? Math.min(found.seen, text.length - 1) : found.seen;
    this.moveTo(keep);
    this.replace((found.state === 'open' ? '"' : 'x') + text.slice(keep));
    return undefined;
  }

  /** The next record, if most lines within the open quote read as records of their own. */
  private probablyUnclosed(): number | undefined {
    let first: number | undefined;
    let judged = 0;
    let full = 0;
    for (const start of this.laterLines(this.text.length)) {
      if (judged === LINES_JUDGED) break;
      judged += 1;
      if (!this.plausible(start)) continue;
      full += 1;
      first ??= start;
    }
    return full * 2 >= judged ? first : undefined;
  }
}
