import { scopeOf, type RequestContext } from '#kernel/context';
import type { ReadModel } from '#kernel/read-model';
import { refusal, type Refusal } from '#kernel/refusal';
import { granteesOf } from '#kernel/sharing';
import type { Database } from '../postgres/database.js';
import { Parameters } from './list-conditions.js';
import { changesFor, hiddenFrom } from './field-rights.js';
import { searchable, tableOf } from './physical.js';
import {
  encodeTimelineCursor,
  entryOf,
  type TimelineEntry,
  type TimelinePage,
  type TimelineQuery,
  type TimelineRow,
  type TimelineStatistics,
} from './timeline-entry.js';
import { isShareable, sharedSql } from './visibility.js';

/** Who came and went is part of the access log, which is closed to most roles. */
export const SIGN_IN_EVENTS: readonly string[] = [
  'UserSignedIn',
  'UserSignInFailed',
  'UserSignedOut',
];

/** Whether a caller may know who came and went, and from where. */
export function seesAccess(ctx: RequestContext): boolean {
  return scopeOf(ctx.grants, 'accessLog:read') === 'all';
}

/** The entry without the address and browser of other people, where the caller may not see them. */
function discreet(entry: TimelineEntry, ctx: RequestContext): TimelineEntry {
  if (seesAccess(ctx) || entry.actor.id === ctx.actor.id) return entry;
  return { ...entry, ip: null, userAgent: null };
}

/** Reads the timeline: the log itself, seen per record, user or workspace. */
export class TimelineReader {
  constructor(
    private readonly database: Database,
    private readonly models: readonly ReadModel[],
    private readonly clock: () => Date,
  ) {}

  /**
   * Rows the caller may see, as SQL; a refusal without the permission. The history of a record is
   * open to those who may read the record, and no further than `timeline:read` reaches.
   */
  private rights(ctx: RequestContext, parameters: Parameters): string | Refusal {
    const journal = scopeOf(ctx.grants, 'timeline:read');
    if (!journal) {
      return refusal('FORBIDDEN', 'forbidden', 'Your role does not allow timeline:read.', [
        { rule: 'permission', message: 'This needs the permission timeline:read.' },
      ]);
    }
    const tenant = parameters.add(ctx.tenantId, 'uuid');
    const open: string[] = [];
    const owned: ReadModel[] = [];
    for (const model of this.models) {
      const scope = scopeOf(ctx.grants, `${model.name}:read`);
      if (scope === 'all' && journal === 'all') open.push(model.record);
      else if (scope) owned.push(model);
    }
    const conditions = [`t.record_type = ANY (${parameters.add(open, 'text[]')})`];
    if (owned.length > 0) {
      const users = (journal !== 'own' && ctx.teamUserIds) || [ctx.actor.id];
      const types = owned.map(({ record }) => record);
      conditions.push(
        `(t.record_type = ANY (${parameters.add(types, 'text[]')})
          AND t.record_owner = ANY (${parameters.add(users, 'uuid[]')}))`,
      );
      const known = granteesOf(journal === 'own' ? { actor: ctx.actor } : ctx);
      for (const model of owned.filter(isShareable)) {
        const grantees = parameters.add(known, 'text[]');
        const at = parameters.add(this.clock(), 'timestamptz');
        conditions.push(
          `(t.record_type = ${parameters.add(model.record, 'text')} AND EXISTS (
            SELECT 1 FROM ${tableOf(model)} l WHERE l.tenant_id = ${tenant} AND l.id = t.record_id
              AND ${sharedSql('l', grantees, at)}))`,
        );
      }
    }
    const rights = [`t.tenant_id = ${tenant}`, `(${conditions.join(' OR ')})`];
    if (!seesAccess(ctx)) {
      const doors = parameters.add(SIGN_IN_EVENTS, 'text[]');
      const self = parameters.add(ctx.actor.id, 'text');
      rights.push(`(t.event_type <> ALL (${doors}) OR t.actor_id = ${self})`);
    }
    return rights.join(' AND ');
  }

  /** Types of records of which the caller does not see every field, or not this one. */
  private limited(ctx: RequestContext, field?: string): readonly string[] {
    const isHidden = (model: ReadModel) => {
      const hidden = hiddenFrom(ctx, model);
      return field === undefined ? hidden.length > 0 : hidden.includes(field);
    };
    return this.models.filter(isHidden).map(({ record }) => record);
  }

  /** The entry as the caller may see it. */
  private entryFor(ctx: RequestContext, row: TimelineRow): TimelineEntry {
    const entry = discreet(entryOf(row), ctx);
    const model = this.models.find(({ record }) => record === entry.recordType);
    return model ? { ...entry, changes: changesFor(ctx, model, entry.changes) } : entry;
  }

