import { readdirSync, readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Compile } from 'typebox/compile';
import { product } from '#apps/composition/product';
import type { EventDefinition } from '#kernel/event';
import { uuidv7 } from '#kernel/ids';
import { EventCodec } from '#platform/event-store/codec';
import { KeyRing, MemoryKeyStore } from '#platform/event-store/key-ring';

interface Published {
  readonly type: string;
  readonly version: number;
  readonly schema: unknown;
  readonly subject?: string;
  readonly personal: readonly string[];
  readonly sample: Record<string, unknown>;
}

const folder = new URL('../../event-schemas/published/', import.meta.url);
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
const published = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Published,
);
const definitions = new Map(product.events.map((one) => [one.type, one]));

/** What is wrong with a definition beside what was published of it. */
function breaks(before: Published, now: EventDefinition | undefined): string[] {
  const name = `${before.type} v${before.version}`;
  if (!now) return [`${name} was removed; keep its definition, or an upcaster that drops it`];
  const problems: string[] = [];
  const sample = now.samples[before.version];
  if (JSON.stringify(plain(sample)) !== JSON.stringify(before.sample)) {
    problems.push(`the sample of ${name} was edited; restore it`);
  }
  if (now.version === before.version) {
    const same =
      JSON.stringify(plain([now.schema, now.subject ?? null, now.personal])) ===
      JSON.stringify([before.schema, before.subject ?? null, before.personal]);
    if (!same) {
      problems.push(
        `the shape of ${name} changed; raise its version, add an upcaster and a sample`,
      );
    }
  }
  return problems;
}

describe('published events', () => {
  it('every event version is published (npm run generate -- event-schemas)', () => {
    const files = new Set(published.map(({ type, version }) => `${type}.v${version}`));
    const missing = product.events
      .map(({ type, version }) => `${type}.v${version}`)
      .filter((name) => !files.has(name));
    expect(missing).toEqual([]);
  });

  it('no published version was changed', () => {
    expect(published.flatMap((one) => breaks(one, definitions.get(one.type)))).toEqual([]);
  });

  it('the gate sees a removed event, a changed shape and an edited sample', () => {
    const one = published[0]!;
    const now = definitions.get(one.type)!;
    expect(breaks(one, undefined)).toHaveLength(1);
    expect(breaks(one, { ...now, samples: { [now.version]: {} } })).toHaveLength(1);
    expect(
      breaks(one, { ...now, schema: { ...now.schema, properties: {} } as never }),
    ).toHaveLength(1);
  });

  it('every stored version, sealed as in the log, still decodes to the present shape', async () => {
    const tenantId = uuidv7();
    const keyStore = new MemoryKeyStore();
    const keys = new KeyRing(randomBytes(32), keyStore);
    for (const before of published) {
      const now = definitions.get(before.type)!;
      const asStored = {
        ...now,
        version: before.version,
        schema: before.schema as never,
        personal: before.personal,
        ...(before.subject ? { subject: before.subject } : {}),
      };
      const writer = new EventCodec([asStored], keys);
      const session = writer.session(tenantId);
      const streamId = `sample-${uuidv7()}`;
      const meta = { actor: { type: 'system' as const, id: 'spec' }, correlationId: 'c' };
      const event = await session.encode(
        streamId,
        uuidv7(),
        { type: before.type, data: before.sample },
        meta,
      );
      keyStore.add(tenantId, session.keys());
      session.settle(true);
      for (const field of before.personal) {
        const value = before.sample[field];
        if (typeof value === 'string') expect(event.data).not.toContain(value);
      }
      const decoded = await new EventCodec([now], keys).decode([
        {
          ...event,
          tenantId,
          streamId,
          version: 1,
          position: '1.1.1.0',
          commandId: uuidv7(),
          keyId: event.keyId ?? null,
          prevHash: '',
          hash: '',
          occurredAt: new Date(),
          recordedAt: new Date(),
        },
      ]);
      const validator = Compile(now.schema);
      for (const one of decoded)
        expect([before.type, validator.Errors(one.data)]).toEqual([before.type, []]);
      if (now.version === before.version) expect(decoded[0]?.data).toEqual(before.sample);
    }
  });
});
