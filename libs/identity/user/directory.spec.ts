import { describe, expect, it } from '@jest/globals';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { given, SPEC_ID, SPEC_TENANT } from '#kernel/specification';
import { userCommands } from './commands.js';
import { user } from './user.js';

const scimConnectionId = SPEC_TENANT;
const command = (name: string) => userCommands.find((one) => one.name === name)!;
const created: UserEvent = {
  type: 'UserCreated',
  data: {
    userId: SPEC_ID,
    firstName: 'Gavin',
    lastName: 'Belson',
    email: 'gavin@hooli.com',
    role: 'member',
    status: 'active',
  },
};
const deactivated: UserEvent = { type: 'UserDeactivated', data: { userId: SPEC_ID } };
const removed: UserEvent = {
  type: 'UserDirectoryRemoved',
  data: { userId: SPEC_ID, scimConnectionId },
};
const bySystem = { actor: { type: 'system', id: `scim:${SPEC_TENANT}` } } as const;
const said = (userName: string | null, more: object = {}): UserEvent => ({
  type: 'UserDirectoryChanged',
  data: { userId: SPEC_ID, scimConnectionId, userName, ...more },
});

describe('what a directory says about a person', () => {
  const record = command('RecordUserDirectory');

  it('is kept as far as it is new, and its name is held by one person only', () => {
    const first = given(user, [created]).when(
      record,
      { scimConnectionId, userName: 'GBelson', department: 'Board' },
      bySystem,
    );
    expect(first.events).toEqual([said('GBelson', { department: 'Board' })]);
    expect(first.outcome?.take).toEqual([{ scope: 'directory-user-name', value: 'gbelson' }]);
    const known = given(user, [created, said('GBelson', { department: 'Board' })]);
    const same = { scimConnectionId, userName: 'GBelson', department: 'Board', title: undefined };
    expect(known.when(record, same, bySystem).events).toEqual([]);
    const cased = known.when(record, { scimConnectionId, userName: 'gbelson' }, bySystem);
    expect([cased.events, cased.outcome?.take]).toEqual([[said('gbelson')], undefined]);
    const moved = known.when(record, { scimConnectionId, userName: 'gavin' }, bySystem);
    expect(moved.outcome).toMatchObject({
      take: [{ scope: 'directory-user-name', value: 'gavin' }],
      release: [{ scope: 'directory-user-name', value: 'gbelson' }],
    });
  });

  it('is no longer the whole name once given or family name changes', () => {
    const whole = said('gavin', { formattedName: 'Gavin Belson III' });
    const renamed: UserEvent = {
      type: 'UserChanged',
      data: { userId: SPEC_ID, lastName: 'Bachman' },
    };
    const again = { scimConnectionId, userName: 'gavin', formattedName: 'Gavin Belson III' };
    expect(given(user, [created, whole]).when(record, again, bySystem).events).toEqual([]);
    expect(given(user, [created, whole, renamed]).when(record, again, bySystem).events).toEqual([
      {
        type: 'UserDirectoryChanged',
        data: { userId: SPEC_ID, scimConnectionId, formattedName: again.formattedName },
      },
    ]);
  });

  it('names a manager of the workspace, and a person who is there', () => {
    const input = { scimConnectionId, managerId: SPEC_TENANT };
    const missing = { ...bySystem, facts: { managerId: { status: 'absent' } } };
    expect(given(user, [created]).when(record, input, missing).refusal?.code).toBe(
      'REFERENCE_NOT_FOUND',
    );
    expect(given(user).when(record, { scimConnectionId }, bySystem).refusal?.code).toBe(
      'NOT_FOUND',
    );
  });

  it('goes on for people who are shut out', () => {
    const change = command('ChangeUser');
    const gone = given(user, [created, deactivated]);
    expect(gone.when(change, { title: 'Chairman' }, bySystem).events).toEqual([
      { type: 'UserChanged', data: { userId: SPEC_ID, title: 'Chairman' } },
    ]);
    expect(gone.when(change, { title: 'Chairman' }).refusal?.code).toBe('USER_DEACTIVATED');
  });
});

describe('whom a directory takes out', () => {
  const remove = command('RecordDirectoryRemoval');
  const input = { scimConnectionId };

  it('is marked once, until somebody takes them back', () => {
    const once = given(user, [created, deactivated]).when(remove, input, bySystem);
    expect(once.events).toEqual([removed]);
    expect(once.state).toMatchObject({ status: 'deactivated', isRemoved: true });
    const gone = given(user, [created, deactivated, removed]);
    expect(gone.when(remove, input, bySystem).events).toEqual([]);
    const back = gone.when(command('ReactivateUser'), {}, bySystem);
    expect(back.state).toMatchObject({ status: 'active' });
    expect(back.state).not.toHaveProperty('isRemoved');
    const again = gone.when(command('RecordUserDirectory'), input, bySystem);
    expect(again.events).toHaveLength(1);
    expect(again.state).not.toHaveProperty('isRemoved');
    expect(given(user).when(remove, input, bySystem).refusal?.code).toBe('NOT_FOUND');
  });
});
