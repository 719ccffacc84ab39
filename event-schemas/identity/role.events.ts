import { defineEvent, type EventsOf } from '#kernel/event';
import {
  choice,
  list,
  nullable,
  object,
  optional,
  recordFields,
  text,
  uuid,
  type FieldValues,
} from '#kernel/fields';

/** How far a permission reaches, the widest first. */
export const scopes = ['all', 'team', 'own'] as const;

/** One permission and how far it reaches. */
export const roleGrant = () =>
  object(
    {
      permission: text(100, { examples: ['deals:update'] }),
      scope: choice(scopes, { description: 'All records, those of the own teams, or the own.' }),
    },
    { title: 'RoleGrant' },
  );

/** Most permissions of one role. */
export const MAX_GRANTS = 500;
const grants = () => list(roleGrant(), MAX_GRANTS, { description: 'What the role allows.' });

/** The fields of a role beside what it allows. */
export const roleFields = recordFields(
  { name: text(60, { description: 'Name of the role.', examples: ['Sales operations'] }) },
  { description: text(500, { description: 'What the role is for.' }) },
);
export type RoleValues = FieldValues<typeof roleFields> & {
  readonly grants: readonly {
    readonly permission: string;
    readonly scope: 'all' | 'team' | 'own';
  }[];
};

const ROLE_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const USER_ID = '01890a5d-ac96-774b-bcce-b302099a8058';
const roleId = uuid();
const sample = { roleId: ROLE_ID };
const person = {
  schema: object({ roleId, userId: uuid() }),
  samples: { 1: { ...sample, userId: USER_ID } },
};

export const roleEventTable = {
  created: defineEvent({
    type: 'RoleCreated',
    action: 'created',
    schema: object({
      roleId,
      ...roleFields.required,
      description: nullable(roleFields.optional.description),
      grants: grants(),
    }),
    samples: {
      1: {
        ...sample,
        name: 'Sales operations',
        description: 'Looks after products and exports.',
        grants: [{ permission: 'products:update', scope: 'all' }],
      },
    },
  }),
  changed: defineEvent({
    type: 'RoleChanged',
    action: 'updated',
    schema: object({ roleId, ...roleFields.change, grants: optional(grants()) }),
    samples: {
      1: { ...sample, name: 'Operations', grants: [{ permission: 'deals:export', scope: 'all' }] },
    },
  }),
  deleted: defineEvent({
    type: 'RoleDeleted',
    action: 'deleted',
    schema: object({ roleId }),
    samples: { 1: sample },
  }),
  restored: defineEvent({
    type: 'RoleRestored',
    action: 'restored',
    schema: object({ roleId }),
    samples: { 1: sample },
  }),
  given: defineEvent({ type: 'RoleGiven', action: 'given', ...person }),
  taken: defineEvent({ type: 'RoleTaken', action: 'taken', ...person }),
} as const;

export type RoleEvent = EventsOf<typeof roleEventTable>;
export const roleEvents = Object.values(roleEventTable);
