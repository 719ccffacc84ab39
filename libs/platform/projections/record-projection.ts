import type { EventDefinition, RecordedEvent } from '#kernel/event';
import type { ReadModel, Row } from '#kernel/read-model';
import type { Queryable } from '../postgres/database.js';
import { fromRecord, physicalColumns, tablesOf, toRecord, type ModelTables } from './physical.js';
import { differences, evolveRow } from './row-fold.js';

interface Version {
  readonly row: Row;
  readonly tenantId: string;
  readonly vf: Date;
  readonly rf: Date;
  vt: Date | 'infinity';
  rt: Date | 'infinity';
}

interface Folded {
  row: Row | null;
  readonly startRevision: number;
  readonly versions: Version[];
}

/** A stream whose event cannot be applied; the others go on. */
export interface Poison {
  readonly event: RecordedEvent;
  readonly reason: string;
}

/** Everything a batch of events adds to one read model's tables, ready to be written. */
export class RecordProjection {
  private readonly columns;

  constructor(
    readonly model: ReadModel,
    private readonly definition: (type: string) => EventDefinition,
    private readonly tables: ModelTables = tablesOf(model),
  ) {
    this.columns = physicalColumns(model);
  }

  /** Folds the events in feed order and writes rows, versions and timeline in the transaction. */
  async apply(query: Queryable, events: readonly RecordedEvent[]): Promise<readonly Poison[]> {
    const own = events.filter((event) => event.category === this.model.category);
    if (own.length === 0) return [];
    const rows = await this.existing(query, own);
    const poison: Poison[] = [];
    const timeline: Row[] = [];
    const parked = new Set<string>();
    for (const event of own) {
      const key = `${event.tenantId}/${event.id}`;
      let folded = rows.get(key);
      if (!folded) rows.set(key, (folded = { row: null, startRevision: 0, versions: [] }));
      // Seen before: the batch is a redelivery.
      if (event.version <= folded.startRevision || parked.has(key)) continue;
      try {
        const before = folded.row;
        const after = evolveRow(this.model, before, event);
        timeline.push(this.entry(event, before, after, timeline.at(-1)));
        folded.row = after;
        if (after) addVersion(folded, event, after);
      } catch (error) {
        parked.add(key);
        poison.push({ event, reason: (error as Error).message });
      }
    }
    await this.write(query, rows, timeline);
    return poison;
  }

  private async existing(
    query: Queryable,
    events: readonly RecordedEvent[],
  ): Promise<Map<string, Folded>> {
    const keys = new Map(events.map((event) => [`${event.tenantId}/${event.id}`, event]));
    const created = [...keys.values()].every((event) => event.version === 1);
    if (created) return new Map();
    const { rows } = await query.query(
      `SELECT r.* FROM unnest($1::uuid[], $2::uuid[]) AS k(t, i)
         JOIN ${this.tables.live} r ON r.tenant_id = k.t AND r.id = k.i`,
      [[...keys.values()].map((e) => e.tenantId), [...keys.values()].map((e) => e.id)],
    );
    return new Map(
      rows.map((record) => {
        const row = fromRecord(this.columns, record);
        const startRevision = row['revision'] as number;
        return [
          `${String(record['tenant_id'])}/${String(record['id'])}`,
          { row, startRevision, versions: [] },
        ];
      }),
    );
  }

  private entry(event: RecordedEvent, before: Row | null, after: Row | null, last?: Row): Row {
    const row = after ?? before ?? {};
    const related = relatedTo(row);
    return {
      tenant_id: event.tenantId,
      id: event.eventId,
      part: last?.['id'] === event.eventId ? (last['part'] as number) + 1 : 0,
      record_type: this.model.record,
      record_id: event.id,
      record_label: row[this.model.label] ?? null,
      record_owner: this.model.owner ? (row[this.model.owner] ?? null) : null,
      related_type: related?.[0] ?? null,
      related_id: related?.[1] ?? null,
      revision: event.version,
      event_type: event.type,
      action: this.definition(event.type).action,
      actor_type: event.meta.actor.type,
      actor_id: event.meta.actor.id,
      changes: differences(before, after),
      command_id: event.commandId,
      correlation_id: event.meta.correlationId,
      causation_id: event.meta.causationId ?? null,
      request_id: event.meta.requestId ?? null,
      ip: event.meta.ip ?? null,
      user_agent: event.meta.userAgent ?? null,
      occurred_at: event.occurredAt,
      recorded_at: event.recordedAt,
    };
  }

