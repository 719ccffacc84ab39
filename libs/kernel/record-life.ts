import type { RecordStatus } from './aggregate.js';
import { defineEvent, type EventDefinition, type EventOptions, type Fact } from './event.js';
import {
  emptyFields,
  list,
  nullable,
  object,
  tags,
  text,
  uuid,
  type FieldValues,
  type RecordFields,
  type Static,
  type TObject,
  type TProperties,
} from './fields.js';
import { shareFields, withoutShare, withShare, type Share } from './sharing.js';

/** The literal names of the seven events every record has, and of the two of shared ones. */
export interface LifeEventNames {
  readonly created: string;
  readonly changed: string;
  readonly archived: string;
  readonly restored: string;
  readonly deleted: string;
  readonly tagsChanged: string;
  readonly ownerChanged: string;
  /** Of records that can be shared. */
  readonly shared?: string;
  readonly sharingEnded?: string;
}

/** What every existing record carries beside the fields of its own situation. */
export interface Living<Values> {
  readonly status: 'active' | 'archived' | 'deleted';
  readonly values: Values;
  readonly ownerId: string | null;
  readonly tags: readonly string[];
  /** Whom it is shared with; absent where records cannot be shared. */
  readonly shares?: readonly Share[];
}
export type RecordState<Values> = { readonly status: 'absent' } | Living<Values>;

export interface LifeOptions<
  Names extends LifeEventNames,
  Fields extends RecordFields,
  Extra extends TProperties = TProperties,
> {
  /** `company`: category of the stream and type of the record. */
  readonly record: string;
  /** Literal event names. */
  readonly names: Names;
  readonly fields: Fields;
  /** Further properties of `created`: decided then, kept beside `values` in the state. */
  readonly extra?: Extra;
  /**
   * Whose personal data the fields are: the record's own (`self`), or that of the record a property
   * of `extra` names; `changed` then repeats the property, so that it can be sealed as well.
   */
  readonly subject?: 'self' | string;
  /** Frozen samples of the present version, without the record's id. */
  readonly samples: {
    readonly created: Record<string, unknown>;
    readonly changed: Record<string, unknown>;
  };
  /** What differs once an event is past version 1: version, upcasters, earlier samples. */
  readonly overrides?: Readonly<
    Partial<Record<keyof Names, Partial<EventOptions<string, TObject>>>>
  >;
}

export type LifeData = Readonly<Record<string, unknown>>;

/**
 * The life every record shares: created, changed, archived, restored, deleted, tags and owner.
 * Declared once beside the record's fields; aggregates and read models fold it the same way.
 */
export interface RecordLife<
  Names extends LifeEventNames = LifeEventNames,
  Fields extends RecordFields = RecordFields,
  Extra extends TProperties = TProperties,
> {
  readonly record: string;
  readonly names: Names;
  readonly idKey: string;
  readonly fields: Fields;
  /** Property of the state that names the data subject, when it is another record. */
  readonly subjectKey: string | null;
  readonly events: readonly EventDefinition[];
  isLife(event: Fact): event is LifeFact<Names>;
  foldState<State extends { readonly status: RecordStatus }>(
    state: State,
    event: LifeFact<Names>,
  ): Living<FieldValues<Fields>> & { readonly [K in keyof Extra]: Static<Extra[K]> };
  foldRow<Row extends object>(row: Row | null, event: LifeFact<Names>, at: Date): Row;
  fact<Key extends keyof Names & keyof LifeEventNames>(
    name: Key,
    id: string,
    data?: LifeData,
  ): LifeFact<Names>;
}

export type LifeFact<Names extends LifeEventNames> = Fact<
  Extract<Names[keyof Names & keyof LifeEventNames], string>,
  LifeData
>;

const SAMPLE_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const SAMPLE_OWNER = '01890a5d-ac96-774b-bcce-b302099a8058';
const SAMPLE_SHARE = {
  granteeType: 'user',
  granteeId: SAMPLE_OWNER,
  access: 'change',
  until: '2026-03-31T22:00:00.000Z',
};

/** Field values inside life data: everything but the id, the owner and the tags. */
function valuesIn(idKey: string, data: LifeData): LifeData {
  const { [idKey]: _id, ownerId: _owner, tags: _tags, ...values } = data;
  return values;
}

export function applyTags(
  current: readonly string[],
  added: readonly string[],
  removed: readonly string[],
): string[] {
  const kept = current.filter((tag) => !removed.includes(tag));
  return [...kept, ...added.filter((tag) => !kept.includes(tag))];
}

