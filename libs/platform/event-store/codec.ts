import { erasureEvents } from '#event-schemas/platform/erasure.events';
import type { EventDefinition, EventMeta, Fact, RecordedEvent } from '#kernel/event';
import { Compile, type Validator } from 'typebox/compile';
import { canonicalJson } from './canonical-json.js';
import { ErasedValues } from './erased-values.js';
import { open, seal, type KeyRing, type SubjectKey, type SubjectKeys } from './key-ring.js';
import { categoryOf, type NewEvent, type NewSubjectKey, type StoredEvent } from './port.js';

/** What stands in the log in place of personal fields. */
interface SealedBox {
  readonly subject: string;
  readonly key: number;
  readonly fields: readonly string[];
  readonly box: string;
}

/** Clear metadata, and in `sealed` the caller's address and browser under the actor's key. */
interface StoredMeta extends EventMeta {
  readonly sealed?: SealedBox;
}

/** The log holds an event that no definition knows, or whose data cannot be decoded. */
export class DecodeError extends Error {}
/** A decision produced data that its own schema refuses: a defect, not a bad request. */
export class EncodeError extends Error {}

/** Seals and writes the facts of one append; their fresh keys travel with it. */
export interface EncodeSession {
  /** Validates, seals and writes one fact. Throws {@link EncodeError}. */
  encode(
    streamId: string,
    eventId: string,
    fact: Fact,
    meta: EventMeta,
    occurredAt?: Date,
  ): Promise<NewEvent>;
  /** Keys the append must store. */
  keys(): readonly NewSubjectKey[];
  /** Settles fresh keys once the append succeeded or failed. */
  settle(stored: boolean): void;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Data of an older version as facts of the present one. */
export function upcast(
  definition: EventDefinition,
  from: number,
  data: Record<string, unknown>,
): readonly Record<string, unknown>[] {
  let facts: readonly Record<string, unknown>[] = [data];
  for (let version = from; version < definition.version; version++) {
    facts = facts.flatMap((fact) => definition.upcasters[version]!(fact));
  }
  return facts;
}

/** The one place where events become log text and log text becomes events again. */
export class EventCodec {
  private readonly definitions = new Map<string, EventDefinition>();
  private readonly validators = new Map<string, Validator>();
  private readonly erased = new ErasedValues();

  constructor(
    definitions: readonly EventDefinition[],
    private readonly keys: KeyRing,
  ) {
    for (const definition of definitions) {
      if (this.definitions.has(definition.type)) {
        throw new Error(`two events are called ${definition.type}`);
      }
      this.definitions.set(definition.type, definition);
    }
  }

  definition(type: string): EventDefinition {
    const found = this.definitions.get(type);
    if (!found) throw new DecodeError(`There is no definition of the event ${type}.`);
    return found;
  }

  /** Every event there is. */
  get events(): readonly EventDefinition[] {
    return [...this.definitions.values()];
  }

  private check(definition: EventDefinition, data: unknown): void {
    let validator = this.validators.get(definition.type);
    if (!validator) {
      validator = Compile(definition.schema) as Validator;
      this.validators.set(definition.type, validator);
    }
    if (validator.Check(data)) return;
    const problem = validator.Errors(data)[0];
    throw new EncodeError(
      `${definition.type} ${problem?.instancePath ?? ''} ${problem?.message ?? 'is invalid'}`,
    );
  }

  session(tenantId: string): EncodeSession {
    // One key per subject and append: two events of a new subject must share its first key.
    const used = new Map<string, Promise<SubjectKey>>();
    const taken: { readonly subject: string; readonly key: SubjectKey }[] = [];
    const take = (subject: string) => {
      let key = used.get(subject);
      if (!key) {
        key = this.keys.current(tenantId, subject).then((found) => {
          taken.push({ subject, key: found });
          return found;
        });
        used.set(subject, key);
      }
      return key;
    };
    return {
      encode: (streamId, eventId, fact, meta, occurredAt) =>
        this.encode(take, { tenantId, streamId, eventId }, fact, meta, occurredAt),
      keys: () => taken.flatMap(({ key }) => (key.fresh ? [key.fresh] : [])),
      settle: (stored) => {
        for (const { subject, key } of taken) {
          if (!key.fresh) continue;
          if (stored) this.keys.stored(tenantId, key, subject);
          else this.keys.forget(tenantId, subject);
        }
      },
    };
  }

  private async encode(
    take: (subject: string) => Promise<SubjectKey>,
    place: Place,
    fact: Fact,
    meta: EventMeta,
    occurredAt?: Date,
  ): Promise<NewEvent> {
    const definition = this.definition(fact.type);
    this.check(definition, fact.data);
    const data = fact.data as Record<string, unknown>;

    let text: Record<string, unknown> = data;
    let keyId: string | undefined;
    const personal = definition.personal.filter((f) => data[f] !== undefined && data[f] !== null);
    if (personal.length > 0) {
      const subject = data[definition.subject!];
      if (typeof subject !== 'string' || !UUID.test(subject)) {
        throw new EncodeError(`${fact.type}: ${definition.subject} names no data subject`);
      }
      const key = await take(subject);
      keyId = `${subject}:${key.version}`;
      const clear = Object.fromEntries(Object.entries(data).filter(([n]) => !personal.includes(n)));
      const values = Object.fromEntries(personal.map((name) => [name, data[name]]));
      text = { ...clear, $sealed: sealFields(place, key, subject, values) };
    }

    const { ip, userAgent, ...clearMeta } = meta;
    let storedMeta: StoredMeta = clearMeta;
    if ((ip || userAgent) && meta.actor.type === 'user' && UUID.test(meta.actor.id)) {
      const key = await take(meta.actor.id);
      const values = { ...(ip ? { ip } : {}), ...(userAgent ? { userAgent } : {}) };
      storedMeta = { ...clearMeta, sealed: sealFields(place, key, meta.actor.id, values) };
    }

    return {
      eventId: place.eventId,
      type: fact.type,
      schemaVersion: definition.version,
      data: canonicalJson(text),
      meta: canonicalJson(storedMeta),
      ...(keyId ? { keyId } : {}),
      ...(occurredAt ? { occurredAt } : {}),
    };
  }

