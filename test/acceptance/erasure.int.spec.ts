import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { erasureOf } from '#apps/composition/erasure/erasure';
import type { Accepted } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import { ERASED } from '#kernel/event';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import type { ErasureReport } from '#platform/erasure/report';
import { verifyTenant } from '#platform/operations/audit';
import { Rebuild } from '#platform/projections/rebuild';
import type { TimelinePage } from '#platform/projections/timeline-entry';
import { foundInTables } from '#test/support/planted';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const NAME = 'Zebulon Quixotic';
const EMAIL = 'zebulon.quixotic@example.org';
const NOTE = 'Prefers oolong tea and early trains';
const CALL = 'Spoke about the harp concert';
const [IP, BROWSER] = ['203.0.113.177', 'Harpist Browser 7.1'];
const PLANTED = ['Zebulon', 'Quixotic', EMAIL, NOTE, CALL];

describe('erasure of a data subject', () => {
  let test: TestPlatform;
  let folder: string;
  let ctx: RequestContext;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clientforge-erasure-'));
    test = await startTestPlatform();
    test.platform.projections.start();
    const caller = test.caller();
    ctx = { ...caller, actor: { type: 'system', id: 'spec' } };
  });
  afterAll(async () => {
    await test.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const config = () => ({
    dataDir: folder,
    importMaxBytes: 1e6,
    erasuresDir: join(folder, 'erasures'),
  });
  const erasure = () => erasureOf(test.platform, config());
  async function dispatch(name: string, input: object, id?: string, who = ctx) {
    const answer = await test.platform.dispatch(name, input, who, id ? { id } : {});
    if (isRefusal(answer)) throw new Error(JSON.stringify(answer));
    return answer as Accepted;
  }
  async function erase(subjectId: string, who = ctx): Promise<ErasureReport> {
    const report = await erasure().erase({ subjectId, reason: 'request' }, who);
    if (isRefusal(report)) throw new Error(JSON.stringify(report));
    return report as ErasureReport;
  }
  const settled = async () => {
    const head = await test.platform.store.settled();
    for (const name of test.platform.registry.readModels.keys()) {
      await test.platform.positions.wait(name, head, 20_000);
    }
  };
  const reached = (report: ErasureReport, place: string) =>
    report.reached.find((one) => one.place === place)?.count;
  const rebuildOf = (name: string) => {
    const { database, store, codec, registry } = test.platform;
    const definition = (type: string) => codec.definition(type);
    const parts = { url: test.test.url, database, store, codec, definition };
    return new Rebuild(parts, registry.readModel(name));
  };
  const found = (planted: readonly string[]) =>
    test.test.admin((client) => foundInTables(client, planted));

  async function contact(): Promise<string> {
    const [firstName, lastName] = NAME.split(' ');
    const input = { firstName, lastName, email: EMAIL, department: 'Strings', about: NOTE };
    const { id } = await dispatch('CreateContact', { ...input, allowDuplicate: true });
    await dispatch('ChangeContact', { title: 'Harpist', phone: null }, id);
    const related = { relatedToType: 'contact', relatedToId: id };
    await dispatch('CreateNote', { content: NOTE, ...related });
    await dispatch('LogActivity', { activityType: 'call', subject: CALL, ...related });
    await dispatch('CreateTask', { title: 'Send the programme', ...related });
    return id;
  }

  it('S29 reaches rows, past versions, timeline and search, says what remains, keeps the chain', async () => {
    const id = await contact();
    const other = await dispatch('CreateContact', { firstName: 'Ada', lastName: 'Lovelace' });
    await settled();
    await rebuildOf('contacts').swap();
    await settled();
    // Samples of values go into the planner's statistics, as autovacuum would take them.
    await test.test.admin((client) => client.query('ANALYZE'));
    expect((await found(PLANTED)).length).toBeGreaterThan(5);
    const report = await erase(id);
    expect(await found(PLANTED)).toEqual([]);
    expect(report.closed).toEqual([`contact-${id}`]);
    expect(reached(report, 'keys')).toBe(1);
    expect(reached(report, 'events')).toBe(4);
    for (const table of ['rm_contacts', 'rm_contacts__former', 'rm_notes', 'rm_activities']) {
      expect(reached(report, table)).toBe(1);
    }
    expect(report.remains).toContainEqual(
      expect.objectContaining({ place: 'tasks that refer to the subject', count: 1 }),
    );
    const { platform } = test;
    const model = platform.registry.readModel('contacts');
    const row = await platform.reader.get(ctx, model, id, { includeDeleted: true });
    expect(row).toMatchObject({
      firstName: ERASED,
      lastName: ERASED,
      email: null,
      phone: null,
      department: 'Strings',
      deletedAt: expect.any(String) as unknown,
    });
    const past = await platform.reader.get(ctx, model, id, { revision: 1 });
    expect(past).toMatchObject({ firstName: ERASED, about: ERASED });
    const timeline = await platform.timeline.list(ctx, {
      recordType: 'contact',
      recordId: id,
      limit: 10,
    });
    const entries = (timeline as TimelinePage).entries;
    expect(entries.map(({ action }) => action)).toEqual(['deleted', 'updated', 'created']);
    expect(entries[0]!.recordLabel).toContain(ERASED);
    const untouched = await platform.reader.get(ctx, model, other.id);
    expect(untouched).toMatchObject({ firstName: 'Ada' });
    expect((await verifyTenant(platform.database, ctx.tenantId)).violations).toEqual([]);
    for (const name of ['contacts', 'notes', 'activities', 'tasks']) {
      expect((await rebuildOf(name).verify()).differences).toEqual([]);
      await rebuildOf(name).swap();
    }
    expect(await found(PLANTED)).toEqual([]);
    expect(test.problems).toEqual([]);
  });

  it('S29 closes the record, tells of an id without data, and may be begun again', async () => {
    const id = await contact();
    const first = await erase(id);
    const refused = await test.platform.dispatch('ChangeContact', { title: 'Again' }, ctx, { id });
    expect(refused).toMatchObject({ refused: true });
    const again = await erase(id);
    expect(again).toMatchObject({ id: null, closed: [`contact-${id}`] });
    expect(first.id).not.toBeNull();
    const nobody = await erasure().erase({ subjectId: uuidv7(), reason: 'request' }, ctx);
    expect(nobody).toMatchObject({ refused: true, code: 'SUBJECT_UNKNOWN', category: 'missing' });
    const foreign = { ...ctx, tenantId: uuidv7() };
    const stranger = await erasure().erase({ subjectId: id, reason: 'request' }, foreign);
    expect(stranger).toMatchObject({ refused: true, code: 'SUBJECT_UNKNOWN' });
    const list = readFileSync(join(folder, 'erasures', `${ctx.tenantId}.ndjson`), 'utf8');
    expect(
      list
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toContainEqual(
      expect.objectContaining({ id: first.id, subjectId: id, keys: [1], reason: 'request' }),
    );
    expect(await test.platform.store.load(ctx.tenantId, `erasure-${id}`)).toMatchObject({
      events: [{ type: 'SubjectErased' }],
    });
  });

  it('S29 of a user reaches address and browser, sign-in, sessions and the held e-mail address', async () => {
    const tenantId = uuidv7();
    const system = { ...ctx, tenantId };
    await dispatch(
      'CreateTenant',
      { name: 'Harps', slug: `harps-${tenantId.slice(-12)}` },
      tenantId,
      system,
    );
    const email = 'harpist@example.org';
    const person = { firstName: 'Harriet', lastName: 'Harpist', email, status: 'active' };
    await dispatch(
      'CreateUser',
      { ...person, firstName: 'Olga', email: 'olga@example.org', role: 'owner' },
      undefined,
      system,
    );
    const { id } = await dispatch('CreateUser', { ...person, role: 'member' }, undefined, system);
    const self: RequestContext = {
      ...system,
      actor: { type: 'user', id },
      ip: IP,
      userAgent: BROWSER,
    };
    await dispatch('CreateCompany', { name: 'Harp makers' }, undefined, self);
    await test.platform.database.tenant(tenantId, async (db) => {
      await db.query(`INSERT INTO auth_credential VALUES ($1, $2, 'hash', now())`, [tenantId, id]);
      await db.query(
        `INSERT INTO auth_session (tenant_id, id, user_id, family_id, refresh_hash, signed_in_at,
           created_at, expires_at, ip, user_agent)
         VALUES ($1, $3, $2, $3, '', now(), now(), now(), $4, $5)`,
        [tenantId, id, uuidv7(), IP, BROWSER],
      );
      await db.query(
        `INSERT INTO access_log VALUES ($1, $2, $3, 'company', $2, 'viewed', $4, $5, null, now())`,
        [tenantId, uuidv7(), id, IP, BROWSER],
      );
    });
    await settled();
    expect((await found([IP, BROWSER])).length).toBeGreaterThan(2);
    const report = await erase(id, system);
    expect(await found([IP, BROWSER, email])).toEqual([]);
    expect(reached(report, 'rm_companies_timeline')).toBe(1);
    expect(reached(report, 'credentials')).toBe(1);
    expect(reached(report, 'sessions')).toBe(1);
    expect(reached(report, 'access log')).toBe(1);
    expect((await rebuildOf('companies').verify()).differences).toEqual([]);
    expect((await rebuildOf('users').verify()).differences).toEqual([]);
    // The address is nobody's any more.
    await dispatch('CreateUser', { ...person, role: 'member' }, undefined, system);
    const last = await test.platform.dispatch('CreateUser', { ...person, role: 'member' }, system);
    expect(last).toMatchObject({ refused: true });
  });

  it('S29 does what the list says when the database comes back without it', async () => {
    const id = await contact();
    await settled();
    const keys = () =>
      test.test.admin(async (client) => {
        const { rows } = await client.query<{ wrapped: string | null }>(
          'SELECT wrapped FROM es_subject_key WHERE subject_id = $1',
          [id],
        );
        return rows.map(({ wrapped }) => wrapped);
      });
    const before = await keys();
    await erase(id);
    // As an older copy of the database would have it.
    await test.test.admin((client) =>
      client.query(
        `UPDATE es_subject_key SET wrapped = $2, destroyed_at = NULL WHERE subject_id = $1`,
        [id, before[0]],
      ),
    );
    test.platform.keys.forgetAll();
    await rebuildOf('contacts').swap();
    expect((await found(PLANTED)).length).toBeGreaterThan(0);
    expect(await erasure().settle()).toBe(1);
    expect(await keys()).toEqual([null]);
    expect(await found(PLANTED)).toEqual([]);
    expect(await erasure().settle()).toBe(0);
  });
});