function lifeEvents<Names extends LifeEventNames, Fields extends RecordFields>(
  options: LifeOptions<Names, Fields>,
  idKey: string,
): EventDefinition[] {
  const { names, fields, samples, extra = {} } = options;
  const id = { [idKey]: uuid() } as TProperties;
  const subject = options.subject === 'self' ? idKey : options.subject;
  const repeated = subject && subject !== idKey ? { [subject]: extra[subject]! } : {};
  const withId = (sample: Record<string, unknown>) => ({ [idKey]: SAMPLE_ID, ...sample });
  const event = (
    key: keyof LifeEventNames,
    action: string,
    properties: TProperties,
    sample: Record<string, unknown> = {},
  ): EventDefinition => {
    const override = options.overrides?.[key];
    const all = { ...id, ...properties };
    return defineEvent({
      type: names[key]!,
      action,
      schema: object(all) as unknown as TObject,
      ...(subject && subject in all ? { subject } : {}),
      ...override,
      samples: { [override?.version ?? 1]: withId(sample), ...override?.samples },
    }) as unknown as EventDefinition;
  };
  const owner = { ownerId: nullable(uuid()) };
  return [
    event(
      'created',
      'created',
      { ...owner, tags: tags(), ...fields.create, ...extra },
      { ownerId: SAMPLE_OWNER, tags: [], ...samples.created },
    ),
    event('changed', 'updated', { ...repeated, ...fields.change }, samples.changed),
    event('archived', 'archived', {}),
    event('restored', 'restored', {}),
    event('deleted', 'deleted', {}),
    event(
      'tagsChanged',
      'tagged',
      { added: list(text(50)), removed: list(text(50)) },
      { added: ['key-account'], removed: [] },
    ),
    event('ownerChanged', 'assigned', owner, { ownerId: SAMPLE_OWNER }),
    ...(names.shared && names.sharingEnded
      ? [
          event('shared', 'shared', shareFields, SAMPLE_SHARE),
          event(
            'sharingEnded',
            'unshared',
            { granteeId: shareFields.granteeId },
            { granteeId: SAMPLE_OWNER },
          ),
        ]
      : []),
  ];
}

export function recordLife<
  const Names extends LifeEventNames,
  Fields extends RecordFields,
  Extra extends TProperties = Record<never, never>,
>(options: LifeOptions<Names, Fields, Extra>): RecordLife<Names, Fields, Extra> {
  const { names, fields, record } = options;
  const idKey = `${record}Id`;
  const all = new Set<string>(Object.values(names));
  const empty = emptyFields(fields) as object;
  const extras = new Set(Object.keys(options.extra ?? {}));
  const subjectKey = options.subject === 'self' ? null : (options.subject ?? null);
  const pick = (values: LifeData, extra: boolean) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => extras.has(name) === extra));

  /** The part of a state or row a life event changes. */
  function step(
    current: { tags?: readonly string[]; shares?: readonly Share[] },
    event: Fact<string, LifeData>,
  ): {
    values?: LifeData;
    ownerId?: unknown;
    tags?: readonly string[];
    shares?: readonly Share[];
    status?: RecordStatus;
  } {
    const { data } = event;
    const { shares = [] } = current;
    switch (event.type) {
      case names.created:
        return {
          values: { ...empty, ...valuesIn(idKey, data) },
          ownerId: data['ownerId'] ?? null,
          tags: (data['tags'] as string[] | undefined) ?? [],
          ...(names.shared ? { shares: [] } : {}),
          status: 'active',
        };
      case names.changed:
        return { values: valuesIn(idKey, data) };
      case names.tagsChanged:
        return {
          tags: applyTags(
            current.tags ?? [],
            data['added'] as string[],
            data['removed'] as string[],
          ),
        };
      case names.ownerChanged:
        return { ownerId: data['ownerId'] ?? null };
      case names.shared: {
        const { [idKey]: _id, ...share } = data;
        return { shares: withShare(shares, share as Share) };
      }
      case names.sharingEnded:
        return { shares: withoutShare(shares, data['granteeId'] as string) };
      case names.archived:
        return { status: 'archived' };
      case names.deleted:
        return { status: 'deleted' };
      case names.restored:
        return { status: 'active' };
    }
    throw new Error(`${event.type} is no life event of ${record}`);
  }

  return {
    record,
    names,
    idKey,
    fields,
    subjectKey,
    events: lifeEvents(options, idKey),
    isLife: (event): event is LifeFact<Names> => all.has(event.type),
    foldState(state, event) {
      const { values = {}, ...rest } = step(state as { tags?: readonly string[] }, event);
      const before = (state as { values?: object }).values ?? empty;
      return {
        ...state,
        ...rest,
        ...pick(values, true),
        values: { ...before, ...pick(values, false) },
      } as never;
    },
    foldRow(row, event, at) {
      const { values, status, ...rest } = step((row ?? {}) as { tags?: string[] }, event);
      const sharing = rest.shares && { sharedWith: rest.shares.map((share) => share.granteeId) };
      const marks =
        status === 'active'
          ? { archivedAt: null, deletedAt: null }
          : status === 'archived'
            ? { archivedAt: at.toISOString() }
            : status === 'deleted'
              ? { deletedAt: at.toISOString() }
              : {};
      return { ...row, ...rest, ...sharing, ...values, ...marks } as never;
    },
    fact: (key, id, data = {}) =>
      ({ type: names[key], data: { [idKey]: id, ...data } }) as unknown as LifeFact<Names>,
  };
}
