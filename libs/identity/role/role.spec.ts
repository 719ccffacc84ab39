import { describe, expect, it } from '@jest/globals';
import { everything } from '#kernel/context';
import { given, SPEC_ACTOR, SPEC_ID } from '#kernel/specification';
import type { RoleEvent } from '#event-schemas/identity/role.events';
import { systemRoles } from '../access/roles.js';
import { grantsOf, permissions, united } from '../access/grants.js';
import { changeRole } from './change-role.js';
import { createRole } from './create-role.js';
import { deleteRole } from './delete-role.js';
import { giveRole } from './give-role.js';
import { restoreRole } from './restore-role.js';
import { role } from './role.js';
import { MAX_MEMBERS } from './rules.js';
import { takeRole } from './take-role.js';

const grants = [{ permission: 'deals:export', scope: 'all' }] as const;
const roleId = SPEC_ID;
const created: RoleEvent = {
  type: 'RoleCreated',
  data: { roleId, name: 'Exports', description: null, grants: [...grants] },
};
const member: RoleEvent = { type: 'RoleGiven', data: { roleId, userId: SPEC_ACTOR } };
const deleted: RoleEvent = { type: 'RoleDeleted', data: { roleId } };
const all = { grants: everything };
const known = { ...all, facts: { userId: { status: 'active' } } };

describe('role', () => {
  it('is created with permissions its creator has', () => {
    const input = { name: 'Exports', grants };
    const { events, outcome } = given(role).when(createRole, input, all);
    expect(events).toEqual([created]);
    expect(outcome.take).toEqual([{ scope: 'role-name', value: 'exports' }]);
  });

  it('gives nobody a permission its creator lacks, or has for less', () => {
    const held = { grants: { 'roles:create': 'all', 'deals:update': 'own' } } as const;
    const wanted = (permission: string, scope: string) =>
      given(role).when(createRole, { name: 'X', grants: [{ permission, scope }] }, held).refusal;
    expect(wanted('deals:update', 'own')).toBeUndefined();
    expect(wanted('deals:update', 'team')?.code).toBe('GRANT_ABOVE_YOURS');
    expect(wanted('deals:export', 'own')).toMatchObject({
      code: 'GRANT_ABOVE_YOURS',
      category: 'forbidden',
      details: [{ field: 'grants', value: 'deals:export' }],
    });
    expect(given(role).when(createRole, { name: 'X', grants }).refusal?.code).toBe(
      'GRANT_ABOVE_YOURS',
    );
  });

  it('is widened only by who has more, narrowed by anybody who may', () => {
    const held = { grants: systemRoles.manager.grants };
    const change = (list: object, context: object) =>
      given(role, [created]).when(changeRole, { grants: list }, context);
    expect(change([], held).events).toEqual([
      { type: 'RoleChanged', data: { roleId, grants: [] } },
    ]);
    const wider = [...grants, { permission: 'tenant:delete', scope: 'all' }];
    expect(change(wider, held).refusal?.code).toBe('GRANT_ABOVE_YOURS');
    expect(change(wider, all).refusal).toBeUndefined();
    expect(change(grants, all).events).toEqual([]);
  });

  it('has a name that no system role and no other role has', () => {
    const taken = given(role).when(createRole, { name: ' Owner ', grants }, all);
    expect(taken.refusal).toMatchObject({ code: 'NAME_TAKEN', details: [{ field: 'name' }] });
    const renamed = given(role, [created]).when(changeRole, { name: 'Reports' }, all);
    expect(renamed.outcome).toMatchObject({
      take: [{ value: 'reports' }],
      release: [{ value: 'exports' }],
    });
  });

  it('names each permission once', () => {
    const twice = [...grants, { permission: 'deals:export', scope: 'own' }];
    const { refusal } = given(role).when(createRole, { name: 'X', grants: twice }, all);
    expect(refusal?.code).toBe('GRANT_TWICE');
  });

  it('is given once and taken once, to somebody who exists', () => {
    const input = { userId: SPEC_ACTOR };
    const first = given(role, [created]);
    expect(first.when(giveRole, input, known).events).toEqual([member]);
    expect(first.when(takeRole, input).events).toEqual([]);
    const stranger = { ...all, facts: { userId: { status: 'absent' } } };
    expect(first.when(giveRole, input, stranger).refusal?.code).toBe('REFERENCE_NOT_FOUND');
    const second = given(role, [created, member]);
    expect(second.when(giveRole, input, known).events).toEqual([]);
    expect(second.when(takeRole, input).state).toMatchObject({ memberIds: [] });
  });

  it('is given by nobody who has less', () => {
    const held = { ...known, grants: { 'users:administer': 'all' } as const };
    const { refusal } = given(role, [created]).when(giveRole, { userId: SPEC_ACTOR }, held);
    expect(refusal?.code).toBe('GRANT_ABOVE_YOURS');
  });

  it('has room for a limited number of people', () => {
    const crowd = Array.from({ length: MAX_MEMBERS }, (_, n): RoleEvent => ({
      type: 'RoleGiven',
      data: { roleId, userId: `member-${n}` },
    }));
    const { refusal } = given(role, [created, ...crowd]).when(
      giveRole,
      { userId: SPEC_ACTOR },
      known,
    );
    expect(refusal?.code).toBe('ROLE_FULL');
  });

  it('is deleted once nobody has it, and comes back without people', () => {
    expect(given(role, [created, member]).when(deleteRole).refusal?.code).toBe('ROLE_IN_USE');
    expect(given(role, [created]).when(deleteRole)).toMatchObject({
      events: [deleted],
      outcome: { release: [{ value: 'exports' }] },
    });
    const gone = given(role, [created, deleted]);
    for (const command of [changeRole, giveRole, takeRole, deleteRole]) {
      expect(gone.when(command, { userId: SPEC_ACTOR }, known).refusal?.code).toBe('NOT_FOUND');
    }
    expect(gone.when(restoreRole, {}, all).outcome).toMatchObject({
      events: [{ type: 'RoleRestored' }],
      take: [{ value: 'exports' }],
    });
    expect(gone.when(restoreRole).refusal?.code).toBe('GRANT_ABOVE_YOURS');
  });
});

describe('grants', () => {
  it('of several roles unite, and the wider scope wins', () => {
    const lists = [
      [{ permission: 'deals:update', scope: 'own' }],
      [
        { permission: 'deals:update', scope: 'team' },
        { permission: 'deals:read', scope: 'own' },
      ],
      [{ permission: 'deals:read', scope: 'all' }],
    ] as const;
    const together = { 'deals:update': 'team', 'deals:read': 'all' };
    expect(united(lists.map(grantsOf))).toEqual(together);
    expect(united(lists.toReversed().map(grantsOf))).toEqual(together);
  });

  it('know every permission a system role has', () => {
    for (const one of Object.values(systemRoles)) {
      expect(permissions).toEqual(expect.arrayContaining(Object.keys(one.grants)));
    }
  });
});
