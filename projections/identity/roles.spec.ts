import { expect, it } from '@jest/globals';
import type { RoleEvent } from '#event-schemas/identity/role.events';
import { rowOf, SPEC_ACTOR, SPEC_ID } from '#kernel/specification';
import { roles } from './roles.js';

const roleId = SPEC_ID;
const created: RoleEvent = {
  type: 'RoleCreated',
  data: { roleId, name: 'Exports', description: null, grants: [] },
};
const person = { roleId, userId: SPEC_ACTOR };

it('folds a role to one row with what it allows and who has it', () => {
  const grants = [{ permission: 'deals:export', scope: 'all' }] as const;
  const changed: RoleEvent = { type: 'RoleChanged', data: { roleId, grants: [...grants] } };
  const given: RoleEvent = { type: 'RoleGiven', data: person };
  expect(rowOf(roles, [created, changed, given])).toMatchObject({
    name: 'Exports',
    grants,
    memberIds: [SPEC_ACTOR],
  });
  const taken: RoleEvent = { type: 'RoleTaken', data: person };
  const deleted: RoleEvent = { type: 'RoleDeleted', data: { roleId } };
  const gone = rowOf(roles, [created, given, taken, deleted]);
  expect(gone).toMatchObject({ memberIds: [], deletedAt: expect.any(String) as unknown });
  const restored: RoleEvent = { type: 'RoleRestored', data: { roleId } };
  expect(rowOf(roles, [created, deleted, restored])).toMatchObject({ deletedAt: null });
});
