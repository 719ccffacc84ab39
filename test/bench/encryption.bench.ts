import { product } from '#apps/composition/product';
import { contactLife } from '#event-schemas/customers/contact.events';
import type { EventMeta, Fact } from '#kernel/event';
import { uuidv7 } from '#kernel/ids';
import { EventCodec } from '#platform/event-store/codec';
import { rotateTenantKey } from '#platform/event-store/key-ring-rotation';
import { START, type StoredEvent } from '#platform/event-store/port';
import { amount, sideBySide, type Bench, type Measured } from './bench.js';
import type { World } from './world.js';

const APPENDS = 256;
const CLIENTS = 16;
const ROUNDS = 4;
const DECODED = 6_000;
const BATCH = 500;
const CHUNK = 500;

const meta: EventMeta = { actor: { type: 'system', id: 'bench' }, correlationId: uuidv7() };

const person = (n: number) => ({
  ...{ firstName: 'Lena', lastName: `Later${n}`, email: `lena.later.${n}@mail.example` },
  ...{ phone: `+43 1 ${String(n).padStart(7, '0')}`, title: 'Engineer' },
  ...{ addressCity: 'Linz', addressCountry: 'Austria' },
});

/** Writes events of the same definitions with every field in the clear. */
const plainCodec = ({ platform }: World) =>
  new EventCodec(
    product.events.map((definition) => ({ ...definition, personal: [] })),
    platform.keys,
  );

interface Change {
  readonly streamId: string;
  readonly expected: 'none' | number;
  readonly fact: Fact;
}

