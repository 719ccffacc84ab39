import { streamId } from '#kernel/aggregate';
import { scopeOf, type RequestContext } from '#kernel/context';
import { isUuid } from '#kernel/ids';
import type { ReadModel, Row } from '#kernel/read-model';
import { refusal, type Refusal } from '#kernel/refusal';
import { granteesOf } from '#kernel/sharing';
import type { EventCodec } from '../event-store/codec.js';
import type { EventStore } from '../event-store/port.js';
import type { Database } from '../postgres/database.js';
import { Discards } from './discards.js';
import { hiddenAsked, hiddenFrom, rowFor, searchedFor, seenBy } from './field-rights.js';
import { sortText } from './list-checks.js';
import { encodeCursor, type ListQuery } from './list-query.js';
import { Parameters, reachSql, roleOf, whereSql } from './list-conditions.js';
import { ListReader } from './list-reader.js';
import { COUNT_CAP } from './list-sql.js';
import { comparedColumn, fromRecord, physicalColumns, tableOf } from './physical.js';
import { foldRow } from './row-fold.js';
import { seesRow, type Visible } from './visibility.js';

export interface Page {
  readonly rows: readonly Row[];
  readonly total: number;
  /** `total` is a lower bound: counting stopped at 10,000. */
  readonly totalCapped: boolean;
  readonly hasNext: boolean;
  /** Cursor after each row, in the order of the rows. */
  readonly cursors: readonly string[];
}

/** One group of an aggregate, for example a stage with its count and sums per currency. */
export interface Group {
  readonly values: Readonly<Record<string, string | null>>;
  readonly count: number;
  /** Money field → sum of minor units, as text. */
  readonly sums: Readonly<Record<string, string>>;
}

export interface ReadTimes {
  readonly asOf?: Date;
  readonly knownAt?: Date;
  readonly revision?: number;
}

const notFound = (model: ReadModel) =>
  refusal('NOT_FOUND', 'missing', `There is no such ${model.record} in this workspace.`);

