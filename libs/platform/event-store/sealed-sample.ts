import type { EventDefinition, RecordedEvent } from '#kernel/event';
import { hashId } from '#kernel/ids';
import { EventCodec } from './codec.js';
import { KeyRing, MemoryKeyStore } from './key-ring.js';
import type { NewEvent, NewSubjectKey } from './port.js';

/** The sample of one event version as a log holds it, with the keys that open it. */
export interface SealedSample {
  /** `ContactCreated.v1`. */
  readonly name: string;
  readonly streamId: string;
  readonly tenantKey: string;
  readonly subjectKeys: readonly NewSubjectKey[];
  readonly event: NewEvent;
}

type Version = Pick<EventDefinition, 'type' | 'version' | 'schema' | 'personal' | 'action'> & {
  readonly subject?: string;
  readonly sample: Record<string, unknown>;
};

/** Samples hold invented people only: what wraps their keys protects nothing and never changes. */
const SAMPLE_MASTER_KEY = Buffer.alloc(32, 'sample');
const TENANT = hashId('samples', 'tenant');
const meta = {
  actor: { type: 'user' as const, id: hashId('samples', 'actor') },
  correlationId: 'sample',
  ip: '192.0.2.1',
  userAgent: 'Sample/1.0',
};

/** Seals the sample of a published version as an append of it would. */
export async function sealedSample(name: string, published: Version): Promise<SealedSample> {
  const { sample, ...shape } = published;
  const definition = { ...shape, upcasters: {}, samples: {} };
  const store = new MemoryKeyStore();
  const session = new EventCodec([definition], new KeyRing(SAMPLE_MASTER_KEY, store)).session(
    TENANT,
  );
  const streamId = `sample-${hashId(name, 'stream')}`;
  const fact = { type: published.type, data: sample };
  const event = await session.encode(streamId, hashId(name, 'event'), fact, meta);
  const tenantKey = (await store.tenantKeys(TENANT))[0]!.wrapped!;
  return { name, streamId, tenantKey, subjectKeys: session.keys(), event };
}

/** Decodes a sealed sample as the log would today. */
export async function openSealedSample(
  { streamId, tenantKey, subjectKeys, event }: SealedSample,
  definitions: readonly EventDefinition[],
): Promise<RecordedEvent[]> {
  const store = new MemoryKeyStore();
  await store.createTenantKey(TENANT, tenantKey);
  store.add(TENANT, subjectKeys);
  const codec = new EventCodec(definitions, new KeyRing(SAMPLE_MASTER_KEY, store));
  const stored = { keyId: null, prevHash: '', hash: '', version: 1, position: '1.1.1.0' };
  const at = { occurredAt: new Date(0), recordedAt: new Date(0) };
  const place = { tenantId: TENANT, streamId, commandId: hashId(streamId, 'command') };
  return codec.decode([{ ...stored, ...event, ...at, ...place }]);
}
