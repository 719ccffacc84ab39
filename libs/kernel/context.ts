import type { Refusal } from './refusal.js';

/** Who acts: a person, or the product itself (imports, demo data, processors). */
export interface Actor {
  readonly type: 'user' | 'system';
  /** User id, or the name of the system process. */
  readonly id: string;
}

/** How far a permission reaches. */
export type Scope = 'all' | 'team' | 'own';

/** Permission name (`deals:update`) → scope. Absent means refused. */
export type Grants = Readonly<Record<string, Scope>>;

/** What a caller may not see of a kind of record, and what they may not change. */
export interface FieldRights {
  readonly hidden: readonly string[];
  /** Hidden fields included. */
  readonly locked: readonly string[];
}

/** Everything a command or query knows about its caller; explicit below the apps. */
export interface RequestContext {
  readonly tenantId: string;
  readonly actor: Actor;
  readonly grants: Grants;
  /** Users whose records the scope `team` reaches, the caller included. */
  readonly teamUserIds?: readonly string[];
  /** Teams of the caller, those they lead included: what is shared with them is shared with all. */
  readonly teamIds?: readonly string[];
  /** Category of a record → its fields that are not all open; every field is, where it is absent. */
  readonly fields?: Readonly<Record<string, FieldRights>>;
  /** Permissions that the plan of the workspace withholds, whatever is granted, and why. */
  readonly withheld?: Readonly<Record<string, Refusal>>;
  readonly requestId: string;
  readonly correlationId: string;
  readonly causationId?: string;
  readonly ip?: string;
  readonly userAgent?: string;
}

/** What `decide` may know besides the command and the state. */
export interface DecideContext<Facts = unknown> {
  readonly tenantId: string;
  readonly actor: Actor;
  /** What the caller may do; without them nothing, unless the product itself acts. */
  readonly grants?: Grants;
  readonly now: Date;
  /** The id of the record the command addresses, or of the one it creates. */
  readonly id: string;
  /** Further ids of this command; the same n gives the same id on a retry. */
  newId(n: number): string;
  readonly facts: Facts;
}

export const everything: Grants = Object.freeze({ '*': 'all' });

/** The scope a caller holds for a permission, or undefined when refused. */
export function scopeOf(grants: Grants, permission: string): Scope | undefined {
  return grants[permission] ?? grants[`${permission.split(':')[0]}:*`] ?? grants['*'];
}
