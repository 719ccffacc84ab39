import { streamId } from '#kernel/aggregate';
import type { Row } from '#kernel/read-model';
import type { SagaFactRequest, SagaFactRequests, SagaFacts } from '#kernel/saga';
import type { Registry } from '../commands/registry.js';
import type { EventCodec } from '../event-store/codec.js';
import type { EventStore } from '../event-store/port.js';
import type { Database } from '../postgres/database.js';
import { comparedColumn, fromRecord, physicalColumns, tablesOf } from '../projections/physical.js';
import { foldRow } from '../projections/row-fold.js';

const MOST_ROWS = 50;

/** Looks up what a saga asks for before it decides; everything it knows is of one tenant. */
export class SagaFactReader {
  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly codec: EventCodec,
    private readonly registry: Registry,
  ) {}

  /** The facts by name, as they were known at a moment; `past` reads the rows of then. */
  async read(
    tenantId: string,
    requests: SagaFactRequests,
    knownAt: Date,
    past = false,
  ): Promise<SagaFacts> {
    const found = await Promise.all(
      Object.entries(requests)
        .filter(([, request]) => request !== undefined)
        .map(async ([name, request]) => [
          name,
          request!.kind === 'row'
            ? await this.row(tenantId, request!.record, request!.id, knownAt)
            : await this.rows(tenantId, request!, past ? knownAt : undefined),
        ]),
    );
    return Object.fromEntries(found) as SagaFacts;
  }

  /** A record as it was known then, folded from the log; null where there was none. */
  async row(tenantId: string, record: string, id: string, knownAt: Date): Promise<Row | null> {
    const model = this.registry.modelOfRecord(record);
    if (!model) throw new Error(`there is no record ${record}`);
    const { events } = await this.store.load(tenantId, streamId(model.category, id));
    return foldRow(model, await this.codec.decode(events), { knownAt });
  }

  private async rows(
    tenantId: string,
    { readModel, field, value }: Extract<SagaFactRequest, { kind: 'rows' }>,
    asKnownAt: Date | undefined,
  ): Promise<readonly Row[]> {
    const model = this.registry.readModel(readModel);
    if (!model.columns[field]) throw new Error(`${model.name} has no field ${field}`);
    const { name, kind } = comparedColumn(model, field);
    const equals = kind === 'tags' ? `$2 = ANY (${name})` : `${name}::text = $2`;
    const { live, history } = tablesOf(model);
    const { rows } = await this.database.tenant(tenantId, (db) =>
      db.query(
        `SELECT * FROM ${asKnownAt ? history : live}
          WHERE tenant_id = $1 AND ${equals} AND deleted_at IS NULL AND archived_at IS NULL
            ${asKnownAt ? 'AND rf <= $3 AND rt > $3' : ''}
          ORDER BY created_at, id LIMIT ${MOST_ROWS}`,
        [tenantId, value, ...(asKnownAt ? [asKnownAt] : [])],
      ),
    );
    return rows.map((record) => fromRecord(physicalColumns(model), record));
  }
}
