import { isDeepStrictEqual } from 'node:util';
import type { EventDefinition } from '#kernel/event';

/** One version of an event as its file in `published` holds it. */
export interface PublishedEvent {
  readonly type: string;
  readonly version: number;
  /** What a person reads in the timeline. */
  readonly action: string;
  /** Property that names the data subject, where a field is personal. */
  readonly subject?: string;
  readonly personal: readonly string[];
  readonly schema: Readonly<Record<string, unknown>>;
  readonly sample: Readonly<Record<string, unknown>>;
}

/** How a definition departs from what was published of it. */
export type BreakKind =
  | 'removed-event'
  | 'lowered-version'
  | 'edited-sample'
  | 'removed-field'
  | 'added-field'
  | 'required-field'
  | 'optional-field'
  | 'retyped-field'
  | 'narrowed-enum'
  | 'widened-enum'
  | 'changed-limit'
  | 'personal-data';

export interface Break {
  readonly kind: BreakKind;
  /** `DealWon v1: amount was removed.` */
  readonly message: string;
  /** What to do instead. */
  readonly remedy: string;
}

type Schema = Readonly<Record<string, unknown>>;
type Difference = readonly [BreakKind, string];

/** A plain copy: what is published is JSON. */
const plain = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value ?? null)) as Value;

/** The present version of an event as it is published. */
export function publishedOf(definition: EventDefinition): PublishedEvent {
  const { type, version, action, subject, personal, schema, samples } = definition;
  const sample = samples[version];
  return plain({
    type,
    version,
    action,
    subject,
    personal,
    schema,
    sample,
  }) as unknown as PublishedEvent;
}

/** Words for people, and personal marks, which the list `personal` says as well. */
const WORDS = new Set(['description', 'examples', 'title', 'personal']);
const NESTED = new Set(['properties', 'required', 'items', 'anyOf', 'enum', 'type', 'format']);

function limits(schema: Schema): Schema {
  const own = Object.entries(schema).filter(([name]) => !WORDS.has(name) && !NESTED.has(name));
  return Object.fromEntries(own);
}

function fieldsDiffer(before: Schema, now: Schema, path: string): Difference[] {
  const [was, is] = [before, now].map((one) => (one['properties'] ?? {}) as Record<string, Schema>);
  const [had, has] = [before, now].map((one) => new Set((one['required'] ?? []) as string[]));
  const at = (name: string) => (path ? `${path}.${name}` : name);
  const removed = Object.keys(was!).filter((name) => !(name in is!));
  return [
    ...removed.map((name): Difference => ['removed-field', `${at(name)} was removed`]),
    ...Object.entries(is!).flatMap(([name, schema]): Difference[] => {
      const known = was![name];
      if (!known && has!.has(name)) return [['required-field', `${at(name)} is new and required`]];
      if (!known) return [['added-field', `${at(name)} is new`]];
      const required: Difference[] =
        had!.has(name) === has!.has(name)
          ? []
          : has!.has(name)
            ? [['required-field', `${at(name)} has become required`]]
            : [['optional-field', `${at(name)} may be missing now`]];
      return [...required, ...differences(known, schema, at(name))];
    }),
  ];
}

function valuesDiffer(before: Schema, now: Schema, path: string): Difference[] {
  const [was, is] = [before, now].map((one) => (one['enum'] ?? []) as unknown[]);
  const [gone, added] = [
    was!.filter((one) => !is!.includes(one)),
    is!.filter((one) => !was!.includes(one)),
  ];
  return [
    ...(gone.length > 0
      ? [['narrowed-enum', `${path} no longer takes ${gone.join(', ')}`] as const]
      : []),
    ...(added.length > 0
      ? [['widened-enum', `${path} also takes ${added.join(', ')}`] as const]
      : []),
  ];
}

/** What kind of value a schema takes, its limits aside. */
function kindOf(schema: Schema): unknown {
  const options = schema['anyOf'] as readonly Schema[] | undefined;
  return [schema['type'], schema['format'], 'enum' in schema, options?.length];
}

/** Every difference between two JSON Schemas that a program may notice. */
function differences(before: Schema, now: Schema, path: string): Difference[] {
  if (!isDeepStrictEqual(kindOf(before), kindOf(now))) {
    return [['retyped-field', `${path} has another type`]];
  }
  const options = (before['anyOf'] ?? []) as readonly Schema[];
  const others = (now['anyOf'] ?? []) as readonly Schema[];
  return [
    ...fieldsDiffer(before, now, path),
    ...('enum' in before ? valuesDiffer(before, now, path) : []),
    ...options.flatMap((one, n) => differences(one, others[n]!, path)),
    ...('items' in before
      ? differences(before['items'] as Schema, (now['items'] ?? {}) as Schema, `${path}[]`)
      : []),
    ...(isDeepStrictEqual(limits(before), limits(now))
      ? []
      : [['changed-limit', `${path || 'the event'} has other limits`] as const]),
  ];
}

/**
 * How the declared event breaks a version that was published; nothing when that version can still
 * be read and written as it was promised. What an event is called for people may change at any time.
 */
export function breaksOf(before: PublishedEvent, now: EventDefinition | undefined): Break[] {
  const { type, version } = before;
  const next = `Leave version ${version} as it is: raise the version to ${version + 1}, add an upcaster from ${version} and a sample of ${version + 1}, then run npm run generate -- event-schemas.`;
  const said = (kind: BreakKind, what: string, remedy = next): Break => ({
    kind,
    message: `${type} v${version}: ${what}.`,
    remedy,
  });
  if (!now) {
    const remedy = 'Keep its definition; an upcaster that answers [] drops what nobody needs.';
    return [said('removed-event', 'the event was removed', remedy)];
  }
  if (now.version < version) {
    const remedy = `Declare version ${version} or a later one.`;
    return [said('lowered-version', `the declared version is ${now.version}`, remedy)];
  }
  const broken: Break[] = [];
  if (!isDeepStrictEqual(plain(now.samples[version]), before.sample)) {
    const remedy = `Restore the sample from event-schemas/published/${type}.v${version}.json.`;
    broken.push(said('edited-sample', 'its sample was edited', remedy));
  }
  if (now.version > version) return broken;
  const { schema, subject, personal } = publishedOf(now);
  if (!isDeepStrictEqual([subject, personal], [before.subject, before.personal])) {
    broken.push(said('personal-data', 'other fields are sealed, or for another subject'));
  }
  const found = differences(before.schema, schema, '');
  return [...broken, ...found.map(([kind, what]) => said(kind, what))];
}
