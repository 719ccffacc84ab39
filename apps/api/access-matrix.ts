import { scopeOf, type Scope } from '#kernel/context';
import { userRoles, type UserRole } from '#event-schemas/identity/user.events';
import { systemRoles } from '#identity/access/roles';
import type { Registry } from '#platform/commands/registry';
import { fieldAccess } from './graphql/field-access.js';
import { graphqlSchema } from './graphql/schema.js';
import { permissionsOf, type Endpoint } from './rest/endpoint.js';
import { socketOperations } from './sockets/socket-rights.js';

/** Something a caller can ask of REST or GraphQL, and who may. */
export interface Operation {
  /** `GET /companies/:id`, `Mutation.createCompany`. */
  readonly name: string;
  readonly access: Endpoint['access'];
  /** Collection of the record it addresses; another workspace's is a 404. */
  readonly addresses?: string;
}

/** How far an operation reaches for each audience; `-` where it is refused. */
export interface MatrixRow {
  readonly operation: Operation;
  readonly anonymous: 'yes' | '-';
  readonly otherTenant: '404' | '-';
  readonly roles: Readonly<Record<UserRole, Scope | '-'>>;
}

/** Collections whose items have an address without being a read model. */
const BESIDE = ['jobs'];

function addressedBy(path: string, registry: Registry): string | undefined {
  const collection = /^\/([\w-]+)\/:id(\/|$)/.exec(path)?.[1];
  const known = collection && (registry.readModels.has(collection) || BESIDE.includes(collection));
  return known ? collection : undefined;
}

/** Everything the APIs and sockets offer, in the order of their declarations. */
export function operationsOf(endpoints: readonly Endpoint[], registry: Registry): Operation[] {
  const rest = endpoints.map(({ method, path, access }): Operation => {
    const addresses = addressedBy(path, registry);
    return { name: `${method} ${path}`, access, ...(addresses ? { addresses } : {}) };
  });
  const fields = [...fieldAccess(graphqlSchema(registry), registry)];
  return [
    ...rest,
    ...fields.map(([name, declared]): Operation => ({ name, ...declared })),
    ...socketOperations(registry),
  ];
}

/** Who needs several permissions gets as far as the narrowest of them. */
const narrowest = (held: readonly Scope[]): Scope =>
  (['own', 'team'] as const).find((scope) => held.includes(scope)) ?? 'all';

function reach(access: Endpoint['access'], role: UserRole): Scope | '-' {
  const held = permissionsOf(access).map((one) => scopeOf(systemRoles[role].grants, one));
  if (held.includes(undefined)) return '-';
  return narrowest(held as Scope[]);
}

/** What the declarations say of every operation. */
export function declaredMatrix(operations: readonly Operation[]): MatrixRow[] {
  return operations.map((operation) => ({
    operation,
    anonymous: operation.access === 'open' ? 'yes' : '-',
    otherTenant: operation.addresses ? '404' : '-',
    roles: Object.fromEntries(
      userRoles.map((role) => [role, reach(operation.access, role)]),
    ) as MatrixRow['roles'],
  }));
}

/** The matrix as CSV, one line per operation. */
export function matrixCsv(rows: readonly MatrixRow[]): string {
  const heading = ['operation', 'needs', 'anonymous', 'other tenant', ...userRoles];
  const lines = rows.map(({ operation, anonymous, otherTenant, roles }) => [
    operation.name,
    permissionsOf(operation.access).join(' and ') || String(operation.access),
    anonymous,
    otherTenant,
    ...userRoles.map((role) => roles[role]),
  ]);
  return `${[heading, ...lines].map((line) => line.join(',')).join('\n')}\n`;
}
