import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PostgresEventStore } from '#platform/event-store/postgres-store';
import { auditTenant } from '#platform/operations/audit';
import { openEpoch } from '#platform/operations/epoch';
import { Fenced } from '#platform/projections/fenced';
import { ResumeError, resumeSeals } from '#platform/seals/resume';
import { sealOfLine, SEAL_SIZE } from '#platform/seals/seal';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import { testSeals, type TestSeals } from '#test/support/sealing';
import { appendTo, newEvents, newStream, newTenant } from '../contracts/requests.js';

describe('S30 sealing', () => {
  let test: TestDatabase;
  let seals: TestSeals;
  let store: PostgresEventStore;
  let tenant: string;
  const problems: string[] = [];

  beforeEach(async () => {
    test = await createTestDatabase();
    seals = testSeals();
    store = new PostgresEventStore(test.database);
    tenant = newTenant();
    problems.length = 0;
  });
  afterEach(async () => {
    await store.close();
    await test.drop();
    seals.remove();
  });

  const sql = (text: string, ...values: readonly unknown[]) =>
    test.admin(async (client) => (await client.query(text, [...values])).rows as never[]);
  const append = (events = 1, of = tenant) =>
    appendTo(store, of, newStream(), 'none', newEvents(events));
  const audit = (of = tenant) => auditTenant({ database: test.database, seals }, of);
  const copied = (of = tenant) =>
    readFileSync(seals.copy.path(of), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => sealOfLine(line));
  const sealAll = async () => {
    await store.settled();
    const sealer = seals.sealer(test.database, problems);
    expect(await sealer.catchUp()).toBe(true);
    await sealer.close();
  };
  /** Numbers of the tenant's seals in the table, in order. */
  const numbers = async (of = tenant) =>
    (await sql('SELECT number::int FROM es_seal WHERE tenant_id = $1 ORDER BY 1', of)).map(
      ({ number }: { number: number }) => number,
    );

  it('S30 seals each tenant by itself, in bounded seals, and what the feed shows alone', async () => {
    for (let part = 0; part < 3; part++) await append(450);
    const other = newTenant();
    await append(2, other);
    // Transactions of other specs on this server may hold them back until now.
    await store.settled();
    const writer = test.admin(async (client) => {
      await client.query('BEGIN');
      await client.query('SELECT pg_current_xact_id()');
      await appendTo(store, other, newStream(), 'none', newEvents(1));
      const sealer = seals.sealer(test.database);
      await sealer.catchUp();
      await sealer.close();
      // Behind a transaction that may still write, nothing is final.
      expect(await audit(other)).toMatchObject({ sealed: 2, unsealed: 1, intact: true });
      await client.query('COMMIT');
    });
    await writer;
    await sealAll();
    const report = await audit();
    expect(report).toMatchObject({ intact: true, sealed: 1350, unsealed: 0 });
    const sizes = copied().map((seal) => (JSON.parse(seal!.content) as { events: number }).events);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(SEAL_SIZE);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(1350);
    expect(await audit(other)).toMatchObject({ intact: true, sealed: 3, unsealed: 0 });
  });

  it('S30 whoever loses the sealing between rows and copy leaves the copy to its successor', async () => {
    await append(2);
    await store.settled();
    const [one, two] = [seals.sealer(test.database), seals.sealer(test.database)];
    const copy = one['copy'].bind(one);
    one['copy'] = async (rows) => {
      await sql(`UPDATE es_lease SET expires_at = now() - interval '1 hour'`);
      expect(await two.catchUp()).toBe(true);
      await copy(rows);
    };
    await expect(one.catchUp()).rejects.toThrow(Fenced);
    expect(copied()).toHaveLength(1);
    expect(await audit()).toMatchObject({ intact: true, sealed: 2, unsealed: 0 });
    await Promise.all([one.close(), two.close()]);
  });

  it('S30 two sealers never seal twice, and one takes over from the other', async () => {
    await append(2);
    await store.settled();
    const [one, two] = [
      seals.sealer(test.database, problems),
      seals.sealer(test.database, problems),
    ];
    one.start();
    two.start();
    for (let part = 0; part < 12; part++) {
      await append(3);
      await pause(50);
      // As if one had stood still for longer than its lease.
      if (part % 3 === 0) await sql(`UPDATE es_lease SET expires_at = now() - interval '1 hour'`);
    }
    await store.settled();
    await one.close();
    await append(1);
    await store.settled();
    for (let waited = 0; (await audit()).unsealed > 0 && waited < 100; waited++) await pause(50);
    await two.close();
    const all = await numbers();
    expect(all).toEqual(all.map((_, index) => index + 1));
    expect(all.length).toBeGreaterThan(2);
    expect(await audit()).toMatchObject({ intact: true, sealed: 39, unsealed: 0 });
    expect(copied()).toHaveLength(all.length);
    expect(problems).toEqual([]);
  });

  it('S30 a copy that a crash left behind is completed at the next start', async () => {
    await append(2);
    await sealAll();
    const before = readFileSync(seals.copy.path(tenant), 'utf8');
    await append(2);
    await sealAll();
    const after = readFileSync(seals.copy.path(tenant), 'utf8');
    for (const left of [before, `${before}${after.slice(before.length, -40)}`]) {
      writeFileSync(seals.copy.path(tenant), left);
      await sealAll();
      expect(readFileSync(seals.copy.path(tenant), 'utf8')).toBe(after);
    }
    rmSync(seals.copy.path(tenant));
    await sealAll();
    expect(readFileSync(seals.copy.path(tenant), 'utf8')).toBe(after);
    expect(problems).toEqual([]);
  });

  it('S30 never builds on seals that were tampered with, and the other tenants go on', async () => {
    const other = newTenant();
    await append();
    await append(1, other);
    await sealAll();
    await append();
    await sealAll();
    await sql('DELETE FROM es_seal WHERE tenant_id = $1 AND number = 2', tenant);
    await append();
    await append(1, other);
    await sealAll();
    expect(await numbers()).toEqual([1]);
    expect(problems.join()).toContain('holds seals that the database does not');
    expect(await audit(other)).toMatchObject({ intact: true, unsealed: 0, sealed: 2 });
    expect((await audit()).violations).toEqual([
      expect.objectContaining({ seal: 2, kind: 'missing' }),
    ]);
    appendFileSync(seals.copy.path(other), 'scribble\n');
    await append(1, other);
    await sealAll();
    expect(problems.join()).toContain('cannot be read');
    expect(await numbers(other)).toEqual([1, 2]);
  });

  it('S30 goes on after a restoration, once told to, and says what was given up', async () => {
    await append(3);
    await sealAll();
    for (const table of ['es_event', 'es_stream', 'es_seal', 'es_seal_place']) {
      await sql(`CREATE TABLE backup_${table} AS SELECT * FROM ${table}`);
    }
    await append(2);
    await sealAll();
    await append(4);
    await sealAll();
    // What a restoration of the backup leaves behind: the copy knows more than the database.
    for (const table of ['es_event', 'es_stream', 'es_seal', 'es_seal_place']) {
      await sql(`TRUNCATE ${table}`);
      await sql(`INSERT INTO ${table} SELECT * FROM backup_${table}`);
    }
    await openEpoch(test.url, 'restored');
    await append(5);
    await sealAll();
    expect(await numbers()).toEqual([1]);
    expect((await audit()).intact).toBe(false);

    const parts = { ...seals, database: test.database };
    expect(await resumeSeals(parts, tenant, 'restored the backup of 1 March')).toEqual({
      number: 4,
      seals: 2,
      events: 6,
    });
    expect(await resumeSeals(parts, newTenant(), 'nothing')).toBeUndefined();
    await sealAll();
    const report = await audit();
    expect(report).toMatchObject({ intact: true, sealed: 8, unsealed: 0, seals: 5 });
    expect(report.notices).toEqual([
      expect.stringMatching(/Seals 2 to 3 were given up .*: restored the backup of 1 March$/),
    ]);
    expect(copied()).toHaveLength(5);
    expect(await numbers()).toEqual([1, 2, 3, 4, 5]);
    await append();
    await sealAll();
    expect(await audit()).toMatchObject({ intact: true, sealed: 9 });
  });

  it('S30 an epoch without a loss needs nothing; a copy of another log cannot be resumed', async () => {
    await append(2);
    await sealAll();
    await openEpoch(test.url, 'moved');
    await append(2);
    await sealAll();
    expect(await audit()).toMatchObject({ intact: true, sealed: 4, seals: 2 });
    const lines = readFileSync(seals.copy.path(tenant), 'utf8').trimEnd().split('\n');
    writeFileSync(seals.copy.path(tenant), `${lines[1]}\n${lines[0]}\n`);
    const parts = { ...seals, database: test.database };
    await expect(resumeSeals(parts, tenant, 'no')).rejects.toThrow(ResumeError);
  });
});
