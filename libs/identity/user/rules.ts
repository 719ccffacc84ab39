import { guarded, stateOf, type FactCaller, type Reservation } from '#kernel/command';
import { recordRefusals } from '#kernel/record-rules';
import { refuseWith, type Refusal } from '#kernel/refusal';
import { emailKey, userRoles, type UserRole } from '#event-schemas/identity/user.events';
import { user, type UserState } from './user.js';

export const refuse = refuseWith({
  NOT_FOUND: { category: 'missing', message: 'There is no such person in this workspace.' },
  ALREADY_EXISTS: recordRefusals.ALREADY_EXISTS,
  USER_DEACTIVATED: { category: 'rule', message: 'The person is deactivated; reactivate first.' },
  USER_NOT_ACTIVE: { category: 'rule', message: 'The person may not sign in.' },
  EMAIL_MISSING: {
    category: 'rule',
    message: 'Somebody who is invited or signs in needs an e-mail address.',
  },
  EMAIL_CHANGED: { category: 'rule', message: 'The person has another e-mail address by now.' },
  EMAIL_UNPROVEN: {
    category: 'rule',
    message: 'A person’s own new address is proven first, by a link that is sent to it.',
  },
  ROLE_ABOVE_YOURS: {
    category: 'forbidden',
    message: 'Nobody may give a role above their own, or change somebody who has one.',
  },
  LAST_OWNER: { category: 'rule', message: 'A workspace keeps at least one active owner.' },
  OWN_FACTORS: {
    category: 'rule',
    message: 'Your own factors are removed one by one, under your profile.',
  },
  OWN_ACCOUNT: { category: 'rule', message: 'Nobody deactivates themselves.' },
});

type Existing = Exclude<UserState, { status: 'absent' }>;
type Enabled = Exclude<Existing, { status: 'deactivated' }>;

export function isAbsent(state: UserState): state is Extract<UserState, { status: 'absent' }> {
  return state.status === 'absent';
}

/** Refuses who is absent or deactivated; the state may then be read as `enabled(state)`. */
export function requireEnabled(state: UserState): Refusal | undefined {
  if (isAbsent(state)) return refuse('NOT_FOUND');
  return state.status === 'deactivated' ? refuse('USER_DEACTIVATED') : undefined;
}
export const enabled = (state: UserState) => state as Enabled;

export const emailMissing = () =>
  refuse('EMAIL_MISSING', {
    field: 'email',
    rule: 'required',
    message: 'email is empty.',
    remedy: 'Give an e-mail address.',
  });

export const emailUnproven = () =>
  refuse('EMAIL_UNPROVEN', {
    field: 'email',
    rule: 'proof',
    message: 'email is changed once a link sent to the new address was opened.',
    remedy: 'Ask for the link at POST /api/v1/auth/email-changes.',
  });

/** What the workspace must hold once for this address: nothing when there is none. */
export function emailReservation(address: string | null | undefined): readonly Reservation[] {
  return address ? [{ scope: 'user-email', value: emailKey(address) }] : [];
}

/** The caller as a person of the workspace, read for `outranked`. */
export function callerOf({ actor }: FactCaller) {
  return actor.type === 'user' ? stateOf(user, actor.id) : undefined;
}

const rankOf = (role: UserRole) => userRoles.length - userRoles.indexOf(role);

/**
 * Refuses callers who rank below one of these roles, so that an administrator can neither make nor
 * unmake an owner. The product itself ranks above all.
 */
export function outranked(
  roles: readonly UserRole[],
  caller: UserState | undefined,
  { actor }: Pick<FactCaller, 'actor'>,
): Refusal | undefined {
  if (actor.type === 'system') return undefined;
  const rank = caller?.status === 'active' ? rankOf(caller.role) : 0;
  const above = roles.find((role) => rankOf(role) > rank);
  if (!above) return undefined;
  return refuse('ROLE_ABOVE_YOURS', {
    field: 'role',
    rule: 'rank',
    message: `Only somebody with the role ${above} or a higher one may do this.`,
    remedy: `Ask one of them.`,
    value: above,
  });
}

/**
 * Facts for a command that may take ownership away: the caller, and the owner who stays. Their
 * stream is guarded: two owners who remove each other at the same moment cannot both succeed,
 * because the second append finds its witness changed and decides again.
 */
export function ownershipFacts(remainingOwnerId: string | undefined, caller: FactCaller) {
  const { actor } = caller;
  const stays = remainingOwnerId ?? (actor.type === 'user' ? actor.id : undefined);
  const other = stays !== undefined && stays !== caller.id;
  return {
    caller: callerOf(caller),
    witness: other ? guarded(stateOf(user, stays)) : undefined,
  };
}

/**
 * Refuses to take an owner away unless another active owner is known to stay. That one exists
 * after every such command, so a workspace never ends up without; counting is not needed.
 */
export function lastOwner(state: UserState, witness: UserState | undefined): Refusal | undefined {
  if (isAbsent(state) || state.role !== 'owner') return undefined;
  const stays = witness?.status === 'active' && witness.role === 'owner' && witness.id !== state.id;
  if (stays) return undefined;
  return refuse('LAST_OWNER', {
    field: 'remainingOwnerId',
    rule: 'ownership',
    message: 'No other active owner is known to stay.',
    remedy: 'Make somebody else an owner first and name that person in remainingOwnerId.',
  });
}
