import { join } from 'node:path';
import { uuidv7 } from '#kernel/ids';
import { BulkMemory } from '#platform/commands/memory';
import { systemContext, type Platform } from '#platform/platform';
import { startOfDay } from '#platform/projections/zone';
import { isRefusal } from '#kernel/refusal';
import { readCsv, type SourceRow } from './csv.js';
import { KnownRecords } from './known-records.js';
import { Lanes } from './lanes.js';
import { Planner, type RowPlan } from './planner.js';
import { ProblemList, type RowProblem } from './problems.js';
import type { Load, Recipe } from './recipe.js';
import { Upsert, type Outcome } from './upsert.js';

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

export type Counts = Readonly<Record<Outcome | 'rejected', number>>;

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

const CHUNK = 500;
const CONCURRENCY = 128;

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
  // Without a file or a column, thousands of rows would refer to what never came.
  await run.checkFiles(recipe);
  for (const load of run.problems.count > 0 ? [] : recipe.loads) {
    if (options.signal?.aborted) break;
    loads.push(await run.load(load));
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
  private readonly known: KnownRecords;
  private readonly upsert: Upsert;
  private readonly days = new Map<string, Date>();

  constructor(
    platform: Platform,
    private readonly options: ImportOptions,
  ) {
    const { tenantId } = options;
    this.importId = options.importId ?? uuidv7();
    const ctx = { ...systemContext(tenantId, 'import'), correlationId: this.importId };
    const memory = new BulkMemory();
    this.known = new KnownRecords(platform, tenantId, memory);
    this.upsert = new Upsert(platform, ctx, this.known, memory, this.importId);
  }

  /** When a day begins in the workspace's zone; asking the zone is slow, so days are kept. */
  private readonly startOf = (day: string): Date => {
    const start = this.days.get(day) ?? startOfDay(day, this.options.timeZone);
    this.days.set(day, start);
    return start;
  };

  /** Whether all files are there and have the columns that are read. */
  async checkFiles({ loads }: Recipe): Promise<void> {
    const files = Map.groupBy(
      loads.filter(({ file }) => file !== undefined),
      ({ file }) => file!,
    );
    for (const [file, readers] of files) {
      const columns = new Set(readers.flatMap(({ columns }) => Object.keys(columns)));
      const report = (problem: RowProblem) => {
        if (problem.rule === 'file' || problem.rule === 'heading') this.problems.add(problem);
      };
      for await (const _row of readCsv(join(this.options.folder, file), [...columns], report))
        break;
    }
  }

  async load(load: Load): Promise<LoadReport> {
    const counts = { created: 0, changed: 0, unchanged: 0, rejected: 0 };
    // What the first pass made of the rows that come again in the second.
    const first = new Map<string, Outcome>();
    const rows = await this.pass(load, false, (result, of) => {
      counts[result] += 1;
      if (of?.waits && result !== 'rejected') first.set(of.id, result);
    });
    if (load.later) {
      await this.pass(load, true, (result, of) => {
        const before = of && first.get(of.id);
        // A row is counted once: its second pass only makes it changed or rejected.
        if (!before || result === 'unchanged') return;
        if (result === 'changed' && before === 'created') return;
        counts[before] -= 1;
        counts[result] += 1;
      });
    }
    return { title: load.title, ...(load.file ? { file: load.file } : {}), rows, ...counts };
  }

  /** Goes through the file; the second time only fields that had to wait are set. */
  private async pass(
    load: Load,
    later: boolean,
    done: (result: Outcome | 'rejected', of?: Pick<RowPlan, 'id' | 'waits'>) => void,
  ): Promise<number> {
    const { folder, concurrency = CONCURRENCY, progress, signal } = this.options;
    const lanes = new Lanes(concurrency);
    let rows = 0;
    const reject = (problem: RowProblem, of?: Pick<RowPlan, 'id' | 'waits'>) => {
      this.problems.add(problem);
      done('rejected', of);
    };
    const unreadable = (problem: RowProblem) => {
      rows += 1;
      // What the first pass could not read is not told again.
      if (!later) reject(problem);
    };
    const source = load.file
      ? readCsv(join(folder, load.file), Object.keys(load.columns), unreadable)
      : [{ file: load.title, line: 0, cells: {}, share: 1 }];
    const plans = new Planner(this.known, this.startOf, load, later, reject);
    let chunk: SourceRow[] = [];
    const flush = async () => {
      const planned = await plans.plan(chunk);
      chunk = [];
      for (const plan of planned) {
        await lanes.add(plan.id, async () => {
          const outcome = await this.upsert.apply(plan);
          if (isRefusal(outcome)) reject(plans.problemOf(plan.row, outcome), plan);
          else done(outcome, plan);
        });
      }
    };
    try {
      for await (const row of source) {
        if (signal?.aborted) break;
        rows += 1;
        chunk.push(row);
        if (chunk.length < CHUNK) continue;
        await flush();
        if (!later) progress?.(load, rows, row.share);
      }
      await flush();
    } finally {
      await lanes.drain();
    }
    if (!later) progress?.(load, rows, 1);
    return rows;
  }
}
