import { describe, expect, it } from '@jest/globals';
import type { InvitationEvent } from '#event-schemas/identity/invitation.events';
import { fold } from '#kernel/aggregate';
import { given, SPEC_ACTOR, SPEC_ID, SPEC_TENANT } from '#kernel/specification';
import { person } from '../user/people.fixture.js';
import { user } from '../user/user.js';
import { acceptInvitation } from './accept-invitation.js';
import { createInvitation } from './create-invitation.js';
import { invitation } from './invitation.js';
import { inviteUser } from './invite-user.js';
import { resendInvitation } from './resend-invitation.js';
import { revokeInvitation } from './revoke-invitation.js';

const invitationId = SPEC_ID;
const team = SPEC_TENANT;
const email = 'jared@piedpiper.com';
const expiresAt = '2026-01-22T10:00:00.000Z';
const admin = fold(user, [person({ userId: SPEC_ACTOR, role: 'admin' })]);
const facts = { caller: admin, person: user.initial };
const byAdmin = { facts };
const created = (
  data: Partial<Extract<InvitationEvent, { type: 'InvitationCreated' }>['data']> = {},
) =>
  ({
    type: 'InvitationCreated',
    data: { invitationId, email, role: 'member', teamIds: [], expiresAt, ...data },
  }) satisfies InvitationEvent;
const revoked: InvitationEvent = { type: 'InvitationRevoked', data: { invitationId } };
const accepted: InvitationEvent = { type: 'InvitationAccepted', data: { invitationId } };

describe('an invitation', () => {
  it('takes the address, so that nobody is invited twice, and is good for seven days', () => {
    const { events, outcome } = given(invitation).when(
      createInvitation,
      { email, role: 'member', teamIds: [team, team] },
      { facts: { ...facts, [team]: { status: 'active' } } },
    );
    expect(events).toEqual([created({ teamIds: [team] })]);
    expect(outcome.take).toEqual([{ scope: 'user-email', value: email }]);
  });

  it('gives no role above that of whoever invites', () => {
    const { refusal } = given(invitation).when(createInvitation, { email, role: 'owner' }, byAdmin);
    expect(refusal?.code).toBe('ROLE_ABOVE_YOURS');
    const known = given(invitation, [created({ role: 'owner' })]);
    for (const command of [resendInvitation, revokeInvitation]) {
      expect(known.when(command, {}, byAdmin).refusal?.code).toBe('ROLE_ABOVE_YOURS');
    }
  });

  it('names the teams that do not exist', () => {
    const { refusal } = given(invitation).when(
      createInvitation,
      { email, role: 'member', teamIds: [team] },
      byAdmin,
    );
    expect(refusal?.code).toBe('TEAM_NOT_FOUND');
    expect(refusal?.details[0]).toMatchObject({ field: 'teamIds.0', value: team });
  });

  it('is sent once more with a new term, while it is open', () => {
    const { events } = given(invitation, [created()]).when(resendInvitation, {}, byAdmin);
    expect(events).toEqual([{ type: 'InvitationResent', data: { invitationId, expiresAt } }]);
    for (const [end, code] of [
      [revoked, 'INVITATION_REVOKED'],
      [accepted, 'INVITATION_ACCEPTED'],
    ] as const) {
      const over = given(invitation, [created(), end]);
      expect(over.when(resendInvitation, {}, byAdmin).refusal?.code).toBe(code);
      expect(over.when(revokeInvitation, {}, byAdmin).refusal?.code).toBe(code);
    }
  });

  it('frees its address and its seat when it is revoked', () => {
    const { events, outcome } = given(invitation, [created()]).when(revokeInvitation, {}, byAdmin);
    expect(events).toEqual([revoked]);
    expect(outcome.release).toEqual([
      { scope: 'user-email', value: email },
      { scope: 'seat', value: 'workspace' },
    ]);
  });

  it('leaves the address to somebody who had it before', () => {
    const known = fold(user, [person({ email, status: 'not_invited' })]);
    const { outcome } = given(invitation, [created()]).when(
      revokeInvitation,
      {},
      { facts: { caller: admin, person: known } },
    );
    expect(outcome.release).toEqual([{ scope: 'seat', value: 'workspace' }]);
  });

  it('is accepted once', () => {
    const known = given(invitation, [created()]);
    expect(known.when(acceptInvitation).events).toEqual([accepted]);
    const over = given(invitation, [created(), accepted]);
    expect(over.when(acceptInvitation).events).toEqual([]);
    const void_ = given(invitation, [created(), revoked]);
    expect(void_.when(acceptInvitation).refusal?.code).toBe('INVITATION_REVOKED');
  });

  it('is missing before it is made', () => {
    for (const command of [resendInvitation, revokeInvitation, acceptInvitation]) {
      expect(given(invitation).when(command, {}, byAdmin).refusal?.code).toBe('NOT_FOUND');
    }
  });
});

describe('inviting somebody who owns records already', () => {
  const invite = (state: ReturnType<typeof person>, input: object = {}) =>
    given(invitation).when(inviteUser, input, {
      facts: { caller: admin, person: fold(user, [state]) },
    });

  it('uses their role and address', () => {
    const { events } = invite(person({ status: 'not_invited', role: 'viewer' }));
    expect(events).toEqual([created({ email: 'gavin@hooli.com', role: 'viewer' })]);
  });

  it('needs an address, and somebody who does not sign in yet', () => {
    const unknown = person({ status: 'not_invited', email: null });
    expect(invite(unknown).refusal?.code).toBe('EMAIL_MISSING');
    expect(invite(unknown, { email }).events).toHaveLength(1);
    expect(invite(person()).refusal?.code).toBe('ALREADY_ACTIVE');
    const absent = given(invitation).when(inviteUser, {}, byAdmin);
    expect(absent.refusal?.code).toBe('NOT_FOUND');
  });

  it('is refused while an invitation is open, and possible again after it was revoked', () => {
    const context = {
      facts: { caller: admin, person: fold(user, [person({ status: 'invited' })]) },
    };
    const open = given(invitation, [created()]).when(inviteUser, {}, context);
    expect(open.refusal?.code).toBe('ALREADY_INVITED');
    const again = given(invitation, [created(), revoked]).when(inviteUser, {}, context);
    expect(again.state.status).toBe('pending');
  });
});
