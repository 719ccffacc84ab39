import { defineCommand, recordOf, type Decision } from '#kernel/command';
import { choice, list, object, text } from '#kernel/fields';
import { isUuid } from '#kernel/ids';
import {
  fieldLimit,
  foldLimits,
  MAX_FIELD_LIMITS,
  MAX_LIMITED_FIELDS,
  type FieldLimit,
  type TenantEvent,
} from '#event-schemas/identity/tenant.events';
import { userRoles } from '#event-schemas/identity/user.events';
import { limitables } from '../access/field-limits.js';
import { refuse, requireOwn, type Existing } from './rules.js';
import { tenant } from './tenant.js';

/** Who can change roles could lift every limit, so limiting them would only pretend. */
const UNLIMITED = ['owner', 'admin'];

const names = (description: string) => list(text(100), MAX_LIMITED_FIELDS, { description });

function problem(command: FieldLimit, roleStatus: string | undefined) {
  const { role, collection, hidden, readOnly } = command;
  if (UNLIMITED.includes(role)) {
    return refuse('ROLE_UNLIMITED', {
      field: 'role',
      rule: 'unlimited',
      message: `The role ${role} sees and changes everything.`,
      remedy: 'Limit manager, member, viewer or a role of your own.',
      value: role,
    });
  }
  const isSystem = (userRoles as readonly string[]).includes(role);
  if (!isSystem && roleStatus !== 'active') {
    return refuse('ROLE_UNKNOWN', {
      field: 'role',
      rule: 'reference',
      message: 'There is no such role in this workspace.',
      remedy: 'Give the name of a system role, or the id of a role of the workspace.',
      value: role,
    });
  }
  const { hideable, lockable } = limitables[collection]!;
  const wrong = [
    ...hidden.filter((name) => !hideable.includes(name)).map((name) => ['hidden', name, hideable]),
    ...readOnly
      .filter((name) => !lockable.includes(name))
      .map((name) => ['readOnly', name, lockable]),
  ] as [string, string, readonly string[]][];
  if (wrong.length === 0) return undefined;
  return refuse(
    'FIELD_NOT_LIMITABLE',
    ...wrong.map(([field, name, known]) => ({
      field,
      rule: 'limitable',
      message: `${name} of ${collection} cannot be named here.`,
      remedy: `Use ${known.join(', ')}.`,
      value: name,
    })),
  );
}

export const changeFieldLimit = defineCommand({
  name: 'ChangeFieldLimit',
  description:
    'Says which fields of a kind of record a role does not see or does not change. A person with ' +
    'several roles sees what any role that lets them read the records shows.',
  aggregate: tenant,
  permission: 'roles:update',
  rest: { method: 'PUT', path: '/tenant/field-limit' },
  input: object({
    role: fieldLimit.role,
    collection: choice(Object.keys(limitables), { description: 'Kind of records.' }),
    hidden: names('Fields the role does not see; none when empty.'),
    readOnly: names('Fields the role sees and does not change; none when empty.'),
  }),
  facts: ({ role }) => ({ role: isUuid(role) ? recordOf('role', role) : undefined }),
  decide(command, state, ctx): Decision<TenantEvent> {
    const refused = requireOwn(state, ctx) ?? problem(command, ctx.facts.role?.status);
    if (refused) return refused;
    const before = (state as Existing).fieldLimits;
    if (sameFields(formerOf(before, command), command)) return [];
    if (foldLimits(before, command).length > MAX_FIELD_LIMITS) return refuse('TOO_MANY_LIMITS');
    return [{ type: 'TenantFieldLimitChanged', data: { tenantId: ctx.id, ...command } }];
  },
  inverse: {
    undoneBy: 'ChangeFieldLimit',
    input: ({ before, command }) => ({ ...formerOf((before as Existing).fieldLimits, command) }),
  },
});

const sorted = ({ hidden, readOnly }: FieldLimit) =>
  JSON.stringify([[...hidden].sort(), [...readOnly].sort()]);
const sameFields = (one: FieldLimit, other: FieldLimit) => sorted(one) === sorted(other);

/** What held for the role and the records before. */
function formerOf(limits: readonly FieldLimit[], { role, collection }: FieldLimit): FieldLimit {
  const known = limits.find((one) => one.role === role && one.collection === collection);
  return known ?? { role, collection, hidden: [], readOnly: [] };
}
