import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Accepted } from '#kernel/command';
import type { Grants, RequestContext } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { parseListQuery } from '#platform/projections/list-query';
import { decodeTimelineCursor, type TimelinePage } from '#platform/projections/timeline-entry';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('what a caller may read', () => {
  let test: TestPlatform;
  let owner: RequestContext;
  let personId: string;
  beforeAll(async () => {
    test = await startTestPlatform();
    owner = test.caller();
    const system: RequestContext = { ...owner, actor: { type: 'system', id: 'spec' } };
    const dispatch = async (name: string, input: object, ctx = system, id?: string) => {
      const result = await test.platform.dispatch(name, input, ctx, id ? { id } : {});
      if (isRefusal(result)) throw new Error(JSON.stringify(result));
      return result as Accepted;
    };
    const names = { firstName: 'Una', lastName: 'Mere', email: 'una@hooli.com' };
    const person = { ...names, role: 'owner', status: 'active' };
    personId = (await dispatch('CreateUser', person)).id;
    owner = { ...owner, actor: { type: 'user', id: personId } };
    const signedIn = { method: 'password', sessionId: uuidv7() };
    await dispatch('RecordSignIn', signedIn, owner, personId);
    const { id: companyId } = await dispatch('CreateCompany', { name: 'Hooli' }, owner);
    await dispatch('CreateDeal', await dealInput(companyId), owner);
    await test.platform.projections.catchUp();

    async function dealInput(company: string) {
      const pipeline = await dispatch('CreatePipeline', { name: 'Sales' }, owner);
      return { name: 'Hooli, platform', pipelineId: pipeline.id, companyId: company };
    }
  });
  afterAll(() => test.close());

  const other = (grants: Grants): RequestContext => ({
    ...owner,
    actor: { type: 'user', id: uuidv7() },
    grants,
  });
  const timeline = async (ctx: RequestContext, query: object = {}) =>
    ((await test.platform.timeline.list(ctx, { limit: 100, ...query })) as TimelinePage).entries;
  const types = (entries: readonly { eventType: string }[]) =>
    new Set(entries.map(({ eventType }) => eventType));

  it('shows addresses, browsers and sign-ins only to who may read the access log', async () => {
    const all = await timeline(owner);
    expect(types(all).has('UserSignedIn')).toBe(true);
    expect(all.some(({ ip, userAgent }) => ip === '203.0.113.7' && userAgent === 'spec')).toBe(
      true,
    );
    const reader = other({ 'timeline:read': 'all', 'companies:read': 'all', 'users:read': 'all' });
    const seen = await timeline(reader);
    expect(types(seen).has('CompanyCreated')).toBe(true);
    expect(types(seen).has('UserSignedIn')).toBe(false);
    expect(seen.every(({ ip, userAgent }) => ip === null && userAgent === null)).toBe(true);
  });

  it('ends the timeline where the right to the record ends', async () => {
    const narrow = other({
      'timeline:read': 'all',
      'companies:read': 'all',
      'deals:read': 'own',
    });
    expect([...types(await timeline(narrow))]).toEqual(['CompanyCreated']);
    const company = (await timeline(narrow))[0]!;
    const about = { recordType: 'company', recordId: company.recordId, includeRelated: true };
    expect([...types(await timeline(narrow, about))]).toEqual(['CompanyCreated']);
    expect(types(await timeline(owner, about)).has('DealCreated')).toBe(true);
    const mine = { ...narrow, actor: owner.actor };
    expect(types(await timeline(mine, about)).has('DealCreated')).toBe(true);
    const refused = await test.platform.timeline.list(other({}), { limit: 1 });
    expect((refused as Refusal).code).toBe('FORBIDDEN');
  });

  it('takes no value in a cursor that its column could not hold', () => {
    const model = test.platform.registry.readModel('companies');
    const parse = (raw: Record<string, string>) => parseListQuery(model, raw, 'UTC');
    const id = uuidv7();
    const good = { cursor: encoded(['createdAt,id', '2026-01-01T00:00:00.000Z', id]) };
    expect(isRefusal(parse({ sort: 'createdAt', ...good }))).toBe(false);
    for (const cursor of [
      encoded(['createdAt,id', 'secret', id]),
      encoded(['createdAt,id', '2026-01-01T00:00:00.000Z', "x'; DROP TABLE"]),
      encoded(['name,id', '2026-01-01T00:00:00.000Z', id]),
      'nonsense',
    ]) {
      expect(parse({ sort: 'createdAt', cursor })).toMatchObject({ code: 'VALIDATION_ERROR' });
    }
    expect(parse({ sort: 'name', cursor: encoded(['name,id', 'a\u0000b', id]) })).toMatchObject({
      code: 'VALIDATION_ERROR',
    });
    for (const at of ['0000-01-01', '9999-12-31T23:59:59-14:00', '+275760-09-13T00:00:00Z']) {
      expect(parse({ 'createdAt[gte]': at })).toMatchObject({ code: 'VALIDATION_ERROR' });
    }
    const instant = '2026-01-01T00:00:00.000Z';
    expect(decodeTimelineCursor(encoded([instant, 1, id, 0]))).toBeDefined();
    expect(decodeTimelineCursor(encoded([instant, 1, id, 99_999]))).toBeUndefined();
    expect(decodeTimelineCursor(encoded(['+275760-09-13T00:00:00Z', 1, id, 0]))).toBeUndefined();
  });

  it('takes no date that a row could not hold', async () => {
    const create = (dueDate: string) =>
      test.platform.dispatch('CreateTask', { title: 'x', dueDate }, owner);
    for (const dueDate of [
      '0000-01-01T00:00:00Z',
      '0001-01-01T00:00:00+14:00',
      '9999-12-31T23:59:59-23:59',
    ]) {
      expect(await create(dueDate)).toMatchObject({
        code: 'VALIDATION_ERROR',
        details: [{ field: 'dueDate', message: 'dueDate must lie in the years 0002 to 9998.' }],
      });
    }
    expect(isRefusal(await create('2026-12-31T23:59:59+14:00'))).toBe(false);
  });
});
