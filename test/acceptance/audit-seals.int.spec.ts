import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PostgresEventStore } from '#platform/event-store/postgres-store';
import { auditTenant, type AuditReport } from '#platform/operations/audit';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import { testSeals, type TestSeals } from '#test/support/sealing';
import { appendTo, newEvent, newEvents, newStream, newTenant } from '../contracts/requests.js';

/** Tables somebody with all rights over the database changes behind the product's back. */
const TABLES = ['es_event', 'es_stream', 'es_seal'];

describe('S30 audit verify', () => {
  let test: TestDatabase;
  let seals: TestSeals;
  let file: string;
  let good: string;
  const tenant = newTenant();
  const [first, second, third] = [newStream(), newStream(), newStream()];

  const audit = (of = tenant): Promise<AuditReport> =>
    auditTenant({ database: test.database, seals }, of);
  const sql = (text: string, ...values: readonly unknown[]) =>
    test.admin((client) => client.query(text, [...values]));

  beforeAll(async () => {
    test = await createTestDatabase();
    seals = testSeals();
    file = seals.copy.path(tenant);
    const store = new PostgresEventStore(test.database);
    const sealer = seals.sealer(test.database);
    const sealed = async () => {
      await store.settled();
      expect(await sealer.catchUp()).toBe(true);
    };
    await appendTo(store, tenant, first, 'none', [newEvent({ keyId: `${tenant}:1` })]);
    for (let version = 1; version < 4; version++) await appendTo(store, tenant, first, version);
    await sealed();
    await appendTo(store, tenant, second, 'none', newEvents(3));
    await appendTo(store, newTenant(), newStream(), 'none', newEvents(3));
    await appendTo(store, tenant, first, 4, newEvents(2));
    await sealed();
    await appendTo(store, tenant, third, 'none', newEvents(2));
    await sealed();
    await sealer.close();
    await store.close();
    await test.admin(async (client) => {
      for (const table of TABLES) {
        await client.query(`CREATE TABLE good_${table} AS SELECT * FROM ${table}`);
      }
    });
    good = readFileSync(file, 'utf8');
  });
  afterAll(async () => {
    await test.drop();
    seals.remove();
  });
  beforeEach(async () => {
    await test.admin(async (client) => {
      for (const table of TABLES) {
        await client.query(`TRUNCATE ${table}`);
        await client.query(`INSERT INTO ${table} SELECT * FROM good_${table}`);
      }
    });
    writeFileSync(file, good);
  });

  const at = (streamId: string, version: number) =>
    `stream_id = '${streamId}' AND version = ${version}`;
  /** What somebody does who knows how hashes are made: everything fits, as far as the table goes. */
  const forge = (streamId: string, from: number) =>
    sql(
      `DO $$ DECLARE e record; chain bytea; BEGIN
         FOR e IN SELECT * FROM es_event WHERE stream_id = '${streamId}' ORDER BY version LOOP
           IF e.version < ${from} THEN chain := e.hash; CONTINUE; END IF;
           chain := coalesce(chain, decode(repeat('00', 32), 'hex'));
           UPDATE es_event SET prev_hash = chain, hash = sha256(chain || convert_to(concat_ws(E'\\n',
               tenant_id, stream_id, version, event_id, command_id, type, schema_version,
               coalesce(key_id, ''), (extract(epoch FROM occurred_at) * 1000)::bigint,
               (extract(epoch FROM recorded_at) * 1000)::bigint), 'UTF8')
             || sha256(convert_to(data, 'UTF8')) || sha256(convert_to(meta, 'UTF8')))
            WHERE stream_id = e.stream_id AND version = e.version RETURNING hash INTO chain;
         END LOOP;
         UPDATE es_stream SET head_hash = chain, version = (SELECT max(version) FROM es_event
           WHERE stream_id = '${streamId}') WHERE stream_id = '${streamId}';
       END $$`,
    );

  it('S30 finds nothing wrong with what was written, and says until when it is sealed', async () => {
    const report = await audit();
    expect(report).toMatchObject({
      intact: true,
      streams: 3,
      events: 11,
      seals: 3,
      sealed: 11,
      unsealed: 0,
      violations: [],
      untold: 0,
      notices: [],
    });
    expect(Date.parse(report.sealedUntil!)).toBeGreaterThan(Date.now() - 600_000);
    expect(await audit(newTenant())).toMatchObject({ intact: true, events: 0, seals: 0 });
  });

  it.each([
    ['data', `overlay(data PLACING 'b' FROM 3)`],
    ['meta', `meta || ' '`],
    ['type', `type || 's'`],
    ['schema_version', 'schema_version + 1'],
    ['key_id', `'x'`],
    ['event_id', 'gen_random_uuid()'],
    ['command_id', 'gen_random_uuid()'],
    ['occurred_at', `occurred_at - interval '1 millisecond'`],
    ['recorded_at', `recorded_at + interval '1 millisecond'`],
    ['hash', 'set_byte(hash, 31, get_byte(hash, 31) # 1)'],
    ['prev_hash', 'set_byte(prev_hash, 0, get_byte(prev_hash, 0) # 1)'],
  ])('S30 locates one flipped byte of %s', async (column, value) => {
    await sql(`UPDATE es_event SET ${column} = ${value} WHERE ${at(first, 2)}`);
    const { intact, violations } = await audit();
    expect(intact).toBe(false);
    expect(violations).toHaveLength(1);
    expect(violations[0]).toMatchObject({ streamId: first, version: 2, kind: 'altered' });
  });

  it.each([
    ['stream_id', () => newStream()],
    ['tenant_id', () => newTenant()],
    ['version', () => '99'],
  ])('S30 locates one flipped byte of %s', async (column, value) => {
    await sql(`UPDATE es_event SET ${column} = '${value()}' WHERE ${at(first, 2)}`);
    const { violations } = await audit();
    expect(violations).toContainEqual(
      expect.objectContaining({ streamId: first, version: 2, kind: 'missing' }),
    );
  });

  it('S30 locates an altered event whose whole chain was made to fit', async () => {
    await sql(`UPDATE es_event SET data = '{}' WHERE ${at(first, 3)}`);
    await forge(first, 3);
    const { violations } = await audit();
    expect(violations).toEqual([
      {
        streamId: first,
        version: 3,
        seal: 1,
        kind: 'altered',
        message: expect.stringMatching(/seal 1, entry 3\. So are 3 further events/),
      },
    ]);
  });

  it('S30 locates a deleted and an inserted event, their chains made to fit or not', async () => {
    await sql(`DELETE FROM es_event WHERE ${at(second, 2)}`);
    expect((await audit()).violations).toEqual([
      expect.objectContaining({ streamId: second, version: 2, kind: 'missing', seal: null }),
    ]);
    await sql(`UPDATE es_event SET version = 2 WHERE ${at(second, 3)}`);
    await forge(second, 2);
    const { violations } = await audit();
    expect(violations.every(({ streamId }) => streamId === second)).toBe(true);
    expect(violations).toContainEqual(
      expect.objectContaining({ version: 3, kind: 'missing', seal: 2 }),
    );

    await sql(`DELETE FROM es_event WHERE stream_id = '${second}'`);
    await sql(`INSERT INTO es_event SELECT * FROM good_es_event WHERE stream_id = '${second}'`);
    await sql(
      `INSERT INTO es_event SELECT (jsonb_populate_record(g, jsonb_build_object('version', 4,
         'event_id', gen_random_uuid()))).* FROM good_es_event g WHERE ${at(second, 3)}`,
    );
    await forge(second, 4);
    expect((await audit()).violations).toEqual([
      expect.objectContaining({ streamId: second, version: 4, kind: 'inserted', seal: 2 }),
    ]);
  });

  it('S30 locates events exchanged in the feed, within a seal and across seals', async () => {
    type Which = readonly [streamId: string, version: number];
    const exchange = (one: Which, other: Which) =>
      sql(
        `UPDATE es_event e SET xid = o.xid, pos = o.pos FROM good_es_event o
          WHERE (e.stream_id, e.version, o.stream_id, o.version) IN
            (($1, $2::bigint, $3, $4::bigint), ($3, $4::bigint, $1, $2::bigint))`,
        ...one,
        ...other,
      );
    await exchange([second, 3], [first, 5]);
    expect((await audit()).violations).toEqual([
      expect.objectContaining({ streamId: first, version: 5, kind: 'reordered', seal: 2 }),
      expect.objectContaining({ streamId: second, version: 3, kind: 'reordered', seal: 2 }),
    ]);
    await exchange([first, 1], [third, 2]);
    const { violations } = await audit();
    expect(violations).toContainEqual(
      expect.objectContaining({ streamId: first, version: 1, kind: 'reordered' }),
    );
    expect(violations).toContainEqual(
      expect.objectContaining({ streamId: third, version: 2, kind: 'reordered' }),
    );
  });

  it('S30 locates a truncated tail, with and without its head', async () => {
    await sql(`DELETE FROM es_event WHERE stream_id = '${first}' AND version > 4`);
    expect((await audit()).violations).toEqual([
      expect.objectContaining({ streamId: first, version: 5, kind: 'truncated' }),
    ]);
    await forge(first, 4);
    expect((await audit()).violations).toEqual([
      {
        streamId: first,
        version: 5,
        seal: 2,
        kind: 'missing',
        message: expect.stringMatching(/entry 4 of seal 2.*1 further/),
      },
    ]);
  });

  it('S30 names a stream that vanished without a trace', async () => {
    await sql(`DELETE FROM es_event WHERE stream_id = '${second}'`);
    await sql(`DELETE FROM es_stream WHERE stream_id = '${second}'`);
    expect((await audit()).violations).toEqual([
      expect.objectContaining({ streamId: second, version: 1, kind: 'vanished', seal: 2 }),
    ]);
  });

  it('S30 locates an altered, an exchanged and a missing seal', async () => {
    const [seal] = (await sql('SELECT content FROM es_seal WHERE number = 2')).rows as [
      { content: string },
    ];
    expect(seal.content).toContain('"number":2');
    for (const change of [
      `content = replace(content, '"events":5', '"events":4')`,
      `content = content || ' '`,
      `signature = overlay(signature PLACING 'A' FROM 10)`,
      `(content, signature) = (SELECT content, signature FROM good_es_seal
         WHERE tenant_id = s.tenant_id AND number = 1)`,
      `entries = set_byte(entries, 9, get_byte(entries, 9) # 1)`,
    ]) {
      await sql(`UPDATE es_seal s SET ${change} WHERE tenant_id = $1 AND number = 2`, tenant);
      const { violations, sealed } = await audit();
      expect(violations).toEqual([expect.objectContaining({ seal: 2, kind: 'altered' })]);
      expect(sealed).toBe(11);
      await sql('DELETE FROM es_seal');
      await sql('INSERT INTO es_seal SELECT * FROM good_es_seal');
    }
    await sql('DELETE FROM es_seal WHERE tenant_id = $1 AND number = 2', tenant);
    expect((await audit()).violations).toEqual([
      expect.objectContaining({ seal: 2, kind: 'missing' }),
    ]);
  });

  it('S30 finds events and seals cut off together by the copy outside the database', async () => {
    await sql('DELETE FROM es_seal WHERE tenant_id = $1 AND number > 1', tenant);
    await sql(`DELETE FROM es_event WHERE stream_id IN ('${second}', '${third}')`);
    await sql(`DELETE FROM es_stream WHERE stream_id IN ('${second}', '${third}')`);
    await sql(`DELETE FROM es_event WHERE stream_id = '${first}' AND version > 4`);
    await forge(first, 4);
    const { violations, sealed } = await audit();
    expect(sealed).toBe(4);
    expect(violations.map(({ seal, kind }) => [seal, kind])).toEqual([
      [2, 'missing'],
      [2, 'altered'],
      [3, 'missing'],
      [3, 'altered'],
    ]);
    expect(violations[1]!.message).toContain('5 events were sealed and 0 are there');
  });

  it('S30 locates what is wrong with the copy itself', async () => {
    const lines = good.trimEnd().split('\n');
    const told = async (changed: readonly string[]) => {
      writeFileSync(file, changed.map((line) => `${line}\n`).join(''));
      return (await audit()).violations.map(({ seal, kind }) => [seal, kind]);
    };
    const altered = lines[1]!.replace('"events":5', '"events":4');
    expect(await told([lines[0]!, altered, lines[2]!])).toEqual([[2, 'altered']]);
    expect(await told([lines[0]!, 'x', lines[2]!])).toEqual([[2, 'altered']]);
    expect(await told([lines[0]!, lines[0]!, ...lines.slice(1)])).toEqual([[2, 'inserted']]);
    // The last seals may be under way; what is a minute old is not.
    expect(await told([lines[0]!])).toEqual([]);
    writeFileSync(file, `${good}{"seal":{"torn`);
    expect((await audit()).intact).toBe(true);
  });

  it('S30 refuses seals that another key signed', async () => {
    const forged = testSeals();
    try {
      const { rows } = await sql('SELECT content FROM es_seal WHERE number = 2');
      const { key: _key, ...seal } = JSON.parse((rows[0] as { content: string }).content);
      const { content, signature } = forged.keys.sign(seal);
      await sql(
        'UPDATE es_seal SET content = $2, signature = $3 WHERE tenant_id = $1 AND number = 2',
        tenant,
        content,
        signature,
      );
      const [violation] = (await audit()).violations;
      expect(violation).toMatchObject({ seal: 2, kind: 'altered' });
      expect(violation!.message).toContain('does not know');
    } finally {
      forged.remove();
    }
  });

  it('S30 tells how far it is and stops when asked to', async () => {
    const seen: [number, number][] = [];
    const progress = (done: number, total: number) => void seen.push([done, total]);
    await auditTenant({ database: test.database, seals }, tenant, { progress });
    expect(seen.at(-1)).toEqual([22, 22]);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(
      auditTenant({ database: test.database, seals }, tenant, { signal }),
    ).rejects.toThrow('enough');
  });
});
