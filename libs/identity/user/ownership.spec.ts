import { describe, expect, it } from '@jest/globals';
import { userRoles, type UserEvent, type UserRole } from '#event-schemas/identity/user.events';
import { fold } from '#kernel/aggregate';
import { given, SPEC_ACTOR, SPEC_TENANT } from '#kernel/specification';
import { changeUserRole } from './change-user-role.js';
import { userCommands } from './commands.js';
import { deactivateUser } from './deactivate-user.js';
import { person, system, userId } from './people.fixture.js';
import { user, type UserState } from './user.js';

const command = (name: string) => userCommands.find((one) => one.name === name)!;
const someone = (role: UserRole, id = SPEC_ACTOR) => fold(user, [person({ userId: id, role })]);
const owner = person({ role: 'owner' });
const otherOwner = someone('owner');

describe('rank', () => {
  it.each(userRoles)('lets an administrator give and take %s only up to their own', (role) => {
    const facts = { caller: someone('admin') };
    const allowed = role !== 'owner';
    const input = { firstName: 'Jack', lastName: 'Barker', role };
    const created = given(user).when(command('CreateUser'), input, { facts });
    expect(created.refusal?.code).toBe(allowed ? undefined : 'ROLE_ABOVE_YOURS');
    const target = given(user, [person({ role, status: 'invited' })]);
    const to = { role: role === 'viewer' ? 'member' : 'viewer' };
    for (const [name, change] of [
      ['ChangeUser', { title: 'Chairman' }],
      ['ChangeUserRole', to],
      ['ActivateUser', {}],
      ['DeactivateUser', {}],
    ] as const) {
      const { refusal } = target.when(command(name), change, { facts });
      expect(refusal?.code).toBe(allowed ? undefined : 'ROLE_ABOVE_YOURS');
    }
  });

  it('lets nobody raise themselves', () => {
    const self = { actorId: userId, facts: { caller: someone('admin', userId) } };
    const { refusal } = given(user, [person({ role: 'admin' })]).when(
      command('ChangeUserRole'),
      { role: 'owner' },
      self,
    );
    expect(refusal?.code).toBe('ROLE_ABOVE_YOURS');
  });

  it('counts for nothing once the caller is deactivated or unknown', () => {
    const gone: UserEvent = { type: 'UserDeactivated', data: { userId: SPEC_ACTOR } };
    const former = fold(user, [person({ userId: SPEC_ACTOR, role: 'owner' }), gone]);
    for (const caller of [former, user.initial, undefined]) {
      const { refusal } = given(user, [person({ role: 'viewer' })]).when(
        command('ChangeUserRole'),
        { role: 'member' },
        { facts: { caller } },
      );
      expect(refusal?.code).toBe('ROLE_ABOVE_YOURS');
    }
  });

  it('lets the product itself make the first owner', () => {
    const { refusal } = given(user).when(
      command('CreateUser'),
      { firstName: 'Gavin', lastName: 'Belson', role: 'owner', email: 'gavin@hooli.com' },
      system,
    );
    expect(refusal).toBeUndefined();
  });
});

