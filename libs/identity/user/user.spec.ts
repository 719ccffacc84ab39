import { describe, expect, it } from '@jest/globals';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { fold } from '#kernel/aggregate';
import { given, SPEC_ACTOR, SPEC_TENANT } from '#kernel/specification';
import { userCommands } from './commands.js';
import { person, system, userId } from './people.fixture.js';
import { user } from './user.js';

const command = (name: string) => userCommands.find((one) => one.name === name)!;
const admin = fold(user, [person({ userId: SPEC_ACTOR, role: 'admin' })]);
const byAdmin = { facts: { caller: admin } };
const input = { firstName: 'Gavin', lastName: 'Belson', role: 'member' };

describe('a person', () => {
  it('is added without an invitation and without an address', () => {
    const { events, outcome } = given(user).when(command('CreateUser'), input, byAdmin);
    expect(events).toEqual([
      { type: 'UserCreated', data: { userId, ...input, status: 'not_invited' } },
    ]);
    expect(outcome.take).toEqual([]);
  });

  it('takes the address in lower case, so that spellings meet', () => {
    const email = 'Gavin@Hooli.com';
    const { outcome, state } = given(user).when(
      command('CreateUser'),
      { ...input, email },
      byAdmin,
    );
    expect(outcome.take).toEqual([{ scope: 'user-email', value: 'gavin@hooli.com' }]);
    expect(state).toMatchObject({ values: { email, phone: null } });
  });

  it('needs an address to be invited, to become active and to stay so', () => {
    const invited = { ...input, status: 'invited' };
    const create = given(user).when(command('CreateUser'), invited, byAdmin);
    expect(create.refusal?.code).toBe('EMAIL_MISSING');
    const known = given(user, [person({ email: null, status: 'not_invited' })]);
    expect(known.when(command('ActivateUser'), {}, byAdmin).refusal?.code).toBe('EMAIL_MISSING');
    const active = given(user, [person()]);
    const cleared = active.when(command('ChangeUser'), { email: null }, byAdmin);
    expect(cleared.refusal?.code).toBe('EMAIL_MISSING');
  });

  it('is added once, in a real time zone', () => {
    const again = given(user, [person()]).when(command('CreateUser'), input, byAdmin);
    expect(again.refusal?.code).toBe('ALREADY_EXISTS');
    const nowhere = { ...input, timeZone: 'Mars/Olympus' };
    const { refusal } = given(user).when(command('CreateUser'), nowhere, byAdmin);
    expect(refusal?.code).toBe('UNKNOWN_TIME_ZONE');
  });

  it('gives the old address back when it changes, not when only its case does', () => {
    const change = command('ChangeUser');
    const known = given(user, [person({ email: 'gavin@hooli.com' })]);
    const moved = known.when(change, { email: 'gb@hooli.com' }, byAdmin);
    expect(moved.outcome).toMatchObject({
      take: [{ scope: 'user-email', value: 'gb@hooli.com' }],
      release: [{ scope: 'user-email', value: 'gavin@hooli.com' }],
    });
    const recased = known.when(change, { email: 'Gavin@hooli.com' }, byAdmin);
    expect(recased.events).toHaveLength(1);
    expect(recased.outcome.take).toBeUndefined();
  });

  it('records only what differs', () => {
    const { events } = given(user, [person({ title: 'Chairman' })]).when(
      command('ChangeUser'),
      { title: 'Chairman', phone: '+1 650 555 0100' },
      byAdmin,
    );
    expect(events).toEqual([{ type: 'UserChanged', data: { userId, phone: '+1 650 555 0100' } }]);
  });

  it('changes what it says about itself', () => {
    const { events, refusal } = given(user, [person({ role: 'member' })]).when(
      command('ChangeUser'),
      { title: 'Chairman' },
      { actorId: userId },
    );
    expect(refusal).toBeUndefined();
    expect(events).toHaveLength(1);
  });

  it('loses the proof of its address with the address', () => {
    const verified: UserEvent = { type: 'UserEmailVerified', data: { userId } };
    const { state } = given(user, [person(), verified]).when(
      command('ChangeUser'),
      { email: 'gb@hooli.com' },
      byAdmin,
    );
    expect(state).toMatchObject({ emailVerified: false });
  });

  it('becomes active once', () => {
    const invited = given(user, [person({ status: 'invited' })]);
    expect(invited.when(command('ActivateUser'), {}, system).state.status).toBe('active');
    expect(given(user, [person()]).when(command('ActivateUser'), {}, system).events).toEqual([]);
  });

  it('comes back from deactivation as it was, and takes no change meanwhile', () => {
    const past: UserEvent[] = [
      person({ status: 'invited' }),
      { type: 'UserDeactivated', data: { userId } },
    ];
    const out = given(user, past);
    expect(user.status(out.state)).toBe('archived');
    for (const name of ['ChangeUser', 'ChangeUserRole', 'ActivateUser']) {
      const { refusal } = out.when(command(name), { role: 'admin', title: 'X' }, byAdmin);
      expect(refusal?.code).toBe('USER_DEACTIVATED');
    }
    expect(out.when(command('DeactivateUser'), {}, byAdmin).events).toEqual([]);
    const back = out.when(command('ReactivateUser'), {}, byAdmin);
    expect(back.state.status).toBe('invited');
    expect(back.state).not.toHaveProperty('before');
  });

  it('is unknown where it does not exist', () => {
    for (const { name, decide, creates } of userCommands) {
      if (creates || name === 'RecordSignIn') continue;
      expect(decide).toBeDefined();
      const { refusal } = given(user).when(command(name), { role: 'admin' }, byAdmin);
      expect(refusal?.code).toBe('NOT_FOUND');
    }
  });
});

