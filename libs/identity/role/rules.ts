import { nullable, choice, list, object, optional } from '#kernel/fields';
import type { Reservation } from '#kernel/command';
import { refuseWith, type Refusal } from '#kernel/refusal';
import { MAX_GRANTS, roleFields, scopes } from '#event-schemas/identity/role.events';
import { userRoles } from '#event-schemas/identity/user.events';
import { permissions, type Grant } from '../access/grants.js';
import type { Role, RoleState } from './role.js';

/** Most people who have one role. */
export const MAX_MEMBERS = 1_000;

export const refuse = refuseWith({
  NOT_FOUND: { category: 'missing', message: 'There is no such role in this workspace.' },
  ALREADY_EXISTS: { category: 'conflict', message: 'A role with this id exists already.' },
  ROLE_IN_USE: { category: 'rule', message: 'People have this role.' },
  ROLE_FULL: { category: 'rule', message: `A role has at most ${MAX_MEMBERS} people.` },
  NAME_TAKEN: { category: 'rule', message: 'A system role has this name.' },
  GRANT_TWICE: { category: 'rule', message: 'A permission is granted twice.' },
});

const grantInput = object(
  {
    permission: choice(permissions, { description: 'Collection and action: deals:update.' }),
    scope: choice(scopes, { description: 'All records, those of the own teams, or the own.' }),
  },
  { title: 'RoleGrant' },
);
const grants = list(grantInput, MAX_GRANTS, { description: 'What the role allows.' });

/** What a new role is told, and what may be changed of one. */
export const createInput = object({
  ...roleFields.required,
  description: optional(nullable(roleFields.optional.description)),
  grants,
});
export const changeInput = object({ ...roleFields.change, grants: optional(grants) });

/** Refuses what was never there or is deleted; the state may then be read as `existing(state)`. */
export function requireRole(state: RoleState): Refusal | undefined {
  return state.status === 'active' ? undefined : refuse('NOT_FOUND');
}
export const existing = (state: RoleState) => state as Role;

/** One name for one role, however it is written. */
export function nameReservation(name: string): Reservation {
  return { scope: 'role-name', value: name.trim().normalize('NFC').toLowerCase() };
}

/** Refuses a name or a list of grants that could not be told apart. */
export function roleProblem(given: {
  readonly name?: string;
  readonly grants?: readonly Grant[];
}): Refusal | undefined {
  const system = userRoles.find((one) => one === given.name?.trim().toLowerCase());
  if (system) {
    const message = `${system} is the name of a system role.`;
    const remedy = 'Choose another name.';
    return refuse('NAME_TAKEN', { field: 'name', rule: 'unique', message, remedy, value: system });
  }
  const names = (given.grants ?? []).map(({ permission }) => permission);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (!twice) return undefined;
  return refuse('GRANT_TWICE', {
    field: 'grants',
    rule: 'uniqueItems',
    message: `grants names ${twice} twice.`,
    remedy: 'Give it once, with the wider scope.',
    value: twice,
  });
}
