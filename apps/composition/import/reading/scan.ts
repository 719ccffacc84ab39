/** How far a record could be read. */
export interface Scan {
  /**
   * `whole`; `more` text has to come; a quoted cell is `open` to the end of the text; `stray` text
   * follows a closing quote.
   */
  readonly state: 'whole' | 'more' | 'open' | 'stray';
  /** The cells before the one that is not whole, or all. */
  readonly cells: readonly string[];
  /** Where the cell begins that is not whole. */
  readonly from: number;
  /** Where the next record begins, or where the stray text does. */
  readonly end: number;
  /** Up to here nothing has to be read again to go on with the cell. */
  readonly seen: number;
  /** Line ends within quotes. */
  readonly lines: number;
  /** Whether a line end closes the record, and not the end of the text. */
  readonly broke: boolean;
}

const FEED = 10;
const CARRIAGE = 13;
const BLANK = 32;
const QUOTE = 34;

/** Line ends between two places; a pair of carriage return and line feed is one. */
export function lineEnds(text: string, from: number, to: number): number {
  let count = 0;
  for (let n = from; n < to; n++) {
    const code = text.charCodeAt(n);
    if (code === FEED || (code === CARRIAGE && text.charCodeAt(n + 1) !== FEED)) count += 1;
  }
  return count;
}

/**
 * Reads one record that may have quoted cells. Within a cell that does not begin with one, a quote
 * is ordinary text. `ended` says that no text comes after this one.
 */
export function scan(text: string, start: number, delimiter: string, ended: boolean): Scan {
  const cut = delimiter.charCodeAt(0);
  const { length } = text;
  const cells: string[] = [];
  let lines = 0;
  let at = start;
  const stop = (state: Scan['state'], from: number, end: number, seen = length): Scan => {
    return { state, cells, from, end, seen, lines, broke: false };
  };
  for (;;) {
    const from = at;
    let code = text.charCodeAt(at);
    while (code === BLANK) code = text.charCodeAt(++at);
    if (code === QUOTE) {
      let close = text.indexOf('"', at + 1);
      let doubled = false;
      while (close >= 0 && text.charCodeAt(close + 1) === QUOTE) {
        doubled = true;
        close = text.indexOf('"', close + 2);
      }
      if (close < 0) return stop('open', at, length);
      if (close === length - 1 && !ended) return stop('open', at, length, close);
      const value = text.slice(at + 1, close);
      lines += lineEnds(value, 0, value.length);
      const opened = at;
      at = close + 1;
      code = text.charCodeAt(at);
      while (code === BLANK) code = text.charCodeAt(++at);
      if (at < length && code !== cut && code !== FEED && code !== CARRIAGE) {
        return stop('stray', opened, at);
      }
      if (at === length && !ended) return stop('more', opened, at);
      cells.push(doubled ? value.replaceAll('""', '"') : value);
    } else {
      while (at < length && code !== cut && code !== FEED && code !== CARRIAGE) {
        code = text.charCodeAt(++at);
      }
      if (at === length && !ended) return stop('more', from, at);
      cells.push(text.slice(from, at));
    }
    if (at === length) return stop('whole', from, at);
    if (code === cut) {
      at += 1;
      continue;
    }
    if (code === CARRIAGE) {
      if (at + 1 === length && !ended) {
        cells.pop();
        return stop('more', from, at, at);
      }
      if (text.charCodeAt(at + 1) === FEED) at += 1;
    }
    return { state: 'whole', cells, from, end: at + 1, seen: at + 1, lines, broke: true };
  }
}
