import { everything, scopeOf, type Actor, type Grants, type Scope } from '#kernel/context';
import { refuseWith, type Refusal } from '#kernel/refusal';
import { systemRoles } from './roles.js';

/** A permission as a role lists it. */
export interface Grant {
  readonly permission: string;
  readonly scope: Scope;
}

const REACH: Readonly<Record<Scope, number>> = { own: 1, team: 2, all: 3 };

/** Every permission there is: the product's owner role has them all. */
export const permissions: readonly string[] = Object.keys(systemRoles.owner.grants).sort();

/** Whether a scope reaches at least as far as another; undefined reaches nothing. */
export function reaches(held: Scope | undefined, wanted: Scope): boolean {
  return held !== undefined && REACH[held] >= REACH[wanted];
}

/** The grants of several roles together: of each permission the widest scope. */
export function united(all: readonly Grants[]): Grants {
  const together: Record<string, Scope> = {};
  for (const grants of all) {
    for (const [permission, scope] of Object.entries(grants)) {
      if (!reaches(together[permission], scope)) together[permission] = scope;
    }
  }
  return together;
}

/** The grants of a role's list. */
export function grantsOf(list: readonly Grant[]): Grants {
  return united(list.map(({ permission, scope }) => ({ [permission]: scope })));
}

const refuse = refuseWith({
  ADMINISTRATORS_ALONE: {
    category: 'forbidden',
    message: 'How people come in is set up by those who may do all that an administrator may.',
  },
  GRANT_ABOVE_YOURS: {
    category: 'forbidden',
    message: 'Nobody gives a permission they do not have themselves.',
  },
});

/** Refuses a caller who would give what they do not have; the product itself has everything. */
export function aboveOwn(
  wanted: readonly Grant[],
  { actor, grants }: { readonly actor: Actor; readonly grants?: Grants },
): Refusal | undefined {
  const held = actor.type === 'system' ? everything : (grants ?? {});
  const above = wanted.filter(
    ({ permission, scope }) => !reaches(scopeOf(held, permission), scope),
  );
  if (above.length === 0) return undefined;
  return refuse(
    'GRANT_ABOVE_YOURS',
    ...above.map(({ permission, scope }) => ({
      field: 'grants',
      rule: 'rank',
      message: `You do not have ${permission} for ${scope}.`,
      remedy: 'Leave it out, or ask somebody who has it.',
      value: permission,
    })),
  );
}

/**
 * Refuses whoever may do less than an administrator: who lets people in by a directory or an
 * identity provider could come in as any of them.
 */
export function belowAdministrator(ctx: Parameters<typeof aboveOwn>[1]): Refusal | undefined {
  const wanted = Object.entries(systemRoles.admin.grants).map(([permission, scope]) => ({
    permission,
    scope,
  }));
  return aboveOwn(wanted, ctx) && refuse('ADMINISTRATORS_ALONE');
}
