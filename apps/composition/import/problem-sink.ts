import type { RowProblem } from './problems.js';
import { problemFile, type ProblemFile } from './reading/index.js';

const FIRST = 100;

/** Rejected rows on their way to the result file; the first ones are kept at hand. */
export class ProblemSink {
  count: number;
  private readonly kept: RowProblem[];
  private file: Promise<ProblemFile> | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    before?: { readonly problemCount: number; readonly problems: readonly RowProblem[] },
  ) {
    this.count = before?.problemCount ?? 0;
    this.kept = [...(before?.problems ?? [])];
  }

  /** The first ones by line. */
  get first(): readonly RowProblem[] {
    return this.kept.toSorted((a, b) => a.line - b.line);
  }

  add(problem: RowProblem): void {
    this.count += 1;
    if (this.kept.length < FIRST) this.kept.push(problem);
    const file = (this.file ??= problemFile(this.path, { append: true }));
    this.writing = this.writing.then(async () => (await file).write(problem));
    // Told by `flush`, to whom it may concern.
    this.writing.catch(() => undefined);
  }

  /** Resolves once all of them are in the file. */
  async flush(): Promise<void> {
    const { file, writing } = this;
    if (!file) return;
    this.file = undefined;
    this.writing = Promise.resolve();
    try {
      await writing;
    } finally {
      await (await file).close();
    }
  }
}
