import type { Refusal } from '#kernel/refusal';
import { readRow } from './columns.js';
import type { KnownRecords } from './known-records.js';
import { Derived, Lookup, Reference, type Load, type Row, type Values } from './load.js';
import { BadRow, isFault, type Fault, type RowProblem } from './problems.js';
import { problemOfRefusal } from './refused-rows.js';
import type { SourceRow } from './reading/types.js';
import { RowIndex } from './row-index.js';
import type { Plan, PlannedStep } from './upsert.js';

/** A row and what it wants of its record. */
export interface RowPlan extends Plan {
  readonly row: SourceRow;
}

interface Draft {
  readonly row: SourceRow;
  readonly cells: Row;
  id: string;
  readonly keyed: boolean;
  readonly parts: {
    readonly values: Values;
    readonly initial: Values;
    readonly steps: ReturnType<NonNullable<Load['steps']>>;
  };
}

export interface PlannerParts {
  readonly known: KnownRecords;
  /** When a day begins in the workspace's zone. */
  readonly startOf: (day: string) => Date;
  /** The id of a row that is a new record in any case. */
  readonly newId: (line: number) => string;
}

/** Turns the rows of one pass through a file into plans. */
export class Planner {
  private readonly lines = new RowIndex();

  constructor(
    private readonly parts: PlannerParts,
    private readonly load: Load,
    /** The second pass: only fields that had to wait for all records are set. */
    private readonly later: boolean,
    private readonly reject: (problem: RowProblem) => void,
  ) {}

  /** The plans of a chunk of rows; rows that cannot be taken are left out. */
  async plan(rows: readonly SourceRow[]): Promise<readonly RowPlan[]> {
    const { known } = this.parts;
    const drafts: Draft[] = [];
    for (const row of rows) {
      // The second pass says nothing of the cells the first one has read already.
      const draft = await this.orReject(row, () => this.draft(row), this.later);
      if (draft) drafts.push(draft);
    }
    const values = drafts.flatMap(({ parts: { values, initial, steps } }) =>
      [values, initial, ...steps.map(({ input }) => input)].flatMap((one) => Object.values(one)),
    );
    const referred = values.filter((value) => value instanceof Reference);
    const wanted = await Promise.all(
      referred.map(async ({ record, key }) => ({ record, id: await known.id(record, key) })),
    );
    const own = drafts.map(({ id }) => ({ record: this.load.record, id }));
    await known.read([...own, ...wanted]);
    const found = this.load.existing ? await this.findExisting(drafts) : drafts;
    const lookups = Map.groupBy(
      values.filter((value) => value instanceof Lookup),
      ({ finder }) => finder,
    );
    for (const [finder, asked] of lookups) await finder.prepare(asked.map(({ text }) => text));
    const plans: RowPlan[] = [];
    for (const draft of found) {
      const plan = await this.orReject(draft.row, () => this.resolve(draft));
      if (plan) plans.push(plan);
    }
    return plans;
  }

  /** Only remembers the key of a row that is done already. */
  async skim(row: SourceRow): Promise<void> {
    await this.orReject(row, () => this.draft(row), true);
  }

  /** A refusal as a problem of its row. */
  problemOf(row: SourceRow, refused: Refusal): RowProblem {
    return problemOfRefusal(row, refused, this.load.columnOf);
  }

