import { open, readFile, rm, stat, truncate } from 'node:fs/promises';
import type { RequestContext } from '#kernel/context';
import { hashId } from '#kernel/ids';
import type { Platform } from '#platform/platform';
import { startOfDay } from '#platform/projections/zone';
import { ImportParts } from './import-parts.js';
import type { CheckedImport } from './import-spec.js';
import { LoadRun, type Reached } from './load-run.js';
import { Outcomes, type Counts } from './outcomes.js';
import type { RowProblem } from './problems.js';
import { ProblemSink } from './problem-sink.js';
import { readRows } from './reading/index.js';
import type { SourceRow } from './reading/types.js';
import { RowIndex } from './row-index.js';
import { typeLoad } from './type-load.js';

/** Where an import goes on after it was interrupted. */
export interface ImportCheckpoint extends Reached {
  readonly problemCount: number;
  readonly problems: readonly RowProblem[];
  /** Bytes of the result file. */
  readonly problemBytes: number;
  /** Seconds it has run by then. */
  readonly seconds: number;
}

export interface FileImportOptions {
  readonly platform: Platform;
  readonly ctx: RequestContext;
  readonly importId: string;
  /** The file that names every rejected row. */
  readonly resultPath: string;
  /** What became of each line, for an import that goes on. */
  readonly outcomePath: string;
  readonly checkpoint?: ImportCheckpoint | null;
  /** Keeps a checkpoint. */
  readonly save?: (checkpoint: ImportCheckpoint) => Promise<void>;
  /** Told how many rows are done, and how many there are likely in all. */
  readonly progress?: (done: number, total: number | null) => void;
  readonly signal?: AbortSignal;
  readonly concurrency?: number;
  /** Told what was done by then when the signal is aborted. */
  readonly stopped?: (result: ImportResult) => void;
}

/** What an import has done. */
export interface ImportResult extends Counts {
  readonly dryRun: boolean;
  readonly type: string;
  readonly rows: number;
  readonly seconds: number;
  /** The first hundred by line; the result file has all. */
  readonly problems: readonly Omit<RowProblem, 'file'>[];
  readonly problemCount: number;
}

const CONCURRENCY = 128;
/** How long the lists may take to show what was written just before. */
const SETTLE_MS = 120_000;

/**
 * Brings the rows of a file into a workspace, record by record and by ordinary commands. Stops
 * when the signal is aborted, with what it was aborted by.
 */
export async function importFile(
  checked: CheckedImport,
  options: FileImportOptions,
): Promise<ImportResult> {
  const run = new FileRun(checked, options);
  await run.begin();
  try {
    await run.run();
  } finally {
    await run.close();
  }
  if (options.signal?.aborted) options.stopped?.(run.result());
  options.signal?.throwIfAborted();
  return run.result();
}

class FileRun {
  private readonly started = Date.now();
  private readonly parts: ImportParts;
  private readonly days = new Map<string, Date>();
  private readonly sink: ProblemSink;
  private readonly dryRun: boolean;
  private readonly outcomes = new Outcomes();
  private readonly from: ImportCheckpoint | undefined;
  /** Texts the rows can be looked up by, in a dry run: nothing of them is in any list. */
  private readonly coming = new RowIndex();
  private load: LoadRun | undefined;
  private keptTo = 0;

  constructor(
    private readonly checked: CheckedImport,
    private readonly options: FileImportOptions,
  ) {
    const { platform, ctx, importId, checkpoint } = options;
    this.dryRun = checked.spec.dryRun === true;
    this.from = this.dryRun ? undefined : (checkpoint ?? undefined);
    this.parts = new ImportParts(platform, ctx, importId, this.dryRun);
    this.sink = new ProblemSink(options.resultPath, this.from);
  }

  /** Takes up what an interrupted run has left, and drops what it had not kept. */
  async begin(): Promise<void> {
    const { resultPath, outcomePath } = this.options;
    if (!this.from) {
      await Promise.all([resultPath, outcomePath].map((path) => rm(path, { force: true })));
    } else {
      const { problemBytes, later, line } = this.from;
      if (problemBytes > 0) await truncate(resultPath, problemBytes);
      const bytes = await readFile(outcomePath);
      this.outcomes.restore(later ? bytes : bytes.subarray(0, line + 1));
      this.keptTo = later ? 0 : line + 1;
    }
    await this.settle();
  }

