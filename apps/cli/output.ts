import { stripVTControlCharacters } from 'node:util';
import type { Refusal } from '#kernel/refusal';

/** Where the words go; standard output for answers, standard error for everything else. */
export interface Terminal {
  readonly out: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly error: { write(text: string): unknown; readonly isTTY?: boolean; columns?: number };
  readonly noColor: boolean;
}

export interface Heading {
  readonly key: string;
  readonly title: string;
  /** Numbers stand at the right. */
  readonly right?: boolean;
}

export type Cells = Readonly<Record<string, unknown>>;
type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';
const CODES: Readonly<Record<Style, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

/** Answers as a person reads them, or as one JSON document. */
export class Output {
  private answered = false;

  constructor(
    readonly terminal: Terminal,
    readonly json: boolean,
  ) {}

  style(style: Style, text: string): string {
    const { out, noColor } = this.terminal;
    return out.isTTY && !noColor ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
  }

  /** The answer of the command: the document in JSON, else what `show` prints. */
  answer(document: unknown, show: () => void): void {
    this.answered = true;
    if (this.json) this.terminal.out.write(`${JSON.stringify(document, null, 2)}\n`);
    else show();
  }

  /** One of many answers, as soon as it is there: a JSON document on a line of its own. */
  stream(document: unknown, line: string): void {
    this.answered = true;
    this.terminal.out.write(this.json ? `${JSON.stringify(document)}\n` : `${line}\n`);
  }

  line(text = ''): void {
    this.terminal.out.write(`${text}\n`);
  }

  /** A remark for the person at the terminal; never part of the answer. */
  note(text: string): void {
    this.terminal.error.write(`${text}\n`);
  }

  table(headings: readonly Heading[], rows: readonly Cells[]): void {
    const text = rows.map((row) => headings.map(({ key }) => shown(row[key])));
    const widths = headings.map(({ title }, column) =>
      Math.max(width(title), ...text.map((cells) => width(cells[column]!))),
    );
    const lineOf = (cells: readonly string[]) =>
      cells
        .map((cell, column) => {
          const gap = ' '.repeat(widths[column]! - width(cell));
          return headings[column]!.right ? gap + cell : cell + gap;
        })
        .join('  ')
        .trimEnd();
    this.line(this.style('bold', lineOf(headings.map(({ title }) => title))));
    for (const cells of text) this.line(lineOf(cells));
  }

  /** Why nothing was done. */
  refuse({ code, message, details }: Pick<Refusal, 'code' | 'message' | 'details'>): void {
    if (this.json && !this.answered) {
      return this.answer({ error: { code, message, details } }, () => undefined);
    }
    this.note(message);
    for (const detail of details) {
      if (detail.message !== message) this.note(`  ${detail.message}`);
      if (detail.remedy) this.note(`  ${detail.remedy}`);
    }
  }

  fail(code: string, message: string): void {
    this.refuse({ code, message, details: [] });
  }
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'number') return value.toLocaleString('en');
  return typeof value === 'string' ? printable(value) : JSON.stringify(value);
}

/** Text from the database cannot move the cursor or break the line. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}/gu, ' ');
}

function width(text: string): number {
  return [...text].length;
}
