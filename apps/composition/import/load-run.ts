import { isRefusal } from '#kernel/refusal';
import type { KnownRecords } from './known-records.js';
import { Lanes } from './lanes.js';
import type { Load } from './load.js';
import { Outcomes, type RowOutcome } from './outcomes.js';
import { Planner, type PlannerParts, type RowPlan } from './planner.js';
import type { RowProblem } from './problems.js';
import type { Report, SourceRow } from './reading/types.js';
import type { Upsert } from './upsert.js';

/** How far a file has been brought in: every row up to and including the line is done. */
export interface Reached {
  /** Whether the second pass, for references within the file, has begun. */
  readonly later: boolean;
  readonly line: number;
  /** Rows of the first pass. */
  readonly rows: number;
}

export interface LoadRunParts extends PlannerParts {
  readonly known: KnownRecords;
  readonly upsert: Upsert;
  /** Records under way at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal | undefined;
  readonly problem: (problem: RowProblem) => void;
  /** Told as rows of the first pass go by, with the share of the file from 0 to 1. */
  readonly progress?: (rows: number, share: number) => void;
  /** Awaited now and then, when nothing is under way: what was reached may be kept. */
  readonly block?: (reached: Reached) => Promise<void>;
  /** Awaited between the passes. */
  readonly beforeSecond?: () => Promise<void>;
}

const CHUNK = 500;
const BLOCK_ROWS = 5_000;
const BLOCK_MS = 3_000;
const NOTHING: Reached = { later: false, line: 0, rows: 0 };

/** Brings the rows of one file into the workspace, in one pass or two. */
export class LoadRun {
  rows = 0;

  constructor(
    private readonly parts: LoadRunParts,
    private readonly load: Load,
    private readonly source: (report: Report) => AsyncIterable<SourceRow> | Iterable<SourceRow>,
    /** What became of each line; filled beforehand where the import goes on. */
    readonly outcomes = new Outcomes(),
  ) {}

  async run(from: Reached = NOTHING): Promise<void> {
    const { load, parts } = this;
    this.rows = from.rows;
    // Rows after the last point kept, or without any, may have been done all the same.
    if (parts.block) parts.known.recollect();
    if (!from.later) await this.pass(false, from.line);
    if (!load.later || parts.signal?.aborted) return;
    await parts.beforeSecond?.();
    await this.pass(true, from.later ? from.line : 0);
  }

  /** A row is counted once: its second pass only makes it changed or rejected. */
  private count(line: number, outcome: RowOutcome, later: boolean): void {
    const before = later ? this.outcomes.get(line) : undefined;
    if (later && (outcome === 'unchanged' || (outcome === 'changed' && before === 'created'))) {
      return;
    }
    this.outcomes.set(line, outcome);
  }

  /** Goes through the file; the second time only fields that had to wait are set. */
  private async pass(later: boolean, after: number): Promise<void> {
    const { outcomes, parts, load } = this;
    const lanes = new Lanes(parts.concurrency);
    const reject = (problem: RowProblem) => {
      parts.problem(problem);
      this.count(problem.line, 'rejected', later);
    };
    const unreadable: Report = (problem) => {
      // What the first pass could not read is not told again.
      if (later || problem.line <= after) return;
      this.rows += 1;
      reject(problem);
    };
    const planner = new Planner(parts, load, later, reject);
    let chunk: SourceRow[] = [];
    const flush = async () => {
      const plans = await planner.plan(chunk);
      chunk = [];
      for (const plan of plans) {
        await lanes.add(plan.id, () => this.apply(plan, planner, later, reject));
      }
    };
    let line = after;
    let begun = 0;
    let time = Date.now();
    const block = async () => {
      if (!parts.block) return;
      await lanes.drain();
      await parts.block({ later, line, rows: this.rows });
      parts.known.recollect();
      [begun, time] = [0, Date.now()];
    };
    try {
      for await (const row of this.source(unreadable)) {
        if (parts.signal?.aborted) break;
        if (row.line <= after && after > 0) {
          await planner.skim(row);
          continue;
        }
        line = row.line;
        if (!later) this.rows += 1;
        if (later && !isBrought(outcomes.get(line))) continue;
        chunk.push(row);
        begun += 1;
        if (chunk.length < CHUNK) continue;
        await flush();
        if (!later) parts.progress?.(this.rows, row.share);
        if (begun >= BLOCK_ROWS || Date.now() - time > BLOCK_MS) await block();
      }
      await flush();
      await block();
    } finally {
      await lanes.drain();
    }
    if (!later) parts.progress?.(this.rows, 1);
  }

  private async apply(
    plan: RowPlan,
    planner: Planner,
    later: boolean,
    reject: (problem: RowProblem) => void,
  ): Promise<void> {
    const { known, upsert } = this.parts;
    const outcome = await upsert.apply(plan);
    if (isRefusal(outcome)) return reject(planner.problemOf(plan.row, outcome));
    const before = known.done(plan.record, plan.id);
    const all = before && outcome !== 'created' ? before : outcome;
    this.count(plan.row.line, all, later);
  }
}

const isBrought = (outcome: RowOutcome | undefined) =>
  outcome !== undefined && outcome !== 'rejected';
