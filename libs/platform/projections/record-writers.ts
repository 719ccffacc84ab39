import type { ReadModel, Row } from '#kernel/read-model';
import { physicalColumns, valueAt, type ModelTables } from './physical.js';
import { RowWriter, type WrittenColumn } from './row-writer.js';

/** A record as it was between two of its events. */
export interface Version {
  readonly row: Row;
  readonly tenantId: string;
  readonly vf: Date;
  readonly rf: Date;
  vt: Date | 'infinity';
  rt: Date | 'infinity';
  /** What search looks through. */
  readonly words: string;
  /** Whether search finds it by other words than the version before. */
  searchChanged: boolean;
}

const ENTRY_COLUMNS = [
  ['tenant_id', 'uuid'],
  ['id', 'uuid'],
  ['part', 'smallint'],
  ['record_type', 'text'],
  ['record_id', 'uuid'],
  ['record_label', 'text'],
  ['record_owner', 'uuid'],
  ['related_type', 'text'],
  ['related_id', 'uuid'],
  ['revision', 'bigint'],
  ['event_type', 'text'],
  ['action', 'text'],
  ['actor_type', 'text'],
  ['actor_id', 'text'],
  ['changes', 'jsonb'],
  ['command_id', 'uuid'],
  ['correlation_id', 'text'],
  ['causation_id', 'text'],
  ['request_id', 'text'],
  ['ip', 'text'],
  ['user_agent', 'text'],
  ['occurred_at', 'timestamptz'],
  ['recorded_at', 'timestamptz'],
] as const;

/** One change, as the timeline shows it. */
export type Entry = Readonly<Record<(typeof ENTRY_COLUMNS)[number][0], unknown>>;

/** How the rows of a read model are written into its tables. */
export interface RecordWriters {
  readonly live: RowWriter<Version>;
  readonly history: RowWriter<Version>;
  readonly timeline: RowWriter<Entry>;
}

export function recordWriters(model: ReadModel, tables: ModelTables): RecordWriters {
  const columns: WrittenColumn<Version>[] = [
    { name: 'tenant_id', type: 'uuid', value: ({ tenantId }) => tenantId },
    ...physicalColumns(model).map(({ name, type, path }) => ({
      name,
      type,
      value: ({ row }: Version) => valueAt(row, path),
    })),
    { name: 'search_text', type: 'text', value: ({ words }) => words },
  ];
  const assignments = columns
    .filter(({ name }) => name !== 'tenant_id' && name !== 'id')
    .map(({ name }) => `${name} = excluded.${name}`);
  const upsert = `ON CONFLICT (tenant_id, id) DO UPDATE SET ${assignments.join(', ')}`;
  const period = (name: 'vf' | 'vt' | 'rf' | 'rt'): WrittenColumn<Version> => ({
    name,
    type: 'timestamptz',
    value: (version) => version[name],
  });
  const history: WrittenColumn<Version>[] = [
    ...columns,
    ...(['vf', 'vt', 'rf', 'rt'] as const).map(period),
    { name: 'search_changed', type: 'boolean', value: ({ searchChanged }) => searchChanged },
  ];
  const entries = ENTRY_COLUMNS.map(([name, type]): WrittenColumn<Entry> => ({
    name,
    type,
    value: (entry) => entry[name],
  }));
  return {
    live: new RowWriter(tables.live, columns, upsert),
    history: new RowWriter(tables.history, history),
    timeline: new RowWriter(tables.timeline, entries, 'ON CONFLICT DO NOTHING'),
  };
}
