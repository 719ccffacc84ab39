import type { Fact, RecordedEvent } from './event.js';
import type { FieldValues, RecordFields, TProperties, TSchema } from './fields.js';

/** Physical kinds of a column; only kinds with leakproof comparisons may be filtered. */
export type ColumnKind =
  'text' | 'bigint' | 'boolean' | 'date' | 'timestamptz' | 'uuid' | 'money' | 'tags' | 'json';

export interface Column {
  readonly kind: ColumnKind;
  readonly schema: TSchema;
  readonly filter: boolean;
  readonly sort: boolean;
  readonly search: boolean;
  readonly description?: string;
  /** Read model the value points to; GraphQL resolves it, pages link it. */
  readonly references?: string;
}

/** Columns the platform keeps on every row of a record. */
export interface StandardColumns {
  readonly id: string;
  readonly revision: number;
  readonly createdAt: string;
  readonly createdBy: string | null;
  readonly updatedAt: string;
  readonly updatedBy: string | null;
  readonly archivedAt: string | null;
  readonly deletedAt: string | null;
}

/** A fact and its envelope; distributes over a union, so that `type` tells `data`. */
export type ReadModelEvent<F extends Fact = Fact> = F extends Fact
  ? F & { readonly envelope: Omit<RecordedEvent<F>, 'type' | 'data'> }
  : never;

/** A row as `evolve` sees it; the platform adds the standard columns. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * A declared read model: live, history and shadow tables, row-level security, indexes, filters,
 * REST, GraphQL and OpenAPI are generated from it. A row folds exactly one stream.
 */
export interface ReadModel<F extends Fact = Fact> {
  /** Collection name in every API: `companies`. */
  readonly name: string;
  /** Type of the record in timelines and references: `company`. */
  readonly record: string;
  /** Category of the streams it folds. */
  readonly category: string;
  /** Raised when columns or `evolve` change; the platform then rebuilds. */
  readonly version: number;
  readonly description: string;
  readonly columns: Readonly<Record<string, Column>>;
  /** Column with the owning user's id; `id` where the record owns itself; null: nobody's. */
  readonly owner: string | null;
  /** Column a person recognises the record by. */
  readonly label: string;
  readonly defaultSort: string;
  readonly temporal: boolean;
  /** Fields that are looked up exactly but whatever their case, to find duplicates. */
  readonly lookups: readonly string[];
  /** Business events that are only timeline entries of this record. */
  evolve(row: Row | null, event: ReadModelEvent<F>): Row | null;
}

export interface ReadModelOptions<F extends Fact> extends Omit<
  ReadModel<F>,
  'columns' | 'temporal' | 'defaultSort' | 'lookups'
> {
  readonly fields: TProperties;
  readonly filterable: readonly string[];
  readonly sortable: readonly string[];
  readonly searchable: readonly string[];
  readonly references?: Readonly<Record<string, string>>;
  readonly temporal?: boolean;
  readonly lookups?: readonly string[];
  readonly defaultSort?: string;
}

interface JsonSchema {
  type?: string;
  format?: string;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  title?: string;
  items?: JsonSchema;
  description?: string;
}

/** The physical column of a field, read from its schema. */
export function columnKind(schema: TSchema): ColumnKind {
  const given = schema as JsonSchema;
  const plain = given.anyOf?.find((option) => option.type !== 'null') ?? given;
  if (plain.title === 'Money') return 'money';
  if (plain.enum) return 'text';
  switch (plain.type) {
    case 'string':
      if (plain.format === 'uuid') return 'uuid';
      if (plain.format === 'date') return 'date';
      return plain.format === 'date-time' ? 'timestamptz' : 'text';
    case 'integer':
      return 'bigint';
    case 'boolean':
      return 'boolean';
    case 'array':
      return plain.items?.type === 'string' ? 'tags' : 'json';
    default:
      return 'json';
  }
}

const UNFILTERED: readonly ColumnKind[] = ['json'];

/** Declares a read model; throws when a filter or sort names no usable column. */
export function readModel<F extends Fact>(options: ReadModelOptions<F>): ReadModel<F> {
  const { fields, filterable, sortable, searchable, references, ...rest } = options;
  for (const name of [...filterable, ...sortable, ...searchable, ...(options.lookups ?? [])]) {
    if (!fields[name]) throw new Error(`${options.name}: there is no field ${name}`);
  }
  const columns = Object.fromEntries(
    Object.entries(fields).map(([name, schema]): [string, Column] => {
      const kind = columnKind(schema);
      if (UNFILTERED.includes(kind) && [...filterable, ...sortable].includes(name)) {
        throw new Error(`${options.name}.${name}: a ${kind} column has no leakproof comparison`);
      }
      const { description } = schema as JsonSchema;
      return [
        name,
        {
          kind,
          schema,
          filter: filterable.includes(name),
          sort: sortable.includes(name),
          search: searchable.includes(name),
          ...(description ? { description } : {}),
          ...(references?.[name] ? { references: references[name] } : {}),
        },
      ];
    }),
  );
  return {
    ...rest,
    columns,
    temporal: options.temporal ?? true,
    lookups: options.lookups ?? [],
    defaultSort: options.defaultSort ?? '-createdAt',
  };
}

/** All fields of a record as columns, owner and tags included. */
export type RecordRow<F extends RecordFields> = FieldValues<F> & {
  readonly ownerId: string | null;
  readonly tags: readonly string[];
};
