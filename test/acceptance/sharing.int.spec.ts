import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { knownRecords } from '#apps/api/changes/change-rights';
import { explainAccess, type AccessExplanation } from '#apps/composition/explain-access';
import { contextOf } from '#apps/composition/standing';
import type { Accepted } from '#kernel/command';
import { everything, type Grants, type RequestContext } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import type { Row } from '#kernel/read-model';
import { isRefusal, type Refusal } from '#kernel/refusal';
import {
  parseListQuery,
  type ListQuery,
  type RawParameters,
} from '#platform/projections/list-query';
import { countStatement, hitsStatement, type Statement } from '#platform/projections/list-sql';
import type { Group, Page } from '#platform/projections/reader';
import type { TimelinePage } from '#platform/projections/timeline-entry';
import { reaches, type Visible } from '#platform/projections/visibility';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const TYPES = ['companies', 'contacts', 'products', 'deals', 'tasks', 'notes', 'activities'];
const HOUR = 3_600_000;
/** Enough for the planner to prefer an index where there is one. */
const ROWS = 20_000;
const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('shared records', () => {
  let test: TestPlatform;
  let now: Date;
  let owner: RequestContext;
  /** Reads and changes what is their own. */
  let guest: RequestContext;
  let teamId: string;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    now = new Date();
    test = await startTestPlatform(() => now);
    const { tenantId } = test.caller();
    const tenant = { name: 'Hooli', slug: `hooli-${tenantId.slice(-12)}` };
    const system: RequestContext = {
      ...test.caller(tenantId),
      actor: { type: 'system', id: 'spec' },
    };
    owner = system;
    await done('CreateTenant', tenant, tenantId);
    const person = async (firstName: string, role: string) =>
      (
        await done('CreateUser', {
          firstName,
          lastName: 'Mere',
          email: `${firstName}@hooli.com`,
          role,
          status: 'active',
        })
      ).id;
    const ownerId = await person('una', 'owner');
    const guestId = await person('gil', 'member');
    owner = { ...system, actor: { type: 'user', id: ownerId } };
    teamId = (await done('CreateTeam', { name: 'Field' })).id;
    await done('AddTeamMember', { userId: guestId }, teamId);
    const pipelineId = (await done('CreatePipeline', { name: 'Sales' })).id;
    const company = (await done('CreateCompany', { name: 'Hooli' })).id;
    const related = { relatedToType: 'company', relatedToId: company };
    ids['companies'] = company;
    ids['contacts'] = (await done('CreateContact', { firstName: 'Ada', lastName: 'L' })).id;
    ids['products'] = (await done('CreateProduct', { name: 'Box' })).id;
    const deal = { name: 'Platform', pipelineId, amount: { amountMinor: '500', currency: 'USD' } };
    ids['deals'] = (await done('CreateDeal', deal)).id;
    ids['tasks'] = (await done('CreateTask', { title: 'Call' })).id;
    ids['notes'] = (await done('CreateNote', { content: 'Met', ...related })).id;
    const activity = { activityType: 'call', subject: 'Hello', ...related };
    ids['activities'] = (await done('LogActivity', activity)).id;
    await test.platform.projections.catchUp();
    const standing = await contextOf(test.platform, {
      tenantId,
      actor: { type: 'user', id: guestId },
      correlationId: uuidv7(),
    } as never);
    const grants: Grants = Object.fromEntries(
      TYPES.flatMap((one) =>
        ['read', 'update', 'delete', 'share'].map((a) => [`${one}:${a}`, 'own']),
      ),
    );
    guest = { ...(standing as RequestContext), grants: { ...grants, 'timeline:read': 'all' } };
  });
  afterAll(() => test.close());

  async function done(name: string, input: object, id?: string, ctx = owner): Promise<Accepted> {
    const result = await test.platform.dispatch(name, input, ctx, id ? { id } : {});
    if (isRefusal(result)) throw new Error(`${name}: ${JSON.stringify(result)}`);
    return result as Accepted;
  }
  const model = (name: string) => test.platform.registry.readModel(name);
  const query = (name: string, raw: RawParameters = {}): ListQuery =>
    parseListQuery(model(name), raw, 'UTC') as ListQuery;
  const rows = async (name: string, raw: RawParameters = {}, ctx = guest) =>
    ((await test.platform.reader.list(ctx, model(name), query(name, raw))) as Page).rows;
  const get = (name: string, ctx = guest, times = {}) =>
    test.platform.reader.get(ctx, model(name), ids[name]!, times);
  const named = (name: string) => {
    const record = model(name).record;
    return record[0]!.toUpperCase() + record.slice(1);
  };
  const share = async (name: string, input: object = {}) => {
    const given = { granteeId: guest.actor.id, access: 'read', ...input };
    await done(`Share${named(name)}`, given, ids[name]);
    await test.platform.projections.catchUp();
  };
  const end = async (name: string, granteeId = guest.actor.id) => {
    await done(`End${named(name)}Sharing`, { granteeId }, ids[name]);
    await test.platform.projections.catchUp();
  };
  /** In how many of the ways there are to read it a record is seen. */
  const seenIn = async (name: string) => {
    const { reader, timeline } = test.platform;
    await pause();
    const asOf = new Date();
    const entries = (await timeline.list(guest, {
      recordType: model(name).record,
      recordId: ids[name]!,
      limit: 10,
    })) as TimelinePage;
    const groups = (await reader.aggregate(guest, model(name), query(name), [], [])) as Group[];
    const row = (await test.platform.reader.fold(guest.tenantId, model(name), ids[name]!))!;
    const known = knownRecords(reader, guest, model(name)) as Visible;
    const owned = row[model(name).owner!];
    return {
      list: (await rows(name)).length,
      past: (await rows(name, { asOf: asOf.toISOString() })).length,
      get: !isRefusal(await get(name)),
      getPast: !isRefusal(await get(name, guest, { asOf })),
      many: (await reader.many(guest, model(name), [ids[name]!])).length,
      groups: groups.reduce((sum, { count }) => sum + count, 0),
      timeline: entries.entries.length > 0,
      socket: reaches(known, owned, row['shares'] as never),
    };
  };
  const everywhere = {
    list: 1,
    past: 1,
    get: true,
    getPast: true,
    many: 1,
    groups: 1,
    timeline: true,
    socket: true,
  };
  const nowhere = {
    list: 0,
    past: 0,
    get: false,
    getPast: false,
    many: 0,
    groups: 0,
    timeline: false,
    socket: false,
  };

  it.each(TYPES)(
    'are seen in every way while shared, and in none before or after: %s',
    async (one) => {
      expect(await seenIn(one)).toEqual(nowhere);
      await share(one);
      expect(await seenIn(one)).toEqual(everywhere);
      await end(one);
      expect(await seenIn(one)).toEqual(nowhere);
      await share(one, { granteeId: teamId });
      expect(await seenIn(one)).toEqual(everywhere);
      await end(one, teamId);
      expect(await seenIn(one)).toEqual(nowhere);
    },
  );

  it('are not seen after the share has run out, without anybody doing anything', async () => {
    await share('deals', { until: new Date(now.getTime() + HOUR).toISOString() });
    expect(await seenIn('deals')).toEqual(everywhere);
    now = new Date(now.getTime() + 2 * HOUR);
    expect(await seenIn('deals')).toEqual(nowhere);
    expect(await rows('deals', { sharedWith: 'me' }, owner)).toEqual([]);
    expect(await rows('deals', { sharedWith: guest.actor.id }, owner)).toEqual([]);
    await end('deals');
  });

  it('are found by whom they are shared with, now and in the past', async () => {
    await share('contacts');
    const found = await rows('contacts', { sharedWith: 'me' });
    expect(found.map(({ id }) => id)).toEqual([ids['contacts']]);
    expect(await rows('contacts', { sharedWith: 'me' }, owner)).toEqual([]);
    expect(await rows('contacts', { sharedWith: teamId }, owner)).toEqual([]);
    const withGuest = { sharedWith: guest.actor.id };
    expect(await rows('contacts', withGuest, owner)).toHaveLength(1);
    await pause();
    const asOf = new Date().toISOString();
    await pause();
    await end('contacts');
    expect(await rows('contacts', withGuest, owner)).toEqual([]);
    expect(await rows('contacts', { ...withGuest, asOf }, owner)).toHaveLength(1);
    const past = (await get('contacts', owner, { asOf: new Date(asOf) })) as Row;
    expect(past['shares']).toMatchObject([{ granteeId: guest.actor.id, access: 'read' }]);
    // The past is shown by today's rights.
    expect(await rows('contacts', { asOf })).toEqual([]);
  });

  it('are changed by those they are shared with to change, and no further', async () => {
    const id = ids['companies']!;
    const attempt = async (name: string, input: object, ctx = guest) => {
      const result = await test.platform.dispatch(name, input, ctx, { id });
      return isRefusal(result) ? (result as Refusal).code : 'done';
    };
    await share('companies');
    expect(await attempt('ChangeCompany', { industry: 'software' })).toBe('FORBIDDEN');
    await share('companies', { access: 'change' });
    expect(await attempt('ChangeCompany', { industry: 'software' })).toBe('done');
    expect(await attempt('ChangeCompanyTags', { add: ['vip'] })).toBe('done');
    // Whoever could take it over could share it with everybody.
    const mine = { ownerId: guest.actor.id };
    expect(await attempt('ChangeCompanyOwner', mine)).toBe('FORBIDDEN');
    expect(await attempt('ChangeCompany', { ...mine, industry: 'x' })).toBe('FORBIDDEN');
    const further = { granteeId: owner.actor.id, access: 'read' };
    expect(await attempt('ShareCompany', further)).toBe('FORBIDDEN');
    expect(await attempt('EndCompanySharing', { granteeId: guest.actor.id })).toBe('FORBIDDEN');
    expect(await attempt('DeleteCompany', {})).toBe('FORBIDDEN');
    const trusted = { ...guest, grants: { ...guest.grants, 'companies:share': 'all' } as Grants };
    expect(await attempt('ShareCompany', further, trusted)).toBe('done');
    const reading = { 'companies:read': 'own' } as const;
    expect(await attempt('ChangeCompany', { industry: 'y' }, { ...guest, grants: reading })).toBe(
      'FORBIDDEN',
    );
    const fields = { company: { hidden: ['industry'], locked: ['industry'] } };
    expect(await attempt('ChangeCompany', { industry: 'z' }, { ...guest, fields })).toBe(
      'FORBIDDEN',
    );
    expect(await get('companies', { ...guest, fields })).not.toHaveProperty('industry');
    await end('companies', owner.actor.id);
    await end('companies');
    expect(await attempt('ChangeCompany', { industry: 'q' })).toBe('FORBIDDEN');
  });

  it('end with the team and with the person, at once', async () => {
    await share('tasks', { granteeId: teamId, access: 'change' });
    const { tenantId, actor } = guest;
    const asked = { tenantId, actor, correlationId: uuidv7() } as never;
    const teams = async () => ((await contextOf(test.platform, asked)) as RequestContext).teamIds;
    expect(await teams()).toEqual([teamId]);
    // The row of the team still has its member: nothing has been projected since.
    await done('RemoveTeamMember', { userId: actor.id }, teamId);
    expect(await teams()).toEqual([]);
    await test.platform.projections.catchUp();
    await done('DeactivateUser', {}, actor.id);
    expect(isRefusal(await contextOf(test.platform, asked))).toBe(true);
    const input = { granteeId: actor.id, access: 'read' };
    const refused = await test.platform.dispatch('ShareTask', input, owner, { id: ids['tasks']! });
    expect(refused).toMatchObject({
      code: 'REFERENCE_NOT_FOUND',
      details: [{ field: 'granteeId', value: actor.id }],
    });
    await done('ReactivateUser', {}, actor.id);
    await done('AddTeamMember', { userId: actor.id }, teamId);
    await test.platform.projections.catchUp();
    await end('tasks', teamId);
  });

  it('are shared within the workspace only', async () => {
    const other = test.caller();
    const team = (await done('CreateTeam', { name: 'Others' }, undefined, other)).id;
    const shareWith = (granteeId: string, ctx = owner) =>
      test.platform.dispatch('ShareDeal', { granteeId, access: 'read' }, ctx, {
        id: ids['deals']!,
      });
    for (const granteeId of [team, uuidv7()]) {
      expect(await shareWith(granteeId)).toMatchObject({
        code: 'REFERENCE_NOT_FOUND',
        details: [{ field: 'granteeId', rule: 'reference', value: granteeId }],
      });
    }
    expect(await shareWith(team, other)).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('are told of in the timeline, and why somebody sees them is explained as of then', async () => {
    const question = {
      tenantId: owner.tenantId,
      userId: guest.actor.id,
      action: 'products:update',
      recordId: ids['products']!,
    };
    const explained = async (at: Date, action = question.action) =>
      (await explainAccess(test.platform, { ...question, action, at })) as AccessExplanation;
    await share('products', { granteeId: teamId, access: 'change' });
    const events = await test.platform.store.load(owner.tenantId, `product-${ids['products']}`);
    const shared = events.events.at(-1)!.occurredAt;
    await pause();
    await end('products', teamId);
    expect(await explained(shared)).toMatchObject({
      allowed: true,
      reason: 'shared_record',
      share: { granteeType: 'team', granteeId: teamId, access: 'change', team: 'Field' },
    });
    expect(await explained(shared, 'products:delete')).toMatchObject({
      allowed: false,
      reason: 'record_of_others',
      share: null,
    });
    const after = new Date(Date.now() + HOUR);
    expect(await explained(after)).toMatchObject({ allowed: false, reason: 'record_of_others' });
    const about = { recordType: 'product', recordId: ids['products']!, limit: 2 };
    const { entries } = (await test.platform.timeline.list(owner, about)) as TimelinePage;
    expect(
      entries.map(({ action, changes }) => [action, changes.map(({ field }) => field)]),
    ).toEqual([
      ['unshared', ['shares']],
      ['shared', ['shares']],
    ]);
  });

  it('are found by index beside those of one’s own, among many', async () => {
    await test.test.admin(async (client) => {
      await client.query(
        `INSERT INTO rm_companies SELECT (jsonb_populate_record(r, jsonb_build_object(
            'id', gen_random_uuid(), 'owner_id', gen_random_uuid(),
            'shared_with', ARRAY[gen_random_uuid()::text]))).*
          FROM rm_companies r, generate_series(1, $1) WHERE r.id = $2`,
        [ROWS, ids['companies']],
      );
      await client.query('ANALYZE rm_companies');
    });
    const visible: Visible = { owners: [uuidv7()], grantees: [uuidv7(), teamId], at: now };
    const plan = ({ text, values }: Statement) =>
      test.platform.database.tenant(
        owner.tenantId,
        async (db) => {
          const { rows: lines } = await db.query<Row>(`EXPLAIN ${text}`, [...values]);
          return lines.map((line) => line['QUERY PLAN']).join('\n');
        },
        'search',
      );
    for (const make of [hitsStatement, countStatement]) {
      const made = make(model('companies'), owner.tenantId, query('companies'), visible);
      const text = await plan(made);
      expect(text).toContain('BitmapOr');
      expect(text).toContain('Bitmap Index Scan on rm_companies_found');
      expect(text).toContain('Bitmap Index Scan on rm_companies_owner_id_ref');
    }
    await share('companies');
    const began = performance.now();
    expect(await rows('companies')).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(1_000);
    await end('companies');
  }, 60_000);

  it('leave those who read everything as they were', async () => {
    const all = { ...guest, grants: everything };
    expect(await rows('tasks', {}, all)).toHaveLength(1);
  });
});