describe('ownership', () => {
  const demote = { role: 'admin' };

  it('is taken by another owner', () => {
    const facts = { caller: otherOwner, witness: otherOwner };
    const { events } = given(user, [owner]).when(command('ChangeUserRole'), demote, { facts });
    expect(events).toEqual([{ type: 'UserRoleChanged', data: { userId, role: 'admin' } }]);
    const out = given(user, [owner]).when(command('DeactivateUser'), {}, { facts });
    expect(out.events).toHaveLength(1);
  });

  it('is laid down by naming an owner who stays', () => {
    const caller = someone('owner', userId);
    const alone = given(user, [owner]).when(command('ChangeUserRole'), demote, {
      actorId: userId,
      facts: { caller },
    });
    expect(alone.refusal).toMatchObject({ code: 'LAST_OWNER', details: [{ rule: 'ownership' }] });
    const named = given(user, [owner]).when(
      command('ChangeUserRole'),
      { ...demote, remainingOwnerId: SPEC_ACTOR },
      { actorId: userId, facts: { caller, witness: otherOwner } },
    );
    expect(named.events).toHaveLength(1);
  });

  it('is taken by the product itself only while another owner stays', () => {
    for (const name of ['ChangeUserRole', 'DeactivateUser']) {
      const alone = given(user, [owner]).when(command(name), demote, system);
      expect(alone.refusal?.code).toBe('LAST_OWNER');
      const named = given(user, [owner]).when(
        command(name),
        { ...demote, remainingOwnerId: SPEC_ACTOR },
        { ...system, facts: { witness: otherOwner } },
      );
      expect(named.events).toHaveLength(1);
    }
  });

  it('stays with nobody who is invited, deactivated, no owner, or the same person', () => {
    const gone: UserEvent = { type: 'UserDeactivated', data: { userId: SPEC_ACTOR } };
    const at = { userId: SPEC_ACTOR, role: 'owner' } as const;
    const witnesses: readonly UserState[] = [
      fold(user, [person({ ...at, status: 'invited' })]),
      fold(user, [person(at), gone]),
      someone('admin'),
      someone('owner', userId),
      user.initial,
    ];
    for (const witness of witnesses) {
      const { refusal } = given(user, [owner]).when(
        command('DeactivateUser'),
        {},
        {
          ...system,
          facts: { witness },
        },
      );
      expect(refusal?.code).toBe('LAST_OWNER');
    }
  });

  it('guards the owner who stays, whom the input names or who calls', () => {
    const caller = {
      tenantId: SPEC_TENANT,
      actor: { type: 'user', id: SPEC_ACTOR },
      id: userId,
    } as const;
    const state = fold(user, [owner]);
    const requests = [
      (input: object) => changeUserRole.facts!({ role: 'admin', ...input }, state, caller),
      (input: object) => deactivateUser.facts!(input, state, caller),
    ];
    for (const asked of requests) {
      const witness = (remainingOwnerId: string) => asked({ remainingOwnerId }).witness;
      expect(asked({}).witness).toMatchObject({ id: SPEC_ACTOR, guard: true });
      expect(witness(SPEC_TENANT)).toMatchObject({ id: SPEC_TENANT, guard: true });
      expect(witness(userId)).toBeUndefined();
    }
  });

  it('survives two owners who remove each other at the same moment', () => {
    const [a, b] = [userId, SPEC_ACTOR];
    const streams = new Map<string, UserEvent[]>(
      [a, b].map((id) => [id, [person({ userId: id, role: 'owner' })]]),
    );
    const read = (id: string) => ({ state: fold(user, streams.get(id)!), at: streams.get(id)! });
    /** Reads now, appends later unless a stream it decided on has moved. */
    const prepare = (actorId: string, id: string) => {
      const [target, caller] = [read(id), read(actorId)];
      const decision = given(user, target.at).when(
        deactivateUser,
        {},
        {
          id,
          actorId,
          facts: { caller: caller.state, witness: caller.state },
        },
      );
      return () => {
        const moved = streams.get(id) !== target.at || streams.get(actorId) !== caller.at;
        if (!moved && !decision.refusal) streams.set(id, [...target.at, ...decision.events]);
        return moved ? 'conflict' : (decision.refusal?.code ?? 'done');
      };
    };
    const [first, second] = [prepare(a, b), prepare(b, a)];
    expect([first(), second()]).toEqual(['done', 'conflict']);
    expect(prepare(b, a)()).toBe('ROLE_ABOVE_YOURS');
    expect(read(a).state).toMatchObject({ status: 'active', role: 'owner' });
  });

  it('and nobody shuts themselves out', () => {
    const caller = someone('admin', userId);
    const { refusal } = given(user, [person({ role: 'admin' })]).when(
      command('DeactivateUser'),
      {},
      { actorId: userId, facts: { caller } },
    );
    expect(refusal?.code).toBe('OWN_ACCOUNT');
  });
});
