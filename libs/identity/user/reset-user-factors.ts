import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { callerOf, enabled, outranked, refuse, requireEnabled } from './rules.js';
import { user } from './user.js';

export const resetUserFactors = defineCommand({
  name: 'ResetUserFactors',
  description:
    'Removes all second factors and recovery codes of a person who lost them and ends their sessions.',
  aggregate: user,
  permission: 'users:administer',
  stepUp: true,
  rest: { method: 'POST', path: '/users/:id/reset-factors' },
  input: object({}),
  facts: (_command, _state, caller) => ({ caller: callerOf(caller) }),
  decide(_command, state, ctx): Decision<UserEvent> {
    const refused = requireEnabled(state);
    if (refused) return refused;
    // Whoever has a factor proves it to remove it; this way round would need none.
    if (ctx.actor.type === 'user' && ctx.actor.id === ctx.id) return refuse('OWN_FACTORS');
    const problem = outranked([enabled(state).role], ctx.facts.caller, ctx);
    if (problem) return problem;
    return [{ type: 'UserFactorsReset', data: { userId: ctx.id } }];
  },
  inverse: { irreversible: 'What the factors consisted of is gone; the person adds others.' },
});
