import { describe, expect, it } from '@jest/globals';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { given } from '#kernel/specification';
import { changeUser } from './change-user.js';
import { confirmEmailChange } from './confirm-email-change.js';
import { person, system, userId } from './people.fixture.js';
import { requestEmailChange } from './request-email-change.js';
import { requestPasswordReset } from './request-password-reset.js';
import { user } from './user.js';

const email = 'gb@hooli.com';
const gone: UserEvent = { type: 'UserDeactivated', data: { userId } };

describe('a new address of one’s own', () => {
  it('is asked for and proven, not simply changed', () => {
    const known = given(user, [person()]);
    const own = known.when(changeUser, { email }, { actorId: userId });
    expect(own.refusal?.code).toBe('EMAIL_UNPROVEN');
    const asked = known.when(requestEmailChange, { email }, { actorId: userId });
    expect(asked.events).toEqual([{ type: 'UserEmailChangeRequested', data: { userId, email } }]);
    expect(asked.state).toEqual(known.state);
  });

  it('replaces the former one exactly, and is proven', () => {
    const { state, outcome } = given(user, [person()]).when(confirmEmailChange, { email }, system);
    expect(state).toMatchObject({ values: { email }, emailVerified: true });
    expect(outcome).toMatchObject({
      take: [{ scope: 'user-email', value: email }],
      release: [{ scope: 'user-email', value: 'gavin@hooli.com' }],
    });
  });

  it('changes nothing when it is the present one', () => {
    const known = given(user, [person()]);
    expect(known.when(requestEmailChange, { email: 'Gavin@hooli.com' }).events).toEqual([]);
    const { events } = known.when(confirmEmailChange, { email: 'gavin@hooli.com' }, system);
    expect(events).toEqual([{ type: 'UserEmailVerified', data: { userId } }]);
  });
});

describe('somebody who may not sign in', () => {
  it('gets neither a link to a new password nor another address', () => {
    for (const past of [[person({ status: 'invited' })], [person(), gone]]) {
      for (const command of [requestPasswordReset, requestEmailChange, confirmEmailChange]) {
        const { refusal } = given(user, past).when(command, { email }, system);
        expect(['USER_NOT_ACTIVE', 'USER_DEACTIVATED']).toContain(refusal?.code);
      }
    }
    const asked = given(user, [person()]).when(requestPasswordReset, {}, system);
    expect(asked.events).toEqual([{ type: 'UserPasswordResetRequested', data: { userId } }]);
  });
});
