import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createWorkspace, slugOf, type Workspace } from '#apps/composition/workspace';
import { isRefusal } from '#kernel/refusal';
import { passwordHashOf } from '#platform/auth/credentials';
import { verifyPassword } from '#platform/auth/password';
import { systemContext } from '#platform/platform';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const input = {
  name: 'Hooli',
  ownerEmail: 'Gavin@hooli.example',
  ownerName: 'Gavin Belson',
  ownerPassword: 'seven quiet lanterns drift',
  timeZone: 'America/Los_Angeles',
};

describe('createWorkspace', () => {
  let test: TestPlatform;
  let made: Workspace;
  const create = async (change: object = {}) => {
    const result = await createWorkspace(test.platform, { ...input, ...change });
    return isRefusal(result) ? { refused: result.code, message: result.message } : result;
  };
  const events = async (tenantId: string) => {
    await test.platform.store.settled();
    const page = await test.platform.store.readFeed({ after: '0.0.0.0', limit: 100, tenantId });
    return page.events.map(({ type }) => type);
  };
  beforeAll(async () => {
    test = await startTestPlatform();
    made = (await create()) as Workspace;
  });
  afterAll(() => test.close());

  it('makes the tenant, an owner who can sign in and the default pipeline', async () => {
    const { platform } = test;
    expect(made).toMatchObject({ slug: 'hooli', created: true });
    expect(await events(made.tenantId)).toEqual([
      'TenantCreated',
      'UserCreated',
      // Their address, and their seat.
      'ReservationTaken',
      'ReservationTaken',
      'UserPasswordChanged',
      'PipelineCreated',
      'ReservationTaken',
    ]);
    const ctx = systemContext(made.tenantId, 'spec');
    await platform.projections.catchUp();
    const owner = await platform.reader.get(
      ctx,
      platform.registry.readModel('users'),
      made.ownerId,
    );
    expect(owner).toMatchObject({ fullName: 'Gavin Belson', role: 'owner', status: 'active' });
    const hash = await platform.database.tenant(made.tenantId, (db) =>
      passwordHashOf(db, made.tenantId, made.ownerId),
    );
    expect(await verifyPassword(input.ownerPassword, hash)).toMatchObject({ ok: true });
  });

  it('does nothing the second time, not even to the password', async () => {
    const before = await events(made.tenantId);
    const again = await create({ ownerPassword: 'nine other words entirely' });
    expect(again).toEqual({ ...made, created: false });
    expect(await events(made.tenantId)).toEqual(before);
  });

  it('refuses an address that another workspace has', async () => {
    expect(await create({ ownerEmail: 'peter@hooli.example' })).toEqual({
      refused: 'ALREADY_TAKEN',
      message: 'Another workspace has the address hooli.',
    });
  });

  it.each([
    [{ name: 'Raviga', ownerPassword: 'too short' }, 'WEAK_PASSWORD'],
    [{ name: 'Raviga', ownerPassword: 'raviga raviga raviga' }, 'WEAK_PASSWORD'],
    [{ name: 'Raviga', ownerEmail: 'nobody' }, 'VALIDATION_ERROR'],
    [{ name: '!?' }, 'VALIDATION_ERROR'],
    [{ name: 'Raviga', timeZone: 'Mars/Olympus' }, 'UNKNOWN_TIME_ZONE'],
    [{ name: 'Raviga', slug: 'www' }, 'SLUG_RESERVED'],
  ])('refuses %j and leaves nothing behind', async (change, code) => {
    const head = await test.platform.store.settled();
    expect(await create(change)).toMatchObject({ refused: code });
    expect(await test.platform.store.settled()).toBe(head);
  });

  it('makes a slug of any name that has letters', () => {
    expect(slugOf('  Édgar & Sons, Ltd. ')).toBe('edgar-sons-ltd');
    expect(slugOf('x'.repeat(80))).toHaveLength(63);
  });
});
