/** Why a cell or row cannot be taken, and what to do about it. */
export interface Fault {
  readonly rule: string;
  /** Goes on after the value: `is no whole number`. */
  readonly message: string;
  readonly remedy: string;
}

/** A fault with its place in a file. */
export interface RowProblem extends Fault {
  readonly file: string;
  /** Line the row begins on, from 1; 0 where the file as a whole is meant. */
  readonly line: number;
  readonly column?: string;
  readonly value?: string;
}

/** Whether a value is the reason why there is none. */
export function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && 'remedy' in value;
}

/** Thrown while a row is read; never leaves the import. */
export class BadRow extends Error {
  constructor(
    readonly fault: Fault,
    readonly column?: string,
    readonly value?: string,
  ) {
    super(fault.message);
  }
}

/** One line a person can act on: `accounts.csv:12 revenue "many" is no number. Write …` */
export function problemLine(problem: RowProblem): string {
  const { file, line, column, value, message, remedy } = problem;
  const place = line > 0 ? `${file}:${line}` : file;
  const what = [column, value === undefined ? undefined : JSON.stringify(value)].filter(Boolean);
  return `${place} ${[...what, message].join(' ')}. ${remedy}`;
}

/** Problems as they come: all are counted, the first ones kept. */
export class ProblemList {
  readonly kept: RowProblem[] = [];
  count = 0;

  constructor(private readonly most = 10_000) {}

  add(problem: RowProblem): void {
    this.count += 1;
    if (this.kept.length < this.most) this.kept.push(problem);
  }

  /** The kept ones in the order of the rows, file after file. */
  sorted(): readonly RowProblem[] {
    const files = [...new Set(this.kept.map(({ file }) => file))];
    return files.flatMap((name) =>
      this.kept.filter(({ file }) => file === name).sort((a, b) => a.line - b.line),
    );
  }
}
