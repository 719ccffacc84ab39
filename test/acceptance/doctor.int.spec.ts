import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Accepted } from '#kernel/command';
import { checks, type Diagnosis } from '#platform/operations/doctor/doctor';
import { cliOn } from '#test/support/cli';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const SAVED = [
  'es_event',
  'es_subject_key',
  'es_checkpoint',
  'rm_declaration',
  'schema_migration',
].concat('es_dead_letter', 'rm_companies', 'rm_contacts');

describe('the doctor', () => {
  let test: TestPlatform;
  let tenant: string;
  let company: string;
  let contact: string;
  let foreign: string;

  const sql = (...statements: readonly string[]) =>
    test.test.admin(async (client) => {
      for (const statement of statements) await client.query(statement);
    });
  async function examined(line = 'doctor', environment: Record<string, string> = {}) {
    const { code, json } = await cliOn(test.test, environment)(`${line} --json`);
    const found = (json() as { checks: readonly Diagnosis[] }).checks;
    // Another run on the same server may hold the feed back for a moment.
    const wrong = found.filter(({ status, name }) => status === 'violated' && name !== 'horizon');
    return { code, found, wrong: wrong.map(({ name }) => name) };
  }
  const byName = (found: readonly Diagnosis[], name: string) =>
    found.find((one) => one.name === name)!;

  beforeAll(async () => {
    test = await startTestPlatform();
    const made = async (name: string) => {
      const line = `tenants create --name ${name} --owner-email o@${name}.example`;
      const ran = await cliOn(test.test)(
        `${line} --owner-password-stdin --json`,
        'seven quiet lanterns drift',
      );
      return (ran.json() as { id: string }).id;
    };
    const dispatch = async (tenantId: string, name: string, input: object, id?: string) => {
      const options = id ? { id } : {};
      const done = await test.platform.dispatch(name, input, test.caller(tenantId), options);
      return (done as Accepted).id;
    };
    tenant = await made('hooli');
    const other = await made('raviga');
    company = await dispatch(tenant, 'CreateCompany', { name: 'Aviato' });
    for (const industry of ['Tea', 'Travel']) {
      await dispatch(tenant, 'ChangeCompany', { industry }, company);
    }
    const person = { firstName: 'Erlich', lastName: 'Bachman', companyId: company };
    contact = await dispatch(tenant, 'CreateContact', person);
    foreign = await dispatch(other, 'CreateCompany', { name: 'Raviga' });
    await test.platform.projections.catchUp();
    await sql(...SAVED.map((name) => `CREATE TABLE saved_${name} AS SELECT * FROM ${name}`));
  });
  afterEach(() =>
    sql(
      ...SAVED.flatMap((name) => [
        `DELETE FROM ${name}`,
        `INSERT INTO ${name} SELECT * FROM saved_${name}`,
      ]),
    ),
  );
  afterAll(() => test.close());

  it('finds nothing wrong with what the product wrote, and says what it looked at', async () => {
    const { found, wrong } = await examined();
    expect(wrong).toEqual([]);
    expect(found.map(({ name }) => name)).toEqual(checks.map(({ name }) => name));
    expect(byName(found, 'folds').status).toBe('not checked');
    expect(byName(found, 'versions').checked).toBeGreaterThan(10);
    expect(byName(found, 'boxes').checked).toBeGreaterThan(3);
    expect(byName(found, 'references').checked).toBeGreaterThan(0);
    const { out } = await cliOn(test.test)('doctor');
    expect(out).toMatch(/^holds {10}I2 {3}stream versions are contiguous \(\d+ events\)$/m);
    expect(out).toMatch(/^not checked {4}I3 {3}every row is the fold of its events: --deep does$/m);
    const deep = await examined('doctor --deep');
    expect(deep.wrong).toEqual([]);
    expect(byName(deep.found, 'folds')).toMatchObject({ status: 'holds' });
  });

  const stream = () => `stream_id = 'company-${company}'`;

  it.each<[name: string, example: RegExp, plant: () => string]>([
    [
      'epoch',
      /ahead of this one/,
      () => `UPDATE es_event SET xid = '9000000000000' WHERE ${stream()} AND version = 3`,
    ],
    [
      'migrations',
      /companies is declared/,
      () => `UPDATE rm_declaration SET hash = 'old' WHERE name = 'companies'`,
    ],
    [
      'migrations',
      /a migration has not/,
      () => `DELETE FROM schema_migration WHERE name LIKE 'Auth%'`,
    ],
    [
      'versions',
      /revision 3 .* stands where 2/,
      () => `DELETE FROM es_event WHERE ${stream()} AND version = 2`,
    ],
    [
      'event-ids',
      /2 events have the id/,
      () => `UPDATE es_event SET event_id = (SELECT event_id FROM es_event
               WHERE stream_id = 'company-${foreign}') WHERE ${stream()} AND version = 2`,
    ],
    [
      'cursors',
      /revision 2 .* comes before an earlier one/,
      () => `UPDATE es_event SET xid = '3' WHERE ${stream()} AND version = 2`,
    ],
    [
      'cursors',
      /shares its place/,
      () => `UPDATE es_event SET (epoch, xid, pos) = (SELECT epoch, xid, pos FROM es_event
               WHERE stream_id = 'company-${foreign}') WHERE stream_id = 'contact-${contact}'`,
    ],
    [
      'chains',
      /revision 2 .* does not match its hash/,
      () => `UPDATE es_event SET data = '{}' WHERE ${stream()} AND version = 2`,
    ],
    ['boxes', /needs key 1/, () => `DELETE FROM es_subject_key WHERE subject_id = '${contact}'`],
    [
      'boxes',
      /needs key 1/,
      () => `UPDATE es_subject_key SET wrapped = NULL WHERE subject_id = '${contact}'`,
    ],
    [
      'keys',
      /the key of subject .* does not open/,
      () => `UPDATE es_subject_key SET wrapped = (SELECT wrapped FROM es_subject_key
               WHERE subject_id <> '${contact}' LIMIT 1) WHERE subject_id = '${contact}'`,
    ],
    [
      'checkpoints',
      /companies is ahead/,
      () => `UPDATE es_checkpoint SET pos = pos + 1000 WHERE processor = 'companies'`,
    ],
    [
      'leases',
      /companies has the fence 99/,
      () => `UPDATE es_checkpoint SET fence = 99 WHERE processor = 'companies'`,
    ],
    [
      'dead-letters',
      /companies parked company-.* at revision 2: planted/,
      () => `INSERT INTO es_dead_letter SELECT 'companies', tenant_id, stream_id, version, event_id,
               type, 'planted' FROM es_event WHERE ${stream()} AND version = 2`,
    ],
    [
      'tenants',
      /rm_companies .* belongs to no tenant/,
      () => `UPDATE rm_companies SET tenant_id = gen_random_uuid() WHERE id = '${company}'`,
    ],
    [
      'references',
      /company_id of rm_contacts .* of tenant/,
      () => `UPDATE rm_contacts SET company_id = '${foreign}' WHERE id = '${contact}'`,
    ],
  ])('finds what is wrong with %s: %s', async (name, example, plant) => {
    await sql(plant());
    const { code, found } = await examined();
    expect(code).toBe(1);
    expect(byName(found, name)).toMatchObject({ status: 'violated' });
    expect(byName(found, name).example).toMatch(example);
  });

  it('finds a changed row when it looks deeper', async () => {
    await sql(`UPDATE rm_companies SET name = 'Planted' WHERE id = '${company}'`);
    expect((await examined()).wrong).toEqual([]);
    const { code, found } = await examined('doctor --deep');
    expect(code).toBe(1);
    const example = `companies: changed live row ${company} of tenant ${tenant}`;
    expect(byName(found, 'folds')).toMatchObject({ status: 'violated', example });
  });

  it('finds a table that shows tenants to each other', async () => {
    await sql('ALTER TABLE rm_companies DISABLE ROW LEVEL SECURITY');
    const { wrong } = await examined();
    await sql('ALTER TABLE rm_companies ENABLE ROW LEVEL SECURITY');
    expect(wrong).toEqual(['rights']);
  });

  it('finds a server that may lose what it acknowledged', async () => {
    const { pathname } = new URL(test.test.url);
    await sql(`ALTER DATABASE ${pathname.slice(1)} SET synchronous_commit = off`);
    const { code, found } = await examined('doctor', { ALLOW_UNSAFE_DURABILITY: 'false' });
    const allowed = await examined();
    await sql(`ALTER DATABASE ${pathname.slice(1)} RESET synchronous_commit`);
    expect(code).toBe(1);
    const note = 'acknowledged changes may be lost: ALLOW_UNSAFE_DURABILITY is set';
    expect(byName(allowed.found, 'settings')).toMatchObject({ status: 'holds', note });
    expect(byName(found, 'settings').example).toContain('synchronous_commit');
  });

  it('names the transaction that holds the feed back', async () => {
    await test.test.admin(async (client) => {
      await client.query(`SET application_name = 'forgotten'`);
      await client.query('BEGIN');
      const { rows } = await client.query<{ pid: number }>(
        'SELECT pg_backend_pid() AS pid, pg_current_xact_id()',
      );
      await sleep(5_200);
      const holder = `process ${rows[0]!.pid} (forgotten`;
      let ran = await examined();
      // A transaction of another spec on this server may be older than ours.
      for (
        let tries = 1;
        tries < 10 && !byName(ran.found, 'horizon').example?.includes(holder);
        tries++
      ) {
        await sleep(500);
        ran = await examined();
      }
      await client.query('ROLLBACK');
      expect(ran.code).toBe(1);
      expect(byName(ran.found, 'horizon').example).toContain(holder);
    });
  });

  it('answers with 2 where it could not run', async () => {
    const url = 'postgres://nobody@127.0.0.1:1/nothing';
    const gone = await cliOn({ ...test.test, url })('doctor --json');
    expect(gone).toMatchObject({ code: 2 });
    expect(gone.json()).toMatchObject({ error: { code: 'NOT_RUN' } });
    await sql('ALTER TABLE rm_notes RENAME TO elsewhere');
    const { code, found } = await examined();
    await sql('ALTER TABLE elsewhere RENAME TO rm_notes');
    expect(byName(found, 'tenants')).toMatchObject({ status: 'could not run' });
    expect(code).toBe(2);
  });
});