  private conditions(ctx: RequestContext, query: TimelineQuery, parameters: Parameters): string[] {
    const conditions: string[] = [];
    /** A condition on what changed, which says nothing of records that are seen only in part. */
    const open = (types: readonly string[], condition: string) =>
      types.length === 0
        ? condition
        : `(t.record_type <> ALL (${parameters.add(types, 'text[]')}) AND ${condition})`;
    const { recordType, recordId } = query;
    if (recordType && recordId) {
      const [type, id] = [parameters.add(recordType, 'text'), parameters.add(recordId, 'uuid')];
      const own = `(t.record_type = ${type} AND t.record_id = ${id})`;
      const related = `(t.related_type = ${type} AND t.related_id = ${id})`;
      conditions.push(query.includeRelated ? `(${own} OR ${related})` : own);
    }
    const equal = (column: string, value: string | undefined) => {
      if (value !== undefined) conditions.push(`t.${column} = ${parameters.add(value, 'text')}`);
    };
    const among = (column: string, values: readonly string[] | undefined) => {
      if (values) conditions.push(`t.${column} = ANY (${parameters.add(values, 'text[]')})`);
    };
    const time = (column: string, operator: string, at: Date | undefined) => {
      if (at) conditions.push(`t.${column} ${operator} ${parameters.add(at, 'timestamptz')}`);
    };
    equal('actor_id', query.actorId);
    equal('correlation_id', query.correlationId);
    among('action', query.actions);
    among('record_type', query.recordTypes);
    time('occurred_at', '>=', query.from);
    time('occurred_at', '<=', query.to);
    time('occurred_at', '<=', query.asOf);
    time('recorded_at', '<=', query.knownAt);
    if (query.field) {
      const path = parameters.add(JSON.stringify([{ field: query.field }]), 'jsonb');
      conditions.push(open(this.limited(ctx, query.field), `t.changes @> ${path}`));
    }
    if (query.search) {
      const pattern = `%${searchable(query.search).replaceAll(/[\\%_]/g, '\\$&')}%`;
      const parameter = parameters.add(pattern, 'text');
      const changed = open(this.limited(ctx), `lower(t.changes::text) LIKE ${parameter}`);
      conditions.push(`(lower(coalesce(t.record_label, '')) LIKE ${parameter} OR ${changed})`);
    }
    return conditions;
  }

  async list(ctx: RequestContext, query: TimelineQuery): Promise<TimelinePage | Refusal> {
    const parameters = new Parameters();
    const rights = this.rights(ctx, parameters);
    if (typeof rights !== 'string') return rights;
    const conditions = [rights, ...this.conditions(ctx, query, parameters)];
    const direction = query.ascending ? 'ASC' : 'DESC';
    if (query.cursor) {
      const { occurredAt, revision, id, part } = query.cursor;
      const place = [
        parameters.add(occurredAt, 'timestamptz'),
        parameters.add(revision, 'bigint'),
        parameters.add(id, 'uuid'),
        parameters.add(part, 'smallint'),
      ].join(', ');
      const beyond = query.ascending ? '>' : '<';
      conditions.push(`(t.occurred_at, t.revision, t.id, t.part) ${beyond} (${place})`);
    }
    const order = ['occurred_at', 'revision', 'id', 'part'].map((c) => `t.${c} ${direction}`);
    const { rows } = await this.database.tenant(ctx.tenantId, (db) =>
      db.query<TimelineRow>(
        `SELECT t.* FROM rm_timeline t WHERE ${conditions.join(' AND ')}
          ORDER BY ${order.join(', ')}
          LIMIT ${parameters.add(query.limit + 1, 'int')}`,
        parameters.values,
      ),
    );
    const shown = rows.slice(0, query.limit);
    const last = shown.at(-1);
    const hasNext = rows.length > query.limit;
    return {
      entries: shown.map((row) => this.entryFor(ctx, row)),
      hasNext,
      nextCursor:
        hasNext && last
          ? encodeTimelineCursor({
              occurredAt: last.occurred_at.toISOString(),
              revision: Number(last.revision),
              id: last.id,
              part: last.part,
            })
          : null,
    };
  }

  /** Counts by action, record type, actor and day over a period. */
  async statistics(
    ctx: RequestContext,
    query: Omit<TimelineQuery, 'limit' | 'cursor'>,
    timeZone: string,
  ): Promise<TimelineStatistics | Refusal> {
    const parameters = new Parameters();
    const rights = this.rights(ctx, parameters);
    if (typeof rights !== 'string') return rights;
    const where = [rights, ...this.conditions(ctx, { ...query, limit: 1 }, parameters)].join(
      ' AND ',
    );
    const zone = parameters.add(timeZone, 'text');
    const { rows } = await this.database.tenant(ctx.tenantId, (db) =>
      db.query<{ kind: number; value: string; count: string }>(
        `SELECT grouping(t.action, t.record_type, t.actor_id, (t.occurred_at AT TIME ZONE ${zone})::date) AS kind,
            coalesce(t.action, t.record_type, t.actor_id, (t.occurred_at AT TIME ZONE ${zone})::date::text) AS value,
            count(*) AS count
           FROM rm_timeline t WHERE ${where}
          GROUP BY GROUPING SETS ((t.action), (t.record_type), (t.actor_id),
            ((t.occurred_at AT TIME ZONE ${zone})::date))
          ORDER BY count(*) DESC, 2`,
        parameters.values,
      ),
    );
    const of = (kind: number) =>
      rows
        .filter((row) => row.kind === kind)
        .map((row) => ({ value: row.value, count: Number(row.count) }));
    const [ACTION, RECORD_TYPE, ACTOR, DAY] = [0b0111, 0b1011, 0b1101, 0b1110] as const;
    return {
      total: of(ACTION).reduce((sum, { count }) => sum + count, 0),
      byAction: of(ACTION).map(({ value, count }) => ({ action: value, count })),
      byRecordType: of(RECORD_TYPE).map(({ value, count }) => ({ recordType: value, count })),
      byActor: of(ACTOR).map(({ value, count }) => ({ actorId: value, count })),
      byDay: of(DAY)
        .map(({ value, count }) => ({ day: value, count }))
        .sort((a, b) => (a.day < b.day ? -1 : 1)),
    };
  }
}
