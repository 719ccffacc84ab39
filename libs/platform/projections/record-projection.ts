import type { EventDefinition, RecordedEvent } from '#kernel/event';
import type { ReadModel, Row } from '#kernel/read-model';
import type { Queryable } from '../postgres/database.js';
import {
  fromRecord,
  physicalColumns,
  searchTextOf,
  tablesOf,
  type ModelTables,
} from './physical.js';
import { recordWriters, type Entry, type RecordWriters, type Version } from './record-writers.js';
import { differences, evolveRow } from './row-fold.js';

interface Folded {
  row: Row | null;
  /** The row before the batch. */
  readonly before: Row | null;
  readonly startRevision: number;
  readonly versions: Version[];
}

/** A stream whose event cannot be applied; the others go on. */
export interface Poison {
  readonly event: RecordedEvent;
  readonly reason: string;
}

/** The database refuses a value, not the work: cardinality, data, constraint or limit. */
export function isDataError(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^(21|22|23|54)[0-9A-Z]{3}$/.test(code);
}

/** Everything a batch of events adds to one read model's tables, ready to be written. */
export class RecordProjection {
  private readonly columns;
  private readonly writers: RecordWriters;
  private readonly wordsOf: (row: Row) => string;
  /** Named, as a prepared statement may not answer other columns later. */
  private readonly selected: string;

  constructor(
    readonly model: ReadModel,
    private readonly definition: (type: string) => EventDefinition,
    private readonly tables: ModelTables = tablesOf(model),
  ) {
    this.columns = physicalColumns(model);
    this.selected = ['tenant_id', ...this.columns.map(({ name }) => name)]
      .map((name) => `r.${name}`)
      .join(', ');
    this.writers = recordWriters(model, tables);
    this.wordsOf = searchTextOf(model);
  }

  /**
   * Applies stream by stream, each event for itself where a stream does not go in at once. For a
   * batch the database refused: what it refuses again is poison, everything else is written.
   */
  async applyCarefully(
    query: Queryable,
    events: readonly RecordedEvent[],
  ): Promise<readonly Poison[]> {
    const streams = new Map<string, RecordedEvent[]>();
    for (const event of events) {
      if (event.category !== this.model.category) continue;
      const key = `${event.tenantId}/${event.id}`;
      streams.set(key, [...(streams.get(key) ?? []), event]);
    }
    const poison: Poison[] = [];
    for (const stream of streams.values()) {
      const whole = await this.attempt(query, stream);
      if (typeof whole !== 'string') {
        poison.push(...whole);
        continue;
      }
      for (const event of stream) {
        const found = await this.attempt(query, [event]);
        if (typeof found !== 'string' && found.length === 0) continue;
        poison.push(...(typeof found === 'string' ? [{ event, reason: found }] : found));
        break;
      }
    }
    return poison;
  }

  /** Poison found by the fold, or why the database refused; then nothing was written. */
  private async attempt(
    query: Queryable,
    events: readonly RecordedEvent[],
  ): Promise<readonly Poison[] | string> {
    await query.query('SAVEPOINT attempt');
    try {
      const poison = await this.apply(query, events, true);
      await query.query('RELEASE SAVEPOINT attempt');
      return poison;
    } catch (error) {
      if (!isDataError(error)) throw error;
      await query.query('ROLLBACK TO SAVEPOINT attempt');
      return `the database refused the row (${(error as { code: string }).code})`;
    }
  }

  /** Folds the events in feed order and writes rows, versions and timeline in the transaction. */
  async apply(
    query: Queryable,
    events: readonly RecordedEvent[],
    careful = false,
  ): Promise<readonly Poison[]> {
    const own = events.filter((event) => event.category === this.model.category);
    if (own.length === 0) return [];
    const rows = await this.existing(query, own, careful);
    const poison: Poison[] = [];
    const timeline: Entry[] = [];
    const parked = new Set<string>();
    for (const event of own) {
      const key = `${event.tenantId}/${event.id}`;
      let folded = rows.get(key);
      if (!folded)
        rows.set(key, (folded = { row: null, before: null, startRevision: 0, versions: [] }));
      // Seen before: the batch is a redelivery.
      if (event.version <= folded.startRevision || parked.has(key)) continue;
      try {
        const before = folded.row;
        const after = evolveRow(this.model, before, event);
        timeline.push(this.entry(event, before, after, timeline.at(-1)));
        folded.row = after;
        if (after) addVersion(folded, event, after, this.wordsOf(after));
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
    careful: boolean,
  ): Promise<Map<string, Folded>> {
    const keys = new Map(events.map((event) => [`${event.tenantId}/${event.id}`, event]));
    const created = [...keys.values()].every((event) => event.version === 1);
    // A batch that only creates, delivered again, is refused by the keys and comes back carefully.
    if (created && !careful) return new Map();
    const { rows } = await query.query(
      `SELECT ${this.selected} FROM unnest($1::uuid[], $2::uuid[]) AS k(t, i)
         JOIN ${this.tables.live} r ON r.tenant_id = k.t AND r.id = k.i`,
      [[...keys.values()].map((e) => e.tenantId), [...keys.values()].map((e) => e.id)],
    );
    return new Map(
      rows.map((record) => {
        const row = fromRecord(this.columns, record);
        const startRevision = row['revision'] as number;
        return [
          `${String(record['tenant_id'])}/${String(record['id'])}`,
          { row, before: row, startRevision, versions: [] },
        ];
      }),
    );
  }

  private entry(event: RecordedEvent, before: Row | null, after: Row | null, last?: Entry): Entry {
    const row = after ?? before ?? {};
    const related = relatedTo(row);
    return {
      tenant_id: event.tenantId,
      id: event.eventId,
      part: last?.id === event.eventId ? (last.part as number) + 1 : 0,
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
    timeline: readonly Entry[],
  ): Promise<void> {
    const changed = [...rows.values()].filter(({ versions }) => versions.length > 0);
    await this.writers.live.write(
      query,
      changed.map(({ versions }) => versions.at(-1)!),
    );
    if (this.model.temporal) await this.writeHistory(query, changed);
    await this.writers.timeline.write(query, timeline);
  }

  private async writeHistory(query: Queryable, changed: readonly Folded[]): Promise<void> {
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
    for (const one of changed) markSearch(one, this.wordsOf);
    await this.writers.history.write(
      query,
      changed.flatMap(({ versions }) => versions),
    );
  }
}

function addVersion(folded: Folded, event: RecordedEvent, row: Row, words: string): void {
  const last = folded.versions.at(-1);
  // One stored event may upcast to several: together they make one version.
  if (last && last.row['revision'] === event.version) {
    folded.versions[folded.versions.length - 1] = { ...last, row, words };
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
    words,
    searchChanged: false,
  });
}

/** Only versions with other words than the one before are in the index of past words. */
function markSearch({ before, versions }: Folded, wordsOf: (row: Row) => string): void {
  let last = before && wordsOf(before);
  for (const version of versions) {
    version.searchChanged = version.words !== last;
    last = version.words;
  }
}

/** The record in whose timeline an entry also belongs. */
function relatedTo(row: Row): readonly [unknown, unknown] | undefined {
  if (row['relatedToId']) return [row['relatedToType'], row['relatedToId']];
  return row['companyId'] ? ['company', row['companyId']] : undefined;
}
