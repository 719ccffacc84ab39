import { defineCommand, type Decision } from '#kernel/command';
import { choice, object, uuid } from '#kernel/fields';
import { factorKinds } from '#event-schemas/identity/user-factors.events';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { requireEnabled } from './rules.js';
import { user } from './user.js';

export const recordFactorAdded = defineCommand({
  name: 'RecordFactorAdded',
  description: 'Keeps that a person has a second factor more; never what it consists of.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'POST', path: '/users/:id/factors' },
  input: object({ factorId: uuid(), kind: choice(factorKinds) }),
  decide(command, state, ctx): Decision<UserEvent> {
    const refused = requireEnabled(state);
    if (refused) return refused;
    return [{ type: 'UserFactorAdded', data: { userId: ctx.id, ...command } }];
  },
  inverse: { irreversible: 'The person removes the factor themselves.' },
});
