import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Accepted } from '#kernel/command';
import { ERASED } from '#kernel/event';
import { uuidv7 } from '#kernel/ids';
import { firstBrokenLink } from '#platform/event-store/hash';
import { KEY_MEMORY_MS, open, seal } from '#platform/event-store/key-ring';
import type { StoredEvent } from '#platform/event-store/port';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import { newRequest, newStream, newTenant } from './requests.js';
import { appendFacts, callerOf, postgresStand } from './stand.js';

const NAME = 'Ada Lovelace-Byron';
const EMAIL = 'ada@analytical.example';
const [IP, BROWSER] = ['203.0.113.77', 'Difference Browser 1.0'];

describe('personal data in the log', () => {
  let test: TestDatabase;
  let here: ReturnType<typeof postgresStand>;
  let tenant: string;
  const stands: ReturnType<typeof postgresStand>[] = [];

  /** Another process on the same log, with nothing in its memory. */
  const process = (options = {}) => {
    const stand = postgresStand(test, options);
    stands.push(stand);
    return stand;
  };

  beforeAll(async () => {
    test = await createTestDatabase();
    here = process();
  });
  beforeEach(() => {
    tenant = newTenant();
  });
  afterAll(async () => {
    await Promise.all(stands.map((stand) => stand.close()));
    await test.drop();
  });

  const dispatch = (name: string, input: object, id?: string, stand = here, given = {}) =>
    stand.dispatcher.dispatch(
      stand.command(name),
      input,
      callerOf(tenant, given),
      id ? { id } : {},
    );

  async function join(personId = uuidv7(), stand = here, given = {}): Promise<string> {
    const input = { personId, name: NAME, plan: 'basic' };
    return ((await dispatch('JoinMember', input, undefined, stand, given)) as Accepted).id;
  }
  const stored = (id: string) => here.store.readStream(tenant, `member-${id}`);
  const read = async (id: string, stand = here) => stand.codec.decode(await stored(id));

  const subjectKeys = (subjectId: string) =>
    test.admin(async (client) => {
      const { rows } = await client.query<{ version: number; wrapped: string | null }>(
        `SELECT version, wrapped FROM es_subject_key WHERE tenant_id = $1 AND subject_id = $2
          ORDER BY version`,
        [tenant, subjectId],
      );
      return rows;
    });

  const destroyKeys = (subjectId: string) =>
    test.admin(async (client) => {
      const { rowCount } = await client.query(
        `UPDATE es_subject_key SET wrapped = NULL, destroyed_at = clock_timestamp()
          WHERE tenant_id = $1 AND subject_id = $2`,
        [tenant, subjectId],
      );
      expect(rowCount).toBeGreaterThan(0);
    });

  it('S28 is nowhere in clear: not in events, answers, snapshots, keys or stream names', async () => {
    const input = { personId: uuidv7(), name: NAME, email: EMAIL, plan: 'premium' };
    const given = { ip: IP, userAgent: BROWSER };
    const { id } = (await dispatch('JoinMember', input, undefined, here, given)) as Accepted;
    const renamed = (index: number) => ({
      type: 'MemberRenamed',
      data: { memberId: id, personId: input.personId, name: `${NAME} ${index}` },
    });
    const facts = Array.from({ length: 200 }, (_, index) => renamed(index));
    await appendFacts(here, tenant, `member-${id}`, 1, facts);
    await dispatch('RenameMember', { name: `${NAME} at last` }, id, here, given);
    expect(await dispatch('JoinMember', input, id, here, given)).toMatchObject({ refused: true });
    const [first] = await read(id);
    expect(first).toMatchObject({
      data: { name: NAME, email: EMAIL, plan: 'premium' },
      meta: { ip: IP, userAgent: BROWSER },
    });
    const text = await test.admin(async (client) => {
      const { rows: tables } = await client.query<{ name: string }>(
        `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname ~ '^es_'`,
      );
      let all = '';
      for (const { name } of tables) {
        const { rows } = await client.query<{ row: string }>(
          `SELECT row_to_json(t)::text AS row FROM ${name} t`,
        );
        all += rows.map(({ row }) => row).join('\n');
      }
      return all;
    });
    expect(text).toContain('premium');
    expect(text).toContain('member:1');
    const forms = [NAME, EMAIL, IP, BROWSER].flatMap((value) => [
      value,
      Buffer.from(value).toString('base64').slice(2, -4),
      Buffer.from(value).toString('hex'),
    ]);
    for (const form of forms) expect(text.includes(form)).toBe(false);
  });

  it('S28 opens only in its own event, stream and tenant', async () => {
    const [id] = [await join()];
    const [event] = await stored(id);
    await expect(here.codec.decode([event!])).resolves.toHaveLength(1);
    const other = await join();
    const moved: Partial<StoredEvent>[] = [
      { eventId: uuidv7() },
      { streamId: `member-${other}` },
      { data: (await stored(other))[0]!.data },
      { data: event!.data.replace('["name"]', '["email"]') },
    ];
    for (const change of moved) {
      await expect(here.codec.decode([{ ...event!, ...change }])).rejects.toThrow();
    }
    // In another tenant even a copied key does not help.
    const elsewhere = newTenant();
    await here.keys.digest(elsewhere, 'request', 'makes the tenant a key');
    const subject = (JSON.parse(event!.data) as { personId: string }).personId;
    await test.admin((client) =>
      client.query(
        `INSERT INTO es_subject_key SELECT $2, subject_id, version, wrapped FROM es_subject_key
          WHERE tenant_id = $1 AND subject_id = $3`,
        [tenant, elsewhere, subject],
      ),
    );
    const copied = here.codec.decode([{ ...event!, tenantId: elsewhere }]);
    await expect(copied).rejects.toThrow('Unsupported state or unable to authenticate data');
  });

  it('S28 refuses a shortened or altered tag', () => {
    const key = Buffer.alloc(32, 3);
    const bytes = Buffer.from(seal(key, 'secret', 'place'), 'base64');
    const opened = (box: Buffer) => () => open(key, box.toString('base64'), 'place');
    expect(opened(bytes)().toString()).toBe('secret');
    const fourByteTag = Buffer.concat([bytes.subarray(0, 16), bytes.subarray(28)]);
    expect(opened(fourByteTag)).toThrow();
    expect(opened(bytes.subarray(0, 16))).toThrow('Invalid authentication tag length: 4');
    for (const at of [0, 11, 12, 27, bytes.length - 1]) {
      const altered = Buffer.from(bytes);
      altered[at]! ^= 1;
      expect(opened(altered)).toThrow();
    }
    expect(() => open(key, bytes.toString('base64'), 'other place')).toThrow();
    expect(() => open(Buffer.alloc(32, 4), bytes.toString('base64'), 'place')).toThrow();
  });

  it('of one new subject in two events of a command is sealed with one key', async () => {
    const [streamId, subject] = [newStream('member'), uuidv7()];
    const session = here.codec.session(tenant);
    const meta = { actor: { type: 'user', id: subject }, correlationId: 'c', ip: IP } as const;
    const base = { memberId: uuidv7(), personId: subject };
    const facts = [
      { type: 'MemberJoined', data: { ...base, name: NAME, plan: 'basic' } },
      { type: 'MemberRenamed', data: { ...base, name: 'Ada King' } },
    ];
    const events = await Promise.all(
      facts.map((fact) => session.encode(streamId, uuidv7(), fact, meta)),
    );
    expect(session.keys()).toHaveLength(1);
    const request = newRequest(tenant, [{ streamId, expected: 'none', events }], {
      keys: session.keys(),
    });
    expect((await here.store.append(request)).status).toBe('appended');
    session.settle(true);
    expect(await subjectKeys(subject)).toHaveLength(1);
    const decoded = await process().codec.decode(await here.store.readStream(tenant, streamId));
    expect(decoded).toMatchObject([
      { data: { name: NAME }, meta: { ip: IP } },
      { data: { name: 'Ada King' }, meta: { ip: IP } },
    ]);
  });

  it('of a subject whom two processes meet first at the same moment stays readable', async () => {
    for (let round = 0; round < 10; round++) {
      const [personId, one, two] = [uuidv7(), process(), process()];
      const ids = await Promise.all([
        join(personId, one),
        join(personId, two),
        join(personId, one),
      ]);
      expect(await subjectKeys(personId)).toHaveLength(1);
      for (const stand of [one, two, here]) {
        for (const id of ids)
          expect(await read(id, stand)).toMatchObject([{ data: { name: NAME } }]);
      }
    }
  });

  it('reads as erased once its key is destroyed, and the chain still verifies', async () => {
    const personId = uuidv7();
    const id = await join(personId, here, { ip: IP });
    await dispatch('RenameMember', { name: 'Ada King' }, id);
    const later = process();
    await destroyKeys(personId);
    expect(await read(id, later)).toMatchObject([
      { data: { personId, name: ERASED, plan: 'basic' }, meta: { ip: IP } },
      { data: { personId, name: ERASED } },
    ]);
    expect(firstBrokenLink(await stored(id))).toBeUndefined();
    here.keys.forget(tenant, personId);
    expect(await read(id)).toMatchObject([{ data: { name: ERASED } }, { data: { name: ERASED } }]);
  });

  it('is forgotten within a minute by every process that had read the key before', async () => {
    const personId = uuidv7();
    const id = await join(personId);
    let now = 0;
    const other = process({ keyClock: () => now });
    expect(await read(id, other)).toMatchObject([{ data: { name: NAME } }]);
    await destroyKeys(personId);
    now = KEY_MEMORY_MS - 1;
    expect(await read(id, other)).toMatchObject([{ data: { name: NAME } }]);
    now = KEY_MEMORY_MS;
    expect(await read(id, other)).toMatchObject([{ data: { name: ERASED } }]);
  });

  it('gets a new key after the old one was destroyed, known to processes that saw the old', async () => {
    const personId = uuidv7();
    const id = await join(personId);
    const writer = process();
    await destroyKeys(personId);
    await dispatch('RenameMember', { name: 'Ada Again' }, id, writer);
    const keys = await subjectKeys(personId);
    expect(keys).toMatchObject([{ version: 1, wrapped: null }, { version: 2 }]);
    expect(await read(id, writer)).toMatchObject([
      { data: { name: ERASED } },
      { data: { name: 'Ada Again' } },
    ]);
    // `here` still remembers the first key only.
    expect((await read(id))[1]).toMatchObject({ data: { name: 'Ada Again' } });
  });

  it('cannot be read with another master key', async () => {
    const id = await join();
    const thief = process({ masterKey: Buffer.alloc(32, 9) });
    await expect(read(id, thief)).rejects.toThrow('unable to authenticate data');
  });
});
