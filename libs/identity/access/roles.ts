import type { Grants, Scope } from '#kernel/context';
import { userRoles, type UserRole } from '#event-schemas/identity/user.events';

/**
 * What can be done with a collection; `administer` is role, access and activation of people, and
 * `share` opens records to others beside their owner.
 */
export const actions = [
  'read',
  'create',
  'update',
  'delete',
  'export',
  'bulk',
  'administer',
  'share',
] as const;
export type Action = (typeof actions)[number];
type Rights = Readonly<Partial<Record<Action, Scope>>>;

const look: Rights = { read: 'all' };
const own: Rights = { ...look, create: 'all', update: 'own', delete: 'own' };
const team: Rights = { ...look, create: 'all', update: 'team', delete: 'team' };
const full: Rights = {
  ...look,
  create: 'all',
  update: 'all',
  delete: 'all',
  export: 'all',
  bulk: 'all',
};
const people: Rights = { ...full, administer: 'all' };
/** Of people, everybody may change what they say about themselves. */
const self: Rights = { ...look, update: 'own' };
const none: Rights = {};
/** Records are shared by those who may change them by their role. */
const sharedBy = (rights: Rights, share: Scope): Rights => ({ ...rights, share });
const records = {
  owner: sharedBy(full, 'all'),
  admin: sharedBy(full, 'all'),
  manager: sharedBy(team, 'team'),
  member: sharedBy(own, 'own'),
  viewer: look,
};
const runs: Rights = { read: 'all', update: 'all' };
const ownRuns: Rights = { read: 'own', update: 'own' };
const allKeys: Rights = { read: 'all', create: 'own', delete: 'all' };
const ownKeys: Rights = { read: 'own', create: 'own', delete: 'own' };
const erase: Rights = { delete: 'all' };
const journal = { read: 'all', export: 'all' } as const;

/**
 * Collection → role → rights: the one place that says what a system role may do. Teams decide how
 * far `team` reaches and people carry roles, so only administrators change those; who looked at
 * what stays with them as well.
 */
const table: Readonly<Record<string, Readonly<Record<UserRole, Rights>>>> = {
  companies: records,
  contacts: records,
  products: records,
  // How a workspace sells is set up by those who run it.
  pipelines: { owner: full, admin: full, manager: look, member: look, viewer: look },
  deals: records,
  tasks: records,
  notes: records,
  activities: records,
  users: { owner: people, admin: people, manager: self, member: self, viewer: look },
  // Who comes in is decided by those who run the workspace.
  invitations: { owner: full, admin: full, manager: none, member: none, viewer: none },
  // Captured mail holds links that let people in.
  outbox: {
    owner: { read: 'all' },
    admin: { read: 'all' },
    manager: none,
    member: none,
    viewer: none,
  },
  teams: { owner: full, admin: full, manager: look, member: look, viewer: look },
  // Who says who somebody is decides over everything else.
  identityProviders: { owner: full, admin: full, manager: none, member: none, viewer: none },
  roles: { owner: full, admin: full, manager: look, member: look, viewer: look },
  scimConnections: { owner: full, admin: full, manager: none, member: none, viewer: none },
  tenant: {
    owner: { read: 'all', update: 'all', delete: 'all', export: 'all' },
    admin: { read: 'all', update: 'all' },
    manager: look,
    member: look,
    viewer: look,
  },
  // What the workspace sets for all; everybody sees it, and has preferences of their own.
  settings: {
    owner: { read: 'all', update: 'all' },
    admin: { read: 'all', update: 'all' },
    manager: look,
    member: look,
    viewer: look,
  },
  preferences: {
    owner: { update: 'own' },
    admin: { update: 'own' },
    manager: { update: 'own' },
    member: { update: 'own' },
    viewer: { update: 'own' },
  },
  settingHolders: {
    owner: look,
    admin: look,
    manager: { read: 'own' },
    member: { read: 'own' },
    viewer: { read: 'own' },
  },
  // Letting time pass touches everything in a sandbox, so only its owners do.
  testClock: { owner: { update: 'all' }, admin: none, manager: none, member: none, viewer: none },
  // Made by the product itself; people see how a won deal is followed up.
  followups: { owner: look, admin: look, manager: look, member: look, viewer: look },
  // A key can do no more than its holder, so everybody may have some; administrators revoke them.
  apiKeys: {
    owner: allKeys,
    admin: allKeys,
    manager: ownKeys,
    member: ownKeys,
    viewer: ownKeys,
  },
  // Everybody has their own, whoever else they are.
  notifications: {
    owner: ownRuns,
    admin: ownRuns,
    manager: ownRuns,
    member: ownRuns,
    viewer: ownRuns,
  },
  // The rows of the read model `tenants`: what everybody sees of the workspace they are in.
  tenants: { owner: look, admin: look, manager: look, member: look, viewer: look },
  timeline: { owner: journal, admin: journal, manager: look, member: look, viewer: look },
  accessLog: { owner: journal, admin: journal, manager: none, member: none, viewer: none },
  // The seals of the log, their verification, and the log itself as a file.
  audit: { owner: journal, admin: journal, manager: none, member: none, viewer: none },
  // What a processor set aside is retried or left out by those who look after the workspace.
  operations: { owner: runs, admin: runs, manager: none, member: none, viewer: none },
  // Erasing a person's data cannot be taken back.
  subjects: { owner: erase, admin: erase, manager: none, member: none, viewer: none },
  // Beginning one takes the rights to what it does; this is to follow, cancel and retry it.
  jobs: { owner: runs, admin: runs, manager: ownRuns, member: ownRuns, viewer: ownRuns },
};

export const collections: readonly string[] = Object.keys(table);

/** A role every workspace has; nobody can change what it grants. */
export interface SystemRole {
  readonly name: UserRole;
  readonly description: string;
  readonly grants: Grants;
}

const descriptions: Readonly<Record<UserRole, string>> = {
  owner: 'Everything, the workspace itself and its owners included.',
  admin: 'Everything except deleting the workspace and changing its owners.',
  manager: 'Reads everything, creates, and changes what belongs to the own teams.',
  member: 'Reads everything, creates, and changes what is their own.',
  viewer: 'Reads everything, changes nothing.',
};

function grantsFor(role: UserRole): Grants {
  const entries = Object.entries(table).flatMap(([collection, roles]) =>
    Object.entries(roles[role]).map(([action, scope]) => [`${collection}:${action}`, scope]),
  );
  return Object.freeze(Object.fromEntries(entries) as Grants);
}

/** The system roles by name. */
export const systemRoles = Object.freeze(
  Object.fromEntries(
    userRoles.map((name): [UserRole, SystemRole] => [
      name,
      { name, description: descriptions[name], grants: grantsFor(name) },
    ]),
  ),
) as Readonly<Record<UserRole, SystemRole>>;
