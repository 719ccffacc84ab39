import type { Matches } from '#kernel/command';
import type { ReadModel } from '#kernel/read-model';
import type { Database } from '../postgres/database.js';
import { Gather } from '../postgres/gather.js';
import { castOf } from './list-conditions.js';
import { comparedColumn, tableOf } from './physical.js';

interface Question {
  readonly tenantId: string;
  readonly values: readonly string[];
}

/** Looks up live rows by their values, case-insensitive: for duplicate warnings. */
export class MatchLookup {
  private readonly gathers = new Map<string, Gather<Question, Matches>>();
  /** Questions by the statement that answered them. */
  private readonly asked = new Map<string, number>();

  constructor(private readonly database: Database) {}

  /** At most five rows of a tenant. */
  matches(
    tenantId: string,
    model: ReadModel,
    where: Readonly<Record<string, string>>,
  ): Promise<Matches> {
    const fields = Object.keys(where).sort();
    const key = [model.name, ...fields].join(',');
    let gather = this.gathers.get(key);
    if (!gather) {
      gather = new Gather((questions) => this.ask(model, fields, questions));
      this.gathers.set(key, gather);
    }
    return gather.one({ tenantId, values: fields.map((field) => where[field]!) });
  }

  /** The role of searches sees all rows: every row is compared with its question's tenant. */
  private async ask(
    model: ReadModel,
    fields: readonly string[],
    questions: readonly Question[],
  ): Promise<readonly Matches[]> {
    const columns = fields.map((field) => comparedColumn(model, field));
    const arrays = columns.map(({ kind }, index) => `$${index + 2}::${castOf(kind)}[]`);
    const conditions = columns.map(({ name, kind }, index) =>
      kind === 'text' ? `lower(r.${name}) = lower(k.v${index})` : `r.${name} = k.v${index}`,
    );
    const label = comparedColumn(model, model.label).name;
    const text = `SELECT k.n, m.id, m.label
          FROM unnest(${['$1::uuid[]', ...arrays].join(', ')}) WITH ORDINALITY
            AS k (${['tenant', ...columns.map((_, index) => `v${index}`), 'n'].join(', ')}),
          LATERAL (SELECT r.id, r.${label} AS label FROM ${tableOf(model)} r
            WHERE r.tenant_id = k.tenant AND r.deleted_at IS NULL
              AND ${conditions.join(' AND ')} LIMIT 5) AS m`;
    const { rows } = await this.database.pool('search').query<Found>({
      ...this.database.prepared(this.plannedAnew(text, questions.length)),
      values: [
        questions.map(({ tenantId }) => tenantId),
        ...fields.map((_, index) => questions.map(({ values }) => values[index])),
      ],
    });
    const found = Map.groupBy(rows, ({ n }) => Number(n));
    return questions.map((_, index) =>
      (found.get(index + 1) ?? []).map((row) => ({ id: row.id, label: row.label })),
    );
  }

  /**
   * Another statement each time twice as many questions were put. A plan made while the table was
   * empty, by any index or none, would stay while an import fills it.
   */
  private plannedAnew(text: string, questions: number): string {
    const asked = (this.asked.get(text) ?? 0) + questions;
    this.asked.set(text, asked);
    return `${text} -- ${Math.floor(Math.log2(asked))}`;
  }
}

interface Found {
  readonly n: string;
  readonly id: string;
  readonly label: string;
}