  /** Decodes a batch: keys are read once, then every event is opened and upcast. */
  async decode(events: readonly StoredEvent[]): Promise<RecordedEvent[]> {
    const parsed = events.map((event) => ({
      event,
      data: JSON.parse(event.data) as Record<string, unknown>,
      meta: JSON.parse(event.meta) as StoredMeta,
    }));
    const wanted = new Map<string, Map<string, number>>();
    for (const { event, data } of parsed) {
      // Whoever reads on from here must not know what was erased.
      if (event.type === erasureEvents.erased.type) {
        this.keys.forget(event.tenantId, data['subjectId'] as string);
      }
    }
    for (const { event, data, meta } of parsed) {
      for (const box of [data['$sealed'] as SealedBox | undefined, meta.sealed]) {
        if (!box) continue;
        const subjects = wanted.get(event.tenantId) ?? new Map<string, number>();
        subjects.set(box.subject, Math.max(box.key, subjects.get(box.subject) ?? 0));
        wanted.set(event.tenantId, subjects);
      }
    }
    const keys: TenantKeys = new Map(
      await Promise.all(
        [...wanted].map(
          async ([tenant, subjects]) => [tenant, await this.keys.keysOf(tenant, subjects)] as const,
        ),
      ),
    );
    return parsed.flatMap(({ event, data, meta }) => this.decodeOne(event, data, meta, keys));
  }

  private decodeOne(
    event: StoredEvent,
    stored: Record<string, unknown>,
    storedMeta: StoredMeta,
    keys: TenantKeys,
  ): RecordedEvent[] {
    const definition = this.definition(event.type);
    if (event.schemaVersion > definition.version) {
      throw new DecodeError(
        `${event.type} has version ${event.schemaVersion}; this release knows ${definition.version}.`,
      );
    }
    const { $sealed, ...clear } = stored;
    const opened = openBox(event, $sealed as SealedBox | undefined, keys);
    const { sealed, ...clearMeta } = storedMeta;
    const meta: EventMeta = { ...clearMeta, ...openBox(event, sealed, keys) };
    const box = $sealed as SealedBox | undefined;
    let versions = upcast(definition, event.schemaVersion, { ...clear, ...(opened ?? nulls(box)) });
    if (box && !opened) {
      // Fields of an older version may have become others.
      const fields = event.schemaVersion < definition.version ? definition.personal : box.fields;
      versions = versions.map((data) => this.erased.mark(definition, data, fields));
    }
    const category = categoryOf(event.streamId);
    return versions.map((data) => ({
      tenantId: event.tenantId,
      streamId: event.streamId,
      id: event.streamId.slice(category.length + 1),
      category,
      version: event.version,
      eventId: event.eventId,
      commandId: event.commandId,
      type: event.type,
      data,
      meta,
      occurredAt: event.occurredAt,
      recordedAt: event.recordedAt,
      position: event.position,
    }));
  }
}

type TenantKeys = ReadonlyMap<string, ReadonlyMap<string, SubjectKeys>>;

const nulls = (box?: SealedBox) => Object.fromEntries((box?.fields ?? []).map((n) => [n, null]));

/** The sealed values; undefined where their subject has been erased. */
function openBox(
  event: StoredEvent,
  box: SealedBox | undefined,
  keys: TenantKeys,
): Record<string, unknown> | undefined {
  if (!box) return {};
  const key = keys.get(event.tenantId)?.get(box.subject)?.[box.key];
  if (key === null) return undefined;
  if (!key) throw new DecodeError(`The key of ${event.type} ${event.eventId} is missing.`);
  const aad = sealAad(event, box.fields, box.key);
  return JSON.parse(open(key.key, box.box, aad).toString()) as Record<string, unknown>;
}

type Place = Pick<StoredEvent, 'tenantId' | 'streamId' | 'eventId'>;

function sealFields(
  place: Place,
  key: SubjectKey,
  subject: string,
  values: Readonly<Record<string, unknown>>,
): SealedBox {
  const fields = Object.keys(values).sort();
  const aad = sealAad(place, fields, key.version);
  return { subject, key: key.version, fields, box: seal(key.key, canonicalJson(values), aad) };
}

/** Binds a box to its place: moved to another event, stream or tenant it does not open. */
function sealAad(
  { tenantId, streamId, eventId }: Place,
  fields: readonly string[],
  keyVersion: number,
): string {
  return [tenantId, streamId, eventId, fields.join(','), keyVersion].join('|');
}