  /** What `work` makes of a row; a row it cannot take is rejected. */
  private async orReject<T>(row: SourceRow, work: () => Promise<T>, silent = false) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof BadRow)) throw error;
      const { fault, column, value } = error;
      const { file, line } = row;
      const { rule, message, remedy } = fault;
      const place = column === undefined ? {} : { column };
      const what = value === undefined ? {} : { value };
      if (!silent) this.reject({ file, line, ...place, ...what, rule, message, remedy });
      return undefined;
    }
  }

  private async draft(row: SourceRow): Promise<Draft | undefined> {
    const { load, later, parts } = this;
    const cells = readRow(load.columns, row.cells);
    const fault = load.check?.(cells);
    if (fault) throw new BadRow(fault, fault.column, row.cells[fault.column]);
    const key = load.key(cells);
    const id = key === null ? parts.newId(row.line) : await parts.known.id(load.record, key);
    if (key !== null) {
      const earlier = this.lines.get(id);
      if (earlier !== undefined) {
        if (load.repeats && !load.steps) return undefined;
        if (!load.repeats) throw new BadRow(twice(earlier), ...this.keyCell(row));
      } else this.lines.set(id, row.line || 1);
    }
    const waiting = given(load.later?.(cells));
    if (later && Object.keys(waiting).length === 0) return undefined;
    return {
      row,
      cells,
      id,
      keyed: key !== null,
      parts: {
        values: later ? waiting : given(load.values?.(cells)),
        initial: later ? {} : given(load.initial?.(cells)),
        steps: later ? [] : (load.steps?.(cells) ?? []),
      },
    };
  }

  private keyCell(row: SourceRow): [column?: string, value?: string] {
    const column = this.load.keyColumn;
    return column === undefined ? [] : [column, row.cells[column] ?? ''];
  }

  /** Rows whose record no import has made may mean one that holds the same key. */
  private async findExisting(drafts: readonly Draft[]): Promise<readonly Draft[]> {
    const { known } = this.parts;
    const { record } = this.load;
    const absent: Draft[] = [];
    for (const draft of drafts) {
      if (draft.keyed && (await known.status(record, draft.id)) === 'absent') absent.push(draft);
    }
    if (absent.length === 0) return drafts;
    const matches = await this.load.existing!(absent.map(({ cells }) => cells));
    const ambiguous = new Set<Draft>();
    for (const [n, draft] of absent.entries()) {
      const [first, second] = matches[n]!;
      if (second !== undefined) {
        ambiguous.add(draft);
        const work = () =>
          Promise.reject(new BadRow(severalHave(record), ...this.keyCell(draft.row)));
        await this.orReject(draft.row, work, this.later);
      } else if (first !== undefined) draft.id = first;
    }
    await known.read(absent.map(({ id }) => ({ record, id })));
    return drafts.filter((draft) => !ambiguous.has(draft));
  }

  private async resolve({ row, cells, id, parts }: Draft): Promise<RowPlan> {
    const { load, later } = this;
    const day = load.on?.(cells);
    const own = (await this.parts.known.seen(load.record, id)).state;
    const values = await this.settle(parts.values, row, {}, own);
    const initial = await this.settle(parts.initial, row, values, own);
    const steps: PlannedStep[] = [];
    for (const { on, input, ...step } of parts.steps) {
      const fixed = await this.settle(input, row, { ...values, ...initial }, own);
      steps.push({ ...step, input: fixed, ...(on ? { at: this.instantOf(on) } : {}) });
    }
    return {
      row,
      record: load.record,
      id,
      values,
      initial,
      existing: later || !load.values,
      ...(day ? { at: this.instantOf(day) } : {}),
      steps,
    };
  }

  private instantOf(text: string): Date {
    return text.length === 10 ? this.parts.startOf(text) : new Date(text);
  }

  /** The values with ids in place of references; `known` are those that are settled already. */
  private async settle(
    values: Values,
    row: SourceRow,
    known: Values,
    own: unknown,
  ): Promise<Values> {
    const settled: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(values)) {
      if (value instanceof Derived) continue;
      settled[name] =
        value instanceof Reference
          ? await this.follow(value, row)
          : value instanceof Lookup
            ? await this.lookUp(value)
            : value;
    }
    const state = async (record: string, id: string) =>
      (await this.parts.known.seen(record, id)).state;
    for (const [name, value] of Object.entries(values)) {
      if (!(value instanceof Derived)) continue;
      const found = await value.of({ ...known, ...settled }, state, own);
      if (isFault(found)) throw new BadRow(found, value.column, value.text);
      settled[name] = found;
    }
    return given(settled);
  }

  private async lookUp({ finder, text, column }: Lookup): Promise<string | null> {
    const found = await finder.find(text);
    if (isFault(found)) throw new BadRow(found, column, text);
    return found;
  }

  private async follow({ record, key, column, pick }: Reference, row: SourceRow) {
    const id = await this.parts.known.id(record, key);
    const status = await this.parts.known.status(record, id);
    if (status === 'absent' || status === 'deleted') {
      const message = `names no ${record}`;
      const remedy = `Add the ${record}, or correct the spelling.`;
      const value = column ? row.cells[column] : key;
      throw new BadRow({ rule: 'reference', message, remedy }, column, value);
    }
    return pick ? pick((await this.parts.known.seen(record, id)).state as never) : id;
  }
}

const twice = (line: number): Fault => ({
  rule: 'unique',
  message: `repeats the key of line ${line}`,
  remedy: 'Keep one of them.',
});

const severalHave = (record: string): Fault => ({
  rule: 'ambiguous',
  message: `is held by several records, so that the ${record} cannot be told`,
  remedy: 'Merge or correct those, or choose another key.',
});

/** What is given at all: null leaves a field as it is. */
function given(values: Values = {}): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
  );
}