  async run(): Promise<void> {
    const { checked, options, parts } = this;
    const { spec, settings } = checked;
    const startOf = (day: string) => {
      const start = this.days.get(day) ?? startOfDay(day, settings.timeZone);
      this.days.set(day, start);
      return start;
    };
    const load = await typeLoad(checked.checked, {
      parts,
      ctx: options.ctx,
      title: spec.type,
      file: spec.name,
      ...(this.dryRun
        ? { comes: (field, text) => this.coming.get(nameOf(field, text)) !== undefined }
        : {}),
    });
    this.load = new LoadRun(
      {
        ...parts.common,
        startOf,
        concurrency: options.concurrency ?? CONCURRENCY,
        signal: options.signal,
        problem: (problem) => this.sink.add(problem),
        progress: (rows, share) => {
          options.progress?.(rows, share > 0 ? Math.max(rows, Math.round(rows / share)) : null);
        },
        block: (reached) => this.keep(reached),
        beforeSecond: () => this.settle(),
      },
      load,
      (report) => this.watched(readRows(spec.path, checked.dialect, { name: spec.name }, report)),
      this.outcomes,
    );
    await this.load.run(this.from);
  }

  /** In a dry run the rows are remembered that others may refer to. */
  private async *watched(rows: AsyncIterable<SourceRow>): AsyncGenerator<SourceRow> {
    const { columns, target } = this.checked.checked;
    const self = columns.filter(({ field }) => field.lookup?.type === target.type);
    const by = new Set(self.flatMap(({ field }) => field.lookup!.by));
    const watched = columns.filter(({ field }) => by.has(field.name));
    for await (const row of rows) {
      if (this.dryRun) {
        for (const { name, field } of watched) {
          this.coming.set(nameOf(field.name, row.cells[name] ?? ''), row.line);
        }
      }
      yield row;
    }
  }

  /** Waits until the lists in which records are looked up show all that was written by now. */
  private async settle(): Promise<void> {
    const { platform } = this.options;
    const { columns, target } = this.checked.checked;
    const looked = columns.flatMap(({ field }) => (field.lookup ? [field.lookup.type] : []));
    const models = new Set(
      [target.type, ...looked].filter((name) => platform.registry.readModels.has(name)),
    );
    const position = await platform.store.settled();
    const reached = await Promise.all(
      [...models].map((name) => platform.positions.wait(name, position, SETTLE_MS)),
    );
    if (reached.includes(false))
      throw new Error('the lists do not follow the log; is a worker running?');
  }

  /** Everything up to here is done: what became of it is written down, then the point kept. */
  private async keep(reached: Reached): Promise<void> {
    await this.sink.flush();
    const { save, outcomePath, resultPath } = this.options;
    if (!save || this.dryRun) return;
    const from = reached.later && !this.from?.later ? 0 : this.keptTo;
    const file = await open(outcomePath, 'a+').then(async (made) => {
      await made.close();
      return open(outcomePath, 'r+');
    });
    try {
      const bytes = this.outcomes.slice(Math.min(from, reached.line), reached.line + 1);
      await file.write(bytes, 0, bytes.length, Math.min(from, reached.line));
    } finally {
      await file.close();
    }
    this.keptTo = reached.line + 1;
    const problemBytes = await stat(resultPath).then(
      ({ size }) => size,
      () => 0,
    );
    const { count: problemCount, first: problems } = this.sink;
    await save({ ...reached, problemCount, problems, problemBytes, seconds: this.seconds });
  }

  private get seconds(): number {
    return (this.from?.seconds ?? 0) + (Date.now() - this.started) / 1000;
  }

  async close(): Promise<void> {
    await this.sink.flush();
  }

  result(): ImportResult {
    const { sink, dryRun, outcomes, seconds } = this;
    return {
      dryRun,
      type: this.checked.spec.type,
      ...outcomes.counts,
      rows: this.load?.rows ?? 0,
      seconds: Math.round(seconds * 100) / 100,
      problems: sink.first.map(({ file: _file, ...problem }) => problem),
      problemCount: sink.count,
    };
  }
}

const nameOf = (field: string, text: string) => hashId('coming', field, text.toLowerCase());
