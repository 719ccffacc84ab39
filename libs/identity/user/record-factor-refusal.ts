import { defineCommand, type Decision } from '#kernel/command';
import { choice, object } from '#kernel/fields';
import {
  proofKinds,
  proofPurposes,
  proofRefusals,
} from '#event-schemas/identity/user-factors.events';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { isAbsent, refuse } from './rules.js';
import { user } from './user.js';

export const recordFactorRefusal = defineCommand({
  name: 'RecordFactorRefusal',
  description: 'Keeps that a proof of a second factor was refused, and why.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'POST', path: '/users/:id/factor-refusals' },
  input: object({
    kind: choice(proofKinds),
    purpose: choice(proofPurposes),
    reason: choice(proofRefusals),
  }),
  decide(command, state, ctx): Decision<UserEvent> {
    if (isAbsent(state)) return refuse('NOT_FOUND');
    return [{ type: 'UserFactorRefused', data: { userId: ctx.id, ...command } }];
  },
  inverse: { irreversible: 'The attempt was made.' },
});