describe('the record of signing in', () => {
  const sessionId = SPEC_TENANT;
  const signIn = { sessionId, method: 'password' };

  it('keeps success only of somebody who is active at that moment', () => {
    const record = command('RecordSignIn');
    expect(given(user, [person()]).when(record, signIn, system).events).toEqual([
      { type: 'UserSignedIn', data: { userId, sessionId, method: 'password' } },
    ]);
    const gone: UserEvent = { type: 'UserDeactivated', data: { userId } };
    for (const past of [[], [person({ status: 'invited' })], [person(), gone]]) {
      const { refusal } = given(user, past).when(record, signIn, system);
      expect(refusal?.code).toBe('USER_NOT_ACTIVE');
    }
  });

  it.each([
    ['RecordSignInFailure', { reason: 'wrong_password' }, 'UserSignInFailed'],
    ['RecordSignOut', { sessionId: null }, 'UserSignedOut'],
    ['RecordPasswordChange', { how: 'own', sessionsEnded: true }, 'UserPasswordChanged'],
  ])('%s keeps %j and changes nothing else', (name, data, type) => {
    const known = given(user, [person()]);
    const { events, state } = known.when(command(name), data, system);
    expect(events).toEqual([{ type, data: { userId, ...data } }]);
    expect(state).toEqual(known.state);
  });

  it('keeps the proof of the present address once', () => {
    const verify = command('RecordEmailVerification');
    const known = given(user, [person({ email: 'gavin@hooli.com' })]);
    const proven = known.when(verify, { email: 'GAVIN@hooli.com' }, system);
    expect(proven.state).toMatchObject({ emailVerified: true });
    const other = known.when(verify, { email: 'old@hooli.com' }, system);
    expect(other.refusal?.code).toBe('EMAIL_CHANGED');
    const again = given(user, [person({ email: 'gavin@hooli.com' }), ...proven.events]);
    expect(again.when(verify, { email: 'gavin@hooli.com' }, system).events).toEqual([]);
  });

  it('is offered by no API, and no event has room for a secret', () => {
    const recording = userCommands.filter(({ name }) => name.startsWith('Record'));
    expect(recording).toHaveLength(15);
    expect(recording.every(({ internal }) => internal)).toBe(true);
    const fields = user.events.flatMap(({ schema }) => Object.keys(schema.properties));
    expect(fields.filter((name) => /password|secret|token|hash/i.test(name))).toEqual([]);
  });

  it('seals what a person is known by', () => {
    const [created] = user.events;
    expect(created).toMatchObject({
      subject: 'userId',
      personal: ['avatarUrl', 'email', 'firstName', 'lastName', 'phone'],
    });
  });
});
