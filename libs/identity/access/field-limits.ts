import { companyFields } from '#event-schemas/customers/company.events';
import { contactFields } from '#event-schemas/customers/contact.events';
import type { FieldLimit } from '#event-schemas/identity/tenant.events';
import { dealFields } from '#event-schemas/sales/deal.events';
import { productFields } from '#event-schemas/sales/product.events';
import { activityFields } from '#event-schemas/work/activity.events';
import { taskFields } from '#event-schemas/work/task.events';
import type { FieldRights, Grants } from '#kernel/context';

interface Fields {
  readonly required: object;
  readonly optional: object;
}

/** What can be limited of one kind of record. */
export interface Limitable {
  /** Category of its streams. */
  readonly category: string;
  /** What every record has is how people know it, and is never hidden. */
  readonly hideable: readonly string[];
  readonly lockable: readonly string[];
  /** Fields that follow from others and would give them away. */
  readonly follows: Readonly<Record<string, readonly string[]>>;
}

function limitable(
  category: string,
  { required, optional }: Fields,
  without: readonly string[] = [],
  follows: Limitable['follows'] = {},
): Limitable {
  const names = (fields: object) => Object.keys(fields).filter((one) => !without.includes(one));
  return {
    category,
    hideable: names(optional),
    lockable: names({ ...required, ...optional }),
    follows,
  };
}

/** Collection → what can be limited of its records. */
export const limitables: Readonly<Record<string, Limitable>> = {
  companies: limitable('company', companyFields),
  contacts: limitable('contact', contactFields),
  products: limitable('product', productFields),
  deals: limitable('deal', dealFields, [], {
    amount: ['weightedAmount', 'lineItems'],
    probability: ['weightedAmount'],
  }),
  // Whom a task belongs to decides who sees it.
  tasks: limitable('task', taskFields, ['assignedToId', 'relatedToType', 'relatedToId']),
  activities: limitable('activity', activityFields, ['relatedToType', 'relatedToId']),
};

/** A role somebody has: its name or id, and what it grants. */
export interface HeldRole {
  readonly role: string;
  readonly grants: Grants;
}

/** What is in every one of the lists; nothing without a list. */
function inAll(lists: readonly (readonly string[])[]): string[] {
  const [first = [], ...others] = lists;
  return first.filter((name) => others.every((list) => list.includes(name)));
}

/**
 * Category → the fields a person may not see or not change. A limit belongs to what its role
 * grants: a field is hidden when every role that lets them read the records hides it.
 */
export function fieldRightsOf(
  limits: readonly FieldLimit[],
  held: readonly HeldRole[],
): Readonly<Record<string, FieldRights>> {
  const rights: Record<string, FieldRights> = {};
  for (const [collection, { category, follows }] of Object.entries(limitables)) {
    const limitOf = ({ role }: HeldRole) =>
      limits.find((one) => one.role === role && one.collection === collection);
    const granting = (action: string) =>
      held.filter(({ grants }) => `${collection}:${action}` in grants).map(limitOf);
    const given = inAll(granting('read').map((limit) => limit?.hidden ?? []));
    const hidden = [...new Set(given.flatMap((name) => [name, ...(follows[name] ?? [])]))];
    const unchanged = granting('update').map((limit) =>
      limit ? [...limit.hidden, ...limit.readOnly] : [],
    );
    const locked = [...new Set([...hidden, ...inAll(unchanged)])];
    if (locked.length > 0) rights[category] = { hidden, locked };
  }
  return rights;
}

/** What would let somebody lift their own limits, or read the log past them. */
const LIFTING = [
  'audit:export',
  'identityProviders:create',
  'identityProviders:update',
  'roles:create',
  'roles:update',
  'scimConnections:create',
  'scimConnections:update',
  'tenant:export',
  'users:administer',
];

/** The grants of somebody whose fields are limited. */
export function withoutLifting(grants: Grants): Grants {
  return Object.fromEntries(Object.entries(grants).filter(([name]) => !LIFTING.includes(name)));
}
