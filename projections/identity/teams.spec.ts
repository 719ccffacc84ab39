import { expect, it } from '@jest/globals';
import { teamLife, type TeamEvent } from '#event-schemas/identity/team.events';
import type { Row } from '#kernel/read-model';
import { SPEC_ACTOR, SPEC_ID } from '#kernel/specification';
import { teams } from './teams.js';

const envelope = { occurredAt: new Date('2026-01-15T10:00:00.000Z') };
const fold = (...events: readonly TeamEvent[]) =>
  events.reduce<Row | null>(
    (row, event) => teams.evolve(row, { ...event, envelope } as never),
    null,
  );

it('folds a team to one row with its members and manager', () => {
  const created = teamLife.fact('created', SPEC_ID, { name: 'Enterprise sales', ownerId: null });
  const member = { teamId: SPEC_ID, userId: SPEC_ACTOR };
  const added: TeamEvent = { type: 'TeamMemberAdded', data: member };
  expect(fold(created)).toMatchObject({ memberIds: [], managerId: null, region: null });
  expect(fold(created, added, added)).toMatchObject({ memberIds: [SPEC_ACTOR] });
  const led: TeamEvent = {
    type: 'TeamManagerChanged',
    data: { teamId: SPEC_ID, managerId: SPEC_ACTOR },
  };
  const renamed = teamLife.fact('changed', SPEC_ID, { name: 'Sales' });
  expect(fold(created, added, led, renamed)).toMatchObject({
    name: 'Sales',
    managerId: SPEC_ACTOR,
    memberIds: [SPEC_ACTOR],
  });
  const removed: TeamEvent = { type: 'TeamMemberRemoved', data: member };
  expect(fold(created, added, removed)).toMatchObject({ memberIds: [] });
});