  private async write(
    query: Queryable,
    rows: ReadonlyMap<string, Folded>,
    timeline: readonly Row[],
  ): Promise<void> {
    const changed = [...rows.values()].filter(({ versions }) => versions.length > 0);
    const names = ['tenant_id', ...this.columns.map(({ name }) => name), 'search_text'];
    const record = (version: Version) => ({
      ...toRecord(this.model, this.columns, version.row),
      tenant_id: version.tenantId,
    });
    if (changed.length > 0) {
      const assignments = names
        .filter((name) => name !== 'tenant_id' && name !== 'id')
        .map((name) => `${name} = excluded.${name}`);
      await query.query(
        `INSERT INTO ${this.tables.live} (${names.join(', ')})
         SELECT ${names.join(', ')} FROM json_populate_recordset(NULL::${this.tables.live}, $1::json)
         ON CONFLICT (tenant_id, id) DO UPDATE SET ${assignments.join(', ')}`,
        [JSON.stringify(changed.map(({ versions }) => record(versions.at(-1)!)))],
      );
      if (this.model.temporal) await this.writeHistory(query, changed, names, record);
    }
    if (timeline.length > 0) {
      await query.query(
        `INSERT INTO ${this.tables.timeline}
         SELECT * FROM json_populate_recordset(NULL::${this.tables.timeline}, $1::json)
         ON CONFLICT DO NOTHING`,
        [JSON.stringify(timeline)],
      );
    }
  }

  private async writeHistory(
    query: Queryable,
    changed: readonly Folded[],
    names: readonly string[],
    record: (version: Version) => Row,
  ): Promise<void> {
    const continued = changed
      .filter(({ startRevision }) => startRevision > 0)
      .map(({ versions, startRevision }) => ({ first: versions[0]!, startRevision }));
    if (continued.length > 0) {
      await query.query(
        `UPDATE ${this.tables.history} h SET vt = n.vt, rt = n.rt
           FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::timestamptz[])
             AS n(t, i, r, vt, rt)
          WHERE h.tenant_id = n.t AND h.id = n.i AND h.revision = n.r`,
        [
          continued.map(({ first }) => first.tenantId),
          continued.map(({ first }) => first.row['id']),
          continued.map(({ startRevision }) => startRevision),
          continued.map(({ first }) => first.vf),
          continued.map(({ first }) => first.rf),
        ],
      );
    }
    const all = [...names, 'vf', 'vt', 'rf', 'rt'];
    const versions = changed.flatMap((folded) => folded.versions);
    await query.query(
      `INSERT INTO ${this.tables.history} (${all.join(', ')})
       SELECT ${all.join(', ')} FROM json_populate_recordset(NULL::${this.tables.history}, $1::json)`,
      [
        JSON.stringify(
          versions.map((v) => ({ ...record(v), vf: v.vf, vt: v.vt, rf: v.rf, rt: v.rt })),
        ),
      ],
    );
  }
}

function addVersion(folded: Folded, event: RecordedEvent, row: Row): void {
  const last = folded.versions.at(-1);
  // One stored event may upcast to several: together they make one version.
  if (last && last.row['revision'] === event.version) {
    folded.versions[folded.versions.length - 1] = { ...last, row };
    return;
  }
  if (last) {
    last.vt = event.occurredAt;
    last.rt = event.recordedAt;
  }
  folded.versions.push({
    row,
    tenantId: event.tenantId,
    vf: event.occurredAt,
    vt: 'infinity',
    rf: event.recordedAt,
    rt: 'infinity',
  });
}

/** The record in whose timeline an entry also belongs. */
function relatedTo(row: Row): readonly [unknown, unknown] | undefined {
  if (row['relatedToId']) return [row['relatedToType'], row['relatedToId']];
  return row['companyId'] ? ['company', row['companyId']] : undefined;
}