/** Encodes and appends by several clients at once; appends per second. */
async function appendAll(world: World, codec: EventCodec, changes: readonly Change[]) {
  const { platform, ctx } = world;
  const { tenantId } = ctx;
  const next = changes.values();
  const start = performance.now();
  const client = async () => {
    for (const { streamId, expected, fact } of next) {
      const session = codec.session(tenantId);
      const event = await session.encode(streamId, uuidv7(), fact, meta);
      const request = { commandId: uuidv7(), requestHash: '00'.repeat(32), result: '{}' };
      const streams = [{ streamId, expected, events: [event] }];
      const outcome = await platform.store.append({
        ...{ tenantId, ...request, streams, keys: session.keys() },
      });
      session.settle(outcome.status === 'appended');
      if (outcome.status !== 'appended') throw new Error(JSON.stringify(outcome));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return (changes.length * 1000) / (performance.now() - start);
}

/** Contacts of the ledger with their revisions. */
function contactsOf({ admin, ctx }: World): Promise<{ id: string; version: string }[]> {
  return admin(async (db) => {
    const { rows } = await db.query<{ id: string; version: string }>(
      `SELECT substr(stream_id, 9) AS id, version FROM es_stream
        WHERE tenant_id = $1 AND category = 'contact' ORDER BY stream_id`,
      [ctx.tenantId],
    );
    return rows;
  });
}

async function appendKnown(world: World): Promise<Measured> {
  const contacts = await contactsOf(world);
  // Each contact is changed once, so that its revision is known.
  const changes = () =>
    contacts.splice(0, APPENDS).map(({ id, version }, n): Change => {
      const fact = contactLife.fact('changed', id, person(n));
      return { streamId: `contact-${id}`, expected: Number(version), fact };
    });
  const { platform, ctx } = world;
  const plain = plainCodec(world);
  return sideBySide(
    'the same event in the clear',
    () => appendAll(world, plain, changes()),
    async () => {
      const known = changes();
      await platform.keys.prefetch(
        ctx.tenantId,
        known.map(({ streamId }) => streamId.slice(8)),
      );
      return appendAll(world, platform.codec, known);
    },
    ROUNDS,
  );
}

function appendNew(world: World): Promise<Measured> {
  const changes = () =>
    Array.from({ length: APPENDS }, (_, n): Change => {
      const id = uuidv7();
      const fact = contactLife.fact('created', id, { ownerId: id, tags: [], ...person(n) });
      return { streamId: `contact-${id}`, expected: 'none', fact };
    });
  const plain = plainCodec(world);
  return sideBySide(
    'the same event in the clear, without a key',
    () => appendAll(world, plain, changes()),
    () => appendAll(world, world.platform.codec, changes()),
    ROUNDS,
  );
}

/** First events of contacts as commands stored them, with the address of who did it sealed too. */
async function sealedEvents({ platform, ctx }: World): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  let page;
  for (let after = START; events.length < DECODED; after = page.position) {
    page = await platform.store.readFeed({
      ...{ after, limit: 2000, tenantId: ctx.tenantId, types: ['ContactCreated'] },
    });
    events.push(...page.events.filter(({ data }) => data.includes('"$sealed"')));
    if (page.caughtUp) break;
  }
  return events.slice(0, DECODED);
}

async function decode(world: World): Promise<Measured> {
  const { codec, keys } = world.platform;
  const sealed = await sealedEvents(world);
  const plain = plainCodec(world);
  const clear: StoredEvent[] = [];
  const session = plain.session(world.ctx.tenantId);
  for (const [n, { streamId, type, data, meta: told }] of (await codec.decode(sealed)).entries()) {
    // An actor that is no person has no key, so the metadata stays clear as well.
    const fact = { type, data };
    const event = await session.encode(streamId, uuidv7(), fact, { ...told, actor: meta.actor });
    clear.push({ ...sealed[n]!, data: event.data, meta: event.meta, keyId: null });
  }
  const perSecond = async (events: readonly StoredEvent[]) => {
    const start = performance.now();
    for (let from = 0; from < events.length; from += BATCH)
      await codec.decode(events.slice(from, from + BATCH));
    return (events.length * 1000) / (performance.now() - start);
  };
  const measured = await sideBySide(
    'the same events in the clear',
    () => perSecond(clear),
    () => perSecond(sealed),
  );
  keys.forgetAll();
  const cold = await perSecond(sealed);
  return { ...measured, note: `${amount(Math.round(cold))} events/s when keys are read first` };
}

/** The same rows updated in the same chunks, with nothing encrypted; rows per second. */
function bareUpdate({ admin, ctx }: World): Promise<number> {
  return admin(async (db) => {
    await db.query('CREATE TABLE bare_key (LIKE es_subject_key INCLUDING INDEXES)');
    await db.query('INSERT INTO bare_key SELECT * FROM es_subject_key WHERE tenant_id = $1', [
      ctx.tenantId,
    ]);
    const { rows } = await db.query<{ id: string; wrapped: string }>(
      'SELECT subject_id AS id, wrapped FROM bare_key ORDER BY subject_id',
    );
    const start = performance.now();
    for (let from = 0; from < rows.length; from += CHUNK) {
      const some = rows.slice(from, from + CHUNK);
      await db.query(
        `UPDATE bare_key k SET wrapped = v.wrapped FROM unnest($2::uuid[], $3::text[]) AS v (id, wrapped)
          WHERE k.tenant_id = $1 AND k.subject_id = v.id AND k.version = 1`,
        [ctx.tenantId, some.map(({ id }) => id), some.map(({ wrapped }) => wrapped)],
      );
    }
    const seconds = (performance.now() - start) / 1000;
    await db.query('DROP TABLE bare_key');
    return rows.length / seconds;
  });
}

async function rotate(world: World): Promise<Measured> {
  const { database, keys, wakeUp } = world.platform;
  const { tenantId } = world.ctx;
  const baseline = await bareUpdate(world);
  const parts = { database, keys, wakeUp };
  // Nobody else is there whose memory of the old key would have to end.
  const { subjectKeys, workMs } = await rotateTenantKey(parts, tenantId, { memoryMs: 0 });
  return {
    figure: (subjectKeys * 1000) / workMs,
    baseline,
    baselineName: 'bare UPDATE of the same rows',
    note: `${amount(subjectKeys)} keys; the events they sealed stay as they are`,
  };
}

/** What sealing personal fields costs whoever writes and reads, and what a new key does. */
export function encryptionBenches(ledger: () => Promise<World>): readonly Bench[] {
  const bench = (name: string, unit: string, run: (world: World) => Promise<Measured>) => ({
    ...{ name, unit },
    run: async () => run(await ledger()),
  });
  return [
    bench('append, personal fields, a known person', 'appends/s', appendKnown),
    bench('append, personal fields, a new person', 'appends/s', appendNew),
    bench('decode, personal fields', 'events/s', decode),
    bench("rotation of a tenant's key", 'keys/s', rotate),
  ];
}