/** Answers every question to a read model, under the caller's rights and row-level security. */
export class ReadModelReader {
  private readonly lists: ListReader;

  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly codec: EventCodec,
    private readonly clock: () => Date,
  ) {
    this.lists = new ListReader(database);
  }

  /** Whose rows the caller may see, or a refusal. */
  visible(ctx: RequestContext, model: ReadModel): Visible | Refusal {
    const permission = `${model.name}:read`;
    const scope = scopeOf(ctx.grants, permission);
    if (scope === 'all') return 'all';
    if (scope) {
      const team = scope === 'team' ? ctx.teamUserIds : undefined;
      return { owners: team ?? [ctx.actor.id], grantees: granteesOf(ctx), at: this.clock() };
    }
    return refusal('FORBIDDEN', 'forbidden', `Your role does not allow ${permission}.`, [
      { rule: 'permission', message: `This needs the permission ${permission}.` },
    ]);
  }

  async list(ctx: RequestContext, model: ReadModel, query: ListQuery): Promise<Page | Refusal> {
    const visible = this.visible(ctx, model);
    if (typeof visible === 'object' && 'refused' in visible) return visible;
    const refused = hiddenAsked(ctx, model, query);
    if (refused) return refused;
    const columns = physicalColumns(seenBy(ctx, model));
    const asked = this.narrowed(ctx, model, query);
    const found = await this.lists.list(ctx.tenantId, model, asked, visible);
    const { records, total, hasNext } = found;
    const totalCapped = total > COUNT_CAP && !query.exactCount;
    return {
      rows: records.map((record) => fromRecord(columns, record)),
      total: totalCapped ? COUNT_CAP : total,
      totalCapped,
      hasNext,
      cursors: records.map((record) => cursorOf(model, query, record)),
    };
  }

  /** One record: the live row, or the fold of its events up to the instants or revision. */
  async get(
    ctx: RequestContext,
    model: ReadModel,
    id: string,
    times: ReadTimes & { readonly includeDeleted?: boolean } = {},
  ): Promise<Row | Refusal> {
    const visible = this.visible(ctx, model);
    if (typeof visible === 'object' && 'refused' in visible) return visible;
    if (!isUuid(id)) return notFound(model);
    const row =
      times.asOf || times.knownAt || times.revision !== undefined
        ? await this.fold(ctx.tenantId, model, id, times)
        : await this.live(ctx.tenantId, model, id);
    if (!row || (row['deletedAt'] && !times.includeDeleted)) return notFound(model);
    if (visible !== 'all' && model.owner) {
      const today = await this.live(ctx.tenantId, model, id);
      if (!seesRow(visible, model, today)) return notFound(model);
    }
    return rowFor(ctx, model, row);
  }

  async live(tenantId: string, model: ReadModel, id: string): Promise<Row | null> {
    const { rows } = await this.database.tenant(tenantId, (db) =>
      db.query(`SELECT r.* FROM ${tableOf(model)} r WHERE r.tenant_id = $1 AND r.id = $2`, [
        tenantId,
        id,
      ]),
    );
    return rows[0] ? fromRecord(physicalColumns(model), rows[0] as Row) : null;
  }

  /** The row straight from the log, whatever the projections have reached. */
  async fold(tenantId: string, model: ReadModel, id: string, until: ReadTimes = {}) {
    const { events } = await this.store.load(tenantId, streamId(model.category, id));
    const decoded = await this.codec.decode(events).catch((error: unknown) => error as Error);
    if (!(decoded instanceof Error)) return foldRow(model, decoded, until);
    // What lists leave out is left out here as well; anything else stays an error.
    const discards = await this.database.tenant(tenantId, (db) => Discards.read(db, model.name));
    const kept = events.filter((event) => !discards.has(model.name, event));
    if (kept.length === events.length) throw decoded;
    return foldRow(model, await this.codec.decode(kept), until);
  }

  /** Several records of a model by id, for references; missing ones are left out. */
  async many(
    ctx: RequestContext,
    model: ReadModel,
    ids: readonly string[],
  ): Promise<readonly Row[]> {
    const visible = this.visible(ctx, model);
    if (typeof visible === 'object' && 'refused' in visible) return [];
    const parameters = new Parameters();
    const [tenant, named] = [parameters.add(ctx.tenantId), parameters.add(ids, 'uuid[]')];
    const limited = visible !== 'all' && model.owner;
    const seen = limited ? `AND ${reachSql(model, 'r', visible, parameters)}` : '';
    const { rows } = await this.database.tenant(ctx.tenantId, (db) =>
      db.query(
        `SELECT r.* FROM ${tableOf(model)} r
          WHERE r.tenant_id = ${tenant} AND r.id = ANY (${named}) ${seen}`,
        parameters.values,
      ),
    );
    const columns = physicalColumns(seenBy(ctx, model));
    return rows.map((record) => fromRecord(columns, record as Row));
  }

  /** Counts and money sums by group and currency, live or as of an instant; no sums of what is hidden. */
  async aggregate(
    ctx: RequestContext,
    model: ReadModel,
    query: ListQuery,
    by: readonly string[],
    wanted: readonly string[],
  ): Promise<readonly Group[] | Refusal> {
    const visible = this.visible(ctx, model);
    if (typeof visible === 'object' && 'refused' in visible) return visible;
    const refused = hiddenAsked(ctx, model, {
      filters: [...query.filters, ...by.map((field) => ({ field }))],
      sort: [],
    });
    if (refused) return refused;
    // Sums of what is hidden would tell of it, and half of them would only confuse.
    const hidden = hiddenFrom(ctx, model);
    const sums = wanted.some((field) => hidden.includes(field)) ? [] : wanted;
    const asked = this.narrowed(ctx, model, query);
    const parameters = new Parameters();
    const { from, where } = whereSql(model, ctx.tenantId, asked, visible, parameters);
    const groups = by.map((field) => `r.${comparedColumn(model, field).name}`);
    const totals = sums.map((field) => comparedColumn(model, field).name);
    const currency = sums[0] ? `r.${totals[0]!.replace(/_minor$/, '_currency')}` : `NULL::text`;
    const text = `SELECT ${[...groups.map((g, i) => `${g}::text AS g${i}`), `${currency} AS currency`].join(', ')},
        count(*) AS count${totals.map((t, i) => `, coalesce(sum(r.${t}), 0)::text AS s${i}`).join('')}
      FROM ${from} WHERE ${where} GROUP BY ${[...groups, currency].join(', ')}`;
    const { rows } = await this.database.tenant(
      ctx.tenantId,
      (db) => db.query<Record<string, string | null>>(text, parameters.values),
      roleOf(model, asked, visible),
    );
    return rows.map((row) => ({
      values: {
        ...Object.fromEntries(by.map((field, index) => [field, row[`g${index}`] ?? null])),
        currency: row['currency'] ?? null,
      },
      count: Number(row['count']),
      sums: Object.fromEntries(sums.map((field, index) => [field, row[`s${index}`]!])),
    }));
  }

  /** The question without what only hidden fields answer; `me` among grantees is the caller. */
  private narrowed(ctx: RequestContext, model: ReadModel, query: ListQuery): ListQuery {
    const searched = query.search ? searchedFor(ctx, model) : undefined;
    const filters = query.filters.map((filter) => {
      if (filter.field !== 'sharedWith' || filter.operator === 'null') return filter;
      const values = filter.values.flatMap((one) => (one === 'me' ? granteesOf(ctx) : [one]));
      return { ...filter, values, at: query.asOf ?? this.clock() };
    });
    return { ...query, filters, ...(searched ? { searched } : {}) };
  }
}

function cursorOf(model: ReadModel, query: ListQuery, record: Row): string {
  const values = query.sort.map(({ field }) => {
    const value = record[comparedColumn(model, field).name];
    if (value === null || value === undefined) return null;
    return value instanceof Date ? value.toISOString() : String(value);
  });
  return encodeCursor({ sort: sortText(query.sort), values });
}
