import type { Refusal } from '#kernel/refusal';
import { readRow } from './columns.js';
import type { SourceRow } from './csv.js';
import { keyOf, type KnownRecords } from './known-records.js';
import { BadRow, type Fault, type RowProblem } from './problems.js';
import { Reference, type Load, type Values } from './recipe.js';
import type { Plan, PlannedStep } from './upsert.js';

/** A row and what it wants of its record. */
export interface RowPlan extends Plan {
  readonly row: SourceRow;
  /** Some of its fields wait for the second pass. */
  readonly waits: boolean;
}

interface Draft {
  readonly row: SourceRow;
  readonly cells: never;
  readonly id: string;
  readonly parts: {
    values: Values;
    initial: Values;
    steps: ReturnType<NonNullable<Load['steps']>>;
  };
  readonly references: readonly Reference[];
  readonly waits: boolean;
}

/** Turns the rows of one pass through a file into plans. */
export class Planner {
  private readonly keys = new Set<string>();

  constructor(
    private readonly known: KnownRecords,
    private readonly startOf: (day: string) => Date,
    private readonly load: Load,
    private readonly later: boolean,
    private readonly reject: (problem: RowProblem, of?: Pick<RowPlan, 'id' | 'waits'>) => void,
  ) {}

  /** The plans of a chunk of rows; rows that cannot be taken are left out. */
  async plan(rows: readonly SourceRow[]): Promise<readonly RowPlan[]> {
    const drafts: Draft[] = [];
    for (const row of rows) {
      const draft = await this.orReject(row, () => this.draft(row));
      if (draft) drafts.push(draft);
    }
    const wanted = await Promise.all(
      drafts.flatMap(({ references }) =>
        references.map(async ({ record, key }) => ({
          record,
          id: await this.known.id(record, key),
        })),
      ),
    );
    const own = drafts.map(({ id }) => ({ record: this.load.record, id }));
    await this.known.read([...own, ...wanted]);
    const plans: RowPlan[] = [];
    for (const draft of drafts) {
      const plan = await this.orReject(draft.row, () => this.resolve(draft), draft);
      if (plan) plans.push(plan);
    }
    return plans;
  }

  /** A refusal as a problem of its row; the column is the one that holds the refused value. */
  problemOf(row: SourceRow, refused: Refusal): RowProblem {
    const { value, message, remedy, rule } = { ...refused.details[0] };
    const cell = Object.entries(row.cells).find(
      ([, text]) => text !== '' && text === String(value ?? ''),
    );
    return {
      file: row.file,
      line: row.line,
      ...(cell ? { column: cell[0], value: cell[1] } : {}),
      rule: rule ?? refused.code,
      message: `was refused: ${(message ?? refused.message).replace(/\.$/, '')}`,
      remedy: remedy ?? 'Change the record or the row, then load again.',
    };
  }

  /**
   * What `work` makes of a row; a row it cannot take is rejected. The second pass says nothing of
   * the cells the first one has read already.
   */
  private async orReject<T>(row: SourceRow, work: () => Promise<T>, draft?: Draft) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof BadRow)) throw error;
      const { fault, column, value } = error;
      const { file, line } = row;
      const place = column === undefined ? {} : { column };
      const what = value === undefined ? {} : { value };
      if (draft || !this.later) this.reject({ file, line, ...place, ...what, ...fault }, draft);
      return undefined;
    }
  }

  private async draft(row: SourceRow): Promise<Draft | undefined> {
    const { load, later } = this;
    const cells = readRow(load.columns, row.cells) as never;
    const fault = load.check?.(cells);
    if (fault) throw new BadRow(withoutColumn(fault), fault.column, row.cells[fault.column]);
    const key = keyOf(load.key(cells));
    if (this.keys.has(key)) {
      if (load.repeats && !load.steps) return undefined;
      if (!load.repeats) throw new BadRow(twice);
    }
    this.keys.add(key);
    const waiting = given(load.later?.(cells));
    const waits = Object.keys(waiting).length > 0;
    if (later && !waits) return undefined;
    const parts = {
      values: later ? waiting : given(load.values?.(cells)),
      initial: later ? {} : given(load.initial?.(cells)),
      steps: later ? [] : (load.steps?.(cells) ?? []),
    };
    const inputs = parts.steps.flatMap(({ input }) => (typeof input === 'object' ? [input] : []));
    const references = [parts.values, parts.initial, ...inputs].flatMap((values) =>
      Object.values(values).filter((value) => value instanceof Reference),
    );
    return { row, cells, id: await this.known.id(load.record, key), parts, references, waits };
  }

  private async resolve({ row, cells, id, parts, waits }: Draft): Promise<RowPlan> {
    const { load, later } = this;
    const day = load.on?.(cells);
    const steps: PlannedStep[] = [];
    for (const { name, command, input, on, done } of parts.steps) {
      const fixed = typeof input === 'object' ? await this.references(input, row) : undefined;
      steps.push({
        name,
        command,
        input: fixed ? () => fixed : (input as PlannedStep['input']),
        done: done as PlannedStep['done'],
        ...(on ? { at: this.startOf(on) } : {}),
      });
    }
    return {
      row,
      record: load.record,
      id,
      values: await this.references(parts.values, row),
      initial: await this.references(parts.initial, row),
      existing: later || !load.values,
      ...(day ? { at: this.startOf(day) } : {}),
      steps,
      waits,
    };
  }

  /** The values with ids in place of references. */
  private async references(values: Values, row: SourceRow): Promise<Values> {
    const resolved: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(values)) {
      resolved[name] = value instanceof Reference ? await this.follow(value, row) : value;
    }
    return resolved;
  }

  private async follow({ record, key, column, pick }: Reference, row: SourceRow) {
    const id = await this.known.id(record, key);
    const { state } = await this.known.seen(record, id);
    const status = this.known.aggregate(record).status(state);
    if (status === 'absent' || status === 'deleted') {
      const message = `names no ${record}`;
      const remedy = `Add the ${record}, or correct the spelling.`;
      const value = column ? row.cells[column] : key;
      throw new BadRow({ rule: 'reference', message, remedy }, column, value);
    }
    return pick ? pick(state as never) : id;
  }
}

const twice: Fault = {
  rule: 'unique',
  message: 'repeats the key of an earlier row',
  remedy: 'Keep one of them.',
};

function withoutColumn({ rule, message, remedy }: Fault): Fault {
  return { rule, message, remedy };
}

/** What is given at all: null leaves a field as it is. */
function given(values: Values = {}): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
  );
}
