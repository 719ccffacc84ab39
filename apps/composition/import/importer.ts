import { mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from '#kernel/ids';
import { systemContext, type Platform } from '#platform/platform';
import { startOfDay } from '#platform/projections/zone';
import { writePeople } from './generated-people.js';
import { ImportParts } from './import-parts.js';
import type { Load } from './load.js';
import { LoadRun } from './load-run.js';
import type { Counts } from './outcomes.js';
import { ProblemList, type RowProblem } from './problems.js';
import { readRows } from './reading/index.js';
import type { Dialect, Report, SourceRow } from './reading/types.js';
import type { Recipe } from './recipe.js';

export interface ImportOptions {
  readonly tenantId: string;
  /** The workspace's zone: days of the files begin there. */
  readonly timeZone: string;
  /** Folder with the files. */
  readonly folder: string;
  /** Names the import; the same one goes on where it was cut short. */
  readonly importId?: string;
  /** Records under way at once. */
  readonly concurrency?: number;
  /** Told as rows go by: the load, rows done and the share of its file. */
  readonly progress?: (load: Load, rows: number, share: number) => void;
  readonly signal?: AbortSignal;
}

export interface LoadReport extends Counts {
  readonly title: string;
  readonly file?: string;
  /** Rows of its file. */
  readonly rows: number;
}

export interface ImportReport {
  readonly importId: string;
  readonly loads: readonly LoadReport[];
  /** Rows of all files, each file counted once. */
  readonly rows: number;
  readonly seconds: number;
  /** The first problems; `problemCount` counts all. */
  readonly problems: readonly RowProblem[];
  readonly problemCount: number;
  /** Stopped before the end; another run goes on. */
  readonly aborted: boolean;
}

export const CONCURRENCY = 128;
/** How the files of a data set are written. */
const PLAIN: Dialect = { encoding: 'utf-8', delimiter: ',', header: true };

/**
 * Loads a data set into a workspace by ordinary commands. Records are recognised by their keys, so
 * loading again changes only what the files say differently.
 */
export async function runImport(
  platform: Platform,
  recipe: Recipe,
  options: ImportOptions,
): Promise<ImportReport> {
  const started = Date.now();
  const run = new Run(platform, options);
  const loads: LoadReport[] = [];
  try {
    // Without a file or a column, thousands of rows would refer to what never came.
    await run.prepare(recipe);
    for (const load of run.problems.count > 0 ? [] : recipe.loads) {
      if (options.signal?.aborted) break;
      loads.push(await run.load(load));
    }
  } finally {
    await run.tidy();
  }
  return {
    importId: run.importId,
    loads,
    rows: rowsOf(loads),
    seconds: (Date.now() - started) / 1000,
    problems: run.problems.sorted(),
    problemCount: run.problems.count,
    aborted: options.signal?.aborted ?? false,
  };
}

function rowsOf(loads: readonly LoadReport[]): number {
  const files = new Map(loads.map(({ file, rows }) => [file, file ? rows : 0]));
  return [...files.values()].reduce((sum, rows) => sum + rows, 0);
}

class Run {
  readonly importId: string;
  readonly problems = new ProblemList();
  private readonly parts: ImportParts;
  private readonly days = new Map<string, Date>();
  /** Where generated files are; only made where one is needed. */
  private made: string | undefined;
  private readonly generated = new Set<string>();

  constructor(
    platform: Platform,
    private readonly options: ImportOptions,
  ) {
    this.importId = options.importId ?? uuidv7();
    const ctx = systemContext(options.tenantId, 'import');
    this.parts = new ImportParts(platform, ctx, this.importId);
  }

  /** When a day begins in the workspace's zone; asking the zone is slow, so days are kept. */
  private readonly startOf = (day: string): Date => {
    const start = this.days.get(day) ?? startOfDay(day, this.options.timeZone);
    this.days.set(day, start);
    return start;
  };

  private pathOf(file: string): string {
    return join(this.generated.has(file) ? this.made! : this.options.folder, file);
  }

  /** Makes the files that are made from others, and looks whether all have what is read. */
  async prepare({ loads, generated }: Recipe): Promise<void> {
    const files = Map.groupBy(
      loads.filter(({ file }) => file !== undefined),
      ({ file }) => file!,
    );
    const check = async (file: string) => {
      const columns = new Set(files.get(file)!.flatMap((load) => Object.keys(load.columns)));
      const report: Report = (problem) => {
        if (problem.line <= 1) this.problems.add(problem);
      };
      const rows = readRows(this.pathOf(file), PLAIN, { columns: [...columns] }, report);
      for await (const _row of rows) break;
    };
    const isMade = (file: string) =>
      generated[file] !== undefined && !existsSync(join(this.options.folder, file));
    for (const file of files.keys()) if (!isMade(file)) await check(file);
    if (this.problems.count > 0) return;
    for (const [file, from] of Object.entries(generated)) {
      if (!isMade(file)) continue;
      this.made ??= await mkdtemp(join(tmpdir(), 'clientforge-import-'));
      await writePeople(
        this.rows(from.from, () => undefined),
        from,
        join(this.made, file),
      );
      this.generated.add(file);
      await check(file);
    }
  }

  /** Deletes what was made. */
  async tidy(): Promise<void> {
    if (this.made) await rm(this.made, { recursive: true, force: true });
  }

  private rows(file: string, report: Report): AsyncIterable<SourceRow> {
    return readRows(this.pathOf(file), PLAIN, {}, report);
  }

  async load(load: Load): Promise<LoadReport> {
    const { file, title } = load;
    const { concurrency = CONCURRENCY, progress, signal } = this.options;
    const run = new LoadRun(
      {
        ...this.parts.common,
        startOf: this.startOf,
        concurrency,
        signal,
        problem: (problem) => this.problems.add(problem),
        ...(progress ? { progress: (rows, share) => progress(load, rows, share) } : {}),
      },
      load,
      (report) =>
        file ? this.rows(file, report) : [{ file: title, line: 1, cells: {}, share: 1 }],
    );
    await run.run();
    return { title, ...(file ? { file } : {}), rows: run.rows, ...run.outcomes.counts };
  }
}
