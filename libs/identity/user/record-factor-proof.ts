import { defineCommand, type Decision } from '#kernel/command';
import { choice, integer, nullable, object } from '#kernel/fields';
import { proofKinds, proofPurposes } from '#event-schemas/identity/user-factors.events';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { requireEnabled } from './rules.js';
import { user } from './user.js';

export const recordFactorProof = defineCommand({
  name: 'RecordFactorProof',
  description: 'Keeps that a person proved who they are, to sign in or for a dangerous action.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'POST', path: '/users/:id/factor-proofs' },
  input: object({
    kind: choice(proofKinds),
    purpose: choice(proofPurposes),
    codesLeft: nullable(integer(0, 10)),
  }),
  decide(command, state, ctx): Decision<UserEvent> {
    const refused = requireEnabled(state);
    if (refused) return refused;
    return [{ type: 'UserFactorProved', data: { userId: ctx.id, ...command } }];
  },
  inverse: { irreversible: 'A proof that was given stays given.' },
});
