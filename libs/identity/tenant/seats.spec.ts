import { describe, expect, it } from '@jest/globals';
import { fold } from '#kernel/aggregate';
import { given, SPEC_TENANT } from '#kernel/specification';
import { tenantEventTable, type TenantEvent } from '#event-schemas/identity/tenant.events';
import { createInvitation } from '../invitation/create-invitation.js';
import { invitation } from '../invitation/invitation.js';
import { createUser } from '../user/create-user.js';
import { deactivateUser } from '../user/deactivate-user.js';
import { user } from '../user/user.js';
import { changeTenantPlan } from './change-tenant-plan.js';
import { tenant } from './tenant.js';

const created = {
  type: 'TenantCreated',
  data: { ...tenantEventTable.created.samples[1], planType: 'business', maxUsers: 100 },
} as unknown as TenantEvent;
const workspace = fold(tenant, [created]);
const seat = { scope: 'seat', value: 'workspace' };
const system = { actor: { type: 'system', id: 'spec' }, facts: { workspace } } as const;

describe('seats', () => {
  it('are taken by whoever may sign in or is invited, and by nobody else', () => {
    const person = { firstName: 'Gavin', lastName: 'Belson', email: 'g@hooli.com', role: 'member' };
    const take = (status: string) =>
      given(user).when(createUser, { ...person, status }, system).outcome.take;
    expect(take('active')).toContainEqual({ ...seat, among: 100 });
    expect(take('invited')).toContainEqual({ ...seat, among: 100 });
    const idle = { ...person, status: 'not_invited' };
    const facts = { caller: undefined };
    expect(
      given(user).when(createUser, idle, { ...system, facts }).outcome.take,
    ).not.toContainEqual(expect.objectContaining({ scope: 'seat' }));
    const invited = { email: 'p@hooli.com', role: 'member' };
    expect(given(invitation).when(createInvitation, invited, system).outcome.take).toContainEqual({
      ...seat,
      among: 100,
    });
  });

  it('are freed by whoever is shut out', () => {
    const { events } = given(user).when(
      createUser,
      {
        firstName: 'Gavin',
        lastName: 'Belson',
        email: 'g@hooli.com',
        role: 'member',
        status: 'active',
      },
      system,
    );
    const { outcome } = given(user, events).when(deactivateUser, {}, system);
    expect(outcome.release).toEqual([seat]);
  });

  it('bound a smaller plan, which brings its own limits; a larger one is free', () => {
    const plan = (input: object) =>
      given(tenant, [created]).when(changeTenantPlan, input, { id: SPEC_TENANT }).outcome;
    const smaller = plan({ planType: 'starter' });
    expect(smaller.fits).toEqual([{ ...seat, among: 5 }]);
    expect(smaller.events).toEqual([
      {
        type: 'TenantPlanChanged',
        data: { tenantId: SPEC_TENANT, planType: 'starter', maxUsers: 5 },
      },
    ]);
    expect(plan({ maxUsers: 200 }).fits).toBeUndefined();
    const agreed = plan({ planType: 'enterprise', maxUsers: 300 }).events[0] as TenantEvent;
    expect(agreed.data).toMatchObject({
      planType: 'enterprise',
      maxUsers: 300,
      maxStorageGb: 10_000,
    });
  });
});
