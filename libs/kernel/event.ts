import type { Static, TObject } from './fields.js';

/** Stands for a text whose data subject was erased; other kinds of values become null. */
export const ERASED = '[erased]';

/** What an event says: its published name and its data. */
export interface Fact<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}

/**
 * Turns data of one schema version into zero, one or several facts of the next version. A personal
 * field whose data subject was erased is null then.
 */
export type Upcaster = (data: Record<string, unknown>) => readonly Record<string, unknown>[];

/**
 * A published event: literal name, version, JSON Schema, personal-data subject and one frozen
 * sample per stored version. A changed shape is a new version with an upcaster and a sample.
 */
export interface EventDefinition<Type extends string = string, Schema extends TObject = TObject> {
  readonly type: Type;
  readonly version: number;
  readonly schema: Schema;
  /** Property that holds the id of the data subject; required when a field is personal. */
  readonly subject?: string;
  /** Names of the properties that are encrypted under the subject's key. */
  readonly personal: readonly string[];
  /** Upcasters by the version they read: `{ 1: v1 => [v2] }`. */
  readonly upcasters: Readonly<Record<number, Upcaster>>;
  /** What a person reads in the timeline: `created`, `updated`, `won`, … */
  readonly action: string;
  /** Data of every version ever published, oldest first; never edited. */
  readonly samples: Readonly<Record<number, Record<string, unknown>>>;
}

export type EventOf<Definition> =
  Definition extends EventDefinition<infer Type, infer Schema> ? Fact<Type, Static<Schema>> : never;

/** The union of facts of a table of definitions. */
export type EventsOf<Table extends Readonly<Record<string, EventDefinition>>> = {
  [K in keyof Table]: EventOf<Table[K]>;
}[keyof Table];

export interface EventOptions<Type extends string, Schema extends TObject> {
  readonly type: Type;
  readonly version?: number;
  readonly schema: Schema;
  readonly subject?: string;
  readonly upcasters?: Readonly<Record<number, Upcaster>>;
  readonly action: string;
  readonly samples: Readonly<Record<number, Record<string, unknown>>>;
}

function personalFields(schema: TObject): string[] {
  return Object.entries(schema.properties)
    .filter(([, property]) => (property as { personal?: boolean }).personal === true)
    .map(([name]) => name)
    .sort();
}

/** Declares an event; throws at load when the declaration contradicts itself. */
export function defineEvent<const Type extends string, Schema extends TObject>(
  options: EventOptions<Type, Schema>,
): EventDefinition<Type, Schema> {
  const version = options.version ?? 1;
  const personal = personalFields(options.schema);
  if (personal.length > 0 && !options.subject) {
    throw new Error(`${options.type}: personal fields need a subject`);
  }
  for (let v = 1; v <= version; v++) {
    if (!options.samples[v]) throw new Error(`${options.type}: no sample of version ${v}`);
    if (v < version && !options.upcasters?.[v]) {
      throw new Error(`${options.type}: no upcaster from version ${v}`);
    }
  }
  return {
    type: options.type,
    version,
    schema: options.schema,
    ...(options.subject ? { subject: options.subject } : {}),
    personal,
    upcasters: options.upcasters ?? {},
    action: options.action,
    samples: options.samples,
  };
}

/** A decoded event as processors and read models see it. */
export interface RecordedEvent<F extends Fact = Fact> {
  readonly tenantId: string;
  readonly streamId: string;
  /** Id of the aggregate: the stream id without its category. */
  readonly id: string;
  readonly category: string;
  /** Revision of the stream, from 1. */
  readonly version: number;
  readonly eventId: string;
  readonly commandId: string;
  readonly type: F['type'];
  readonly data: F['data'];
  readonly meta: EventMeta;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
  /** Opaque feed cursor. */
  readonly position: string;
}

/** Clear metadata of an event; addresses and browsers are sealed under the actor's key. */
export interface EventMeta {
  readonly actor: { readonly type: 'user' | 'system'; readonly id: string };
  readonly correlationId: string;
  readonly causationId?: string;
  readonly requestId?: string;
  readonly ip?: string;
  readonly userAgent?: string;
}
