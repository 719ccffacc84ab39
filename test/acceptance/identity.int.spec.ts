import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Accepted } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { systemContext } from '#platform/platform';
import { parseListQuery, type ListQuery } from '#platform/projections/list-query';
import type { Page } from '#platform/projections/reader';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

let test: TestPlatform;
beforeAll(async () => {
  test = await startTestPlatform();
});
afterAll(() => test.close());

const as = (ctx: RequestContext, userId: string): RequestContext => ({
  ...ctx,
  actor: { type: 'user', id: userId },
});
const dispatch = (ctx: RequestContext, name: string, input: object, id?: string) =>
  test.platform.dispatch(name, input, ctx, id ? { id } : {});
async function done(ctx: RequestContext, name: string, input: object, id?: string) {
  const result = await dispatch(ctx, name, input, id);
  if (isRefusal(result)) throw new Error(JSON.stringify(result));
  return result as Accepted;
}
const code = async (ctx: RequestContext, name: string, input: object, id?: string) => {
  const result = await dispatch(ctx, name, input, id);
  return isRefusal(result) ? result.code : 'done';
};
async function rows(ctx: RequestContext, name: string, raw: Record<string, string>) {
  await test.platform.projections.catchUp();
  const model = test.platform.registry.readModel(name);
  const query = parseListQuery(model, raw, 'UTC');
  if (isRefusal(query)) throw new Error(JSON.stringify(query));
  return ((await test.platform.reader.list(ctx, model, query as ListQuery)) as Page).rows;
}

const person = (email: string, role = 'member') => ({
  firstName: 'Gavin',
  lastName: 'Belson',
  email,
  role,
  status: 'active',
});

describe('a workspace and its people', () => {
  it('has a subdomain nobody else on the platform has', async () => {
    const [one, other] = [uuidv7(), uuidv7()].map((id) => systemContext(id, 'spec'));
    const input = { name: 'Hooli', slug: 'hooli' };
    await done(one!, 'CreateTenant', input, one!.tenantId);
    expect(await code(other!, 'CreateTenant', input, other!.tenantId)).toBe('ALREADY_TAKEN');
    await done(other!, 'CreateTenant', { ...input, slug: 'hooli-xyz' }, other!.tenantId);
    expect(await rows(one!, 'tenants', {})).toMatchObject([{ slug: 'hooli', isActive: true }]);
    expect(await rows(other!, 'tenants', {})).toMatchObject([{ slug: 'hooli-xyz', maxUsers: 5 }]);
    await done(one!, 'ChangeTenant', { slug: 'hooli-new' }, one!.tenantId);
    const third = systemContext(uuidv7(), 'spec');
    await done(third, 'CreateTenant', input, third.tenantId);
    expect(await code(other!, 'ChangeTenant', { slug: 'hooli-new' }, other!.tenantId)).toBe(
      'ALREADY_TAKEN',
    );
  });

  it('knows each address once, however it is spelled; another workspace may know it too', async () => {
    const [ctx, other] = [uuidv7(), uuidv7()].map((id) => systemContext(id, 'spec'));
    const gavin = await done(ctx!, 'CreateUser', person('gavin@hooli.com', 'owner'));
    expect(await code(ctx!, 'CreateUser', person('Gavin@Hooli.com'))).toBe('ALREADY_TAKEN');
    expect(await code(other!, 'CreateUser', person('gavin@hooli.com'))).toBe('done');
    await done(ctx!, 'ChangeUser', { email: 'gb@hooli.com' }, gavin.id);
    expect(await code(ctx!, 'CreateUser', person('gavin@hooli.com'))).toBe('done');
    const found = await rows(ctx!, 'users', { email: 'gb@hooli.com' });
    expect(found).toMatchObject([{ id: gavin.id, fullName: 'Gavin Belson', role: 'owner' }]);
  });

  it('keeps an owner when its owners remove each other at the same moment', async () => {
    for (let round = 0; round < 12; round++) {
      const ctx = systemContext(uuidv7(), 'spec');
      const [a, b] = [
        (await done(ctx, 'CreateUser', person('a@hooli.com', 'owner'))).id,
        (await done(ctx, 'CreateUser', person('b@hooli.com', 'owner'))).id,
      ];
      const results = await Promise.all([
        code(as(ctx, a), 'ChangeUserRole', { role: 'member' }, b),
        code(as(ctx, b), 'DeactivateUser', {}, a),
      ]);
      expect(results.filter((result) => result === 'done')).toHaveLength(1);
      const owners = await rows(ctx, 'users', { role: 'owner', status: 'active' });
      expect(owners).toHaveLength(1);
    }
  });

  it('lets its people change themselves only, as their role grants', async () => {
    const ctx = systemContext(uuidv7(), 'spec');
    const me = await done(ctx, 'CreateUser', person('me@hooli.com'));
    const you = await done(ctx, 'CreateUser', person('you@hooli.com'));
    const grants = { 'users:read': 'all', 'users:update': 'own' } as const;
    const caller = { ...as(ctx, me.id), grants };
    expect(await code(caller, 'ChangeUser', { title: 'Chairman' }, me.id)).toBe('done');
    expect(await code(caller, 'ChangeUser', { title: 'Chairman' }, you.id)).toBe('FORBIDDEN');
    expect(await code(caller, 'ChangeUserRole', { role: 'owner' }, me.id)).toBe('FORBIDDEN');
    expect(await code(caller, 'RecordPasswordChange', {}, me.id)).toBe('FORBIDDEN');
  });

  it('keeps what happened at its door, and when somebody came in last', async () => {
    const ctx = systemContext(uuidv7(), 'spec');
    const { id } = await done(ctx, 'CreateUser', person('gavin@hooli.com', 'owner'));
    await done(ctx, 'RecordSignInFailure', { reason: 'wrong_password' }, id);
    await done(ctx, 'RecordSignIn', { sessionId: uuidv7(), method: 'password' }, id);
    await done(ctx, 'RecordSignOut', { sessionId: null }, id);
    const [row] = await rows(ctx, 'users', {});
    expect(row?.['lastLoginAt']).toEqual(expect.any(String));
    const { entries } = (await test.platform.timeline.list(ctx, {
      recordType: 'user',
      recordId: id,
      limit: 10,
    })) as unknown as { entries: { action: string }[] };
    expect(entries.map(({ action }) => action)).toEqual([
      'signed_out',
      'signed_in',
      'sign_in_failed',
      'created',
    ]);
  });

  it('gathers people in teams', async () => {
    const ctx = systemContext(uuidv7(), 'spec');
    const { id: userId } = await done(ctx, 'CreateUser', person('gavin@hooli.com', 'owner'));
    const { id } = await done(ctx, 'CreateTeam', { name: 'Sales', managerId: userId });
    await done(ctx, 'AddTeamMember', { userId }, id);
    const stranger = { userId: uuidv7() };
    expect(await code(ctx, 'AddTeamMember', stranger, id)).toBe('REFERENCE_NOT_FOUND');
    expect(await rows(ctx, 'teams', {})).toMatchObject([
      { name: 'Sales', managerId: userId, memberIds: [userId] },
    ]);
  });
});
