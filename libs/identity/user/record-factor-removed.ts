import { defineCommand, type Decision } from '#kernel/command';
import { choice, object, uuid } from '#kernel/fields';
import { factorKinds } from '#event-schemas/identity/user-factors.events';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { requireEnabled } from './rules.js';
import { user } from './user.js';

export const recordFactorRemoved = defineCommand({
  name: 'RecordFactorRemoved',
  description: 'Keeps that a person gave up a second factor.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'DELETE', path: '/users/:id/factors/:factorId' },
  input: object({ factorId: uuid(), kind: choice(factorKinds) }),
  decide(command, state, ctx): Decision<UserEvent> {
    const refused = requireEnabled(state);
    if (refused) return refused;
    return [{ type: 'UserFactorRemoved', data: { userId: ctx.id, ...command } }];
  },
  inverse: { irreversible: 'What the factor consisted of is gone; the person adds another.' },
});
