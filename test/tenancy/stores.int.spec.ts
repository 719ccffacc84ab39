import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ReferenceLoader } from '#apps/api/graphql/reference-loader';
import type { Accepted } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { SNAPSHOT_EVERY } from '#platform/commands/snapshots';
import type { Job } from '#platform/jobs/job';
import type { JobPage } from '#platform/jobs/jobs';
import { AUDIT_JOB, auditJob } from '#platform/operations/audit-job';
import { exportTenant } from '#platform/operations/export';
import { parseListQuery, type ListQuery } from '#platform/projections/list-query';
import type { Page } from '#platform/projections/reader';
import type { TimelinePage } from '#platform/projections/timeline-entry';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';
import { testSeals, type TestSeals } from '#test/support/sealing';

/** What is kept beside the tables with policies: each keeps tenants apart by itself. */
describe('S16 other stores', () => {
  let test: TestPlatform;
  let seals: TestSeals;
  let one: RequestContext;
  let two: RequestContext;
  /** The same id in both workspaces. */
  const shared = uuidv7();
  const create = async (ctx: RequestContext, name: string, id?: string) =>
    (await test.platform.dispatch('CreateCompany', { name }, ctx, id ? { id } : {})) as Accepted;
  beforeAll(async () => {
    seals = testSeals();
    test = await startTestPlatform(undefined, { jobs: [auditJob] });
    [one, two] = [test.caller(), test.caller()].map((ctx) => ({
      ...ctx,
      actor: { type: 'system', id: 'spec' } as const,
    })) as [RequestContext, RequestContext];
    await create(one, 'Zebra of one', shared);
    await create(two, 'Okapi of two', shared);
    await test.platform.projections.catchUp();
  });
  afterAll(async () => {
    await test.close();
    seals.remove();
  });

  it('S16 jobs are listed, read, cancelled and retried in their own workspace', async () => {
    const { jobs } = test.platform;
    const id = uuidv7();
    await jobs.start(AUDIT_JOB, {}, one, id);
    for (const refused of [
      await jobs.get(two, id),
      await jobs.cancel(two, id),
      await jobs.retry(two, id),
    ]) {
      expect((refused as Refusal).category).toBe('missing');
    }
    expect(((await jobs.list(two, { limit: 100 })) as JobPage).jobs).toEqual([]);
    // The same id is another job elsewhere, and no way to learn of this one.
    await jobs.start(AUDIT_JOB, {}, two, id);
    expect(((await jobs.cancel(two, id)) as Job).status).toBe('cancelled');
    expect(((await jobs.get(one, id)) as Job).status).toBe('queued');
  });

  it('S16 search finds in lists and timeline what is of the workspace', async () => {
    const { platform } = test;
    const model = platform.registry.readModel('companies');
    const found = async (ctx: RequestContext, search: string) => {
      const query = parseListQuery(model, { search }, 'UTC') as ListQuery;
      const page = (await platform.reader.list(ctx, model, query)) as Page;
      const told = (await platform.timeline.list(ctx, { limit: 100, search })) as TimelinePage;
      return [page.rows.length, told.entries.length];
    };
    expect(await found(one, 'Zebra')).toEqual([1, 1]);
    expect(await found(two, 'Zebra')).toEqual([0, 0]);
    expect(await found(two, 'Okapi')).toEqual([1, 1]);
  });

  it('S16 the loader of references asks for each caller apart, in the same turn', async () => {
    const { platform } = test;
    const model = platform.registry.readModel('companies');
    const only = await create(one, 'Only of one');
    await platform.projections.catchUp();
    const [first, second] = [one, two].map((ctx) => new ReferenceLoader(platform, ctx)) as [
      ReferenceLoader,
      ReferenceLoader,
    ];
    const rows = await Promise.all([
      first.load(model, shared),
      second.load(model, shared),
      second.load(model, only.id),
      first.load(model, only.id),
    ]);
    expect(rows.map((row) => row?.['name'])).toEqual([
      'Zebra of one',
      'Okapi of two',
      undefined,
      'Only of one',
    ]);
  });

  it('S16 an export holds the log of one workspace', async () => {
    const lines: string[] = [];
    const { database } = test.platform;
    await exportTenant({ database, keys: seals.keys }, two.tenantId, (line) => {
      lines.push(line);
      return Promise.resolve();
    });
    expect(lines.filter((line) => line.includes('"kind":"event"')).length).toBeGreaterThan(0);
    expect(lines.join('')).toContain(two.tenantId);
    expect(lines.join('')).not.toContain(one.tenantId);
  });

  it('S16 a key of one request says nothing of the other workspace', async () => {
    const commandId = uuidv7();
    const send = (ctx: RequestContext, name: string) =>
      test.platform.dispatch('CreateCompany', { name }, ctx, { commandId });
    const [mine, theirs] = [await send(one, 'Mine'), await send(two, 'Theirs')];
    expect(isRefusal(mine) || isRefusal(theirs)).toBe(false);
    expect((await send(one, 'Mine')) as Accepted).toEqual(mine);
    expect((mine as Accepted).id).not.toBe((theirs as Accepted).id);
  });

  it('S16 snapshots of the same stream are kept and sealed apart', async () => {
    const { platform } = test;
    const change = async (ctx: RequestContext, industry: string) => {
      const result = await platform.dispatch('ChangeCompany', { industry }, ctx, { id: shared });
      expect(isRefusal(result)).toBe(false);
    };
    for (let n = 0; n <= SNAPSHOT_EVERY; n++) await change(one, `Industry ${n}`);
    await change(two, 'Mining');
    const { rows } = await test.test.admin((db) =>
      db.query<{ tenant_id: string }>('SELECT DISTINCT tenant_id FROM es_snapshot'),
    );
    expect(rows).toEqual([{ tenant_id: one.tenantId }]);
    const model = platform.registry.readModel('companies');
    const row = await platform.reader.fold(two.tenantId, model, shared);
    expect(row).toMatchObject({ name: 'Okapi of two', industry: 'Mining', revision: 2 });
  });
});
