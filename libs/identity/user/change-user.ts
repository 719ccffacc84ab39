import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { formerValues } from '#kernel/inverse';
import { changedFields } from '#kernel/record-rules';
import { emailKey, userFields, type UserEvent } from '#event-schemas/identity/user.events';
import { regionProblem } from '../region.js';
import {
  callerOf,
  emailMissing,
  emailReservation,
  emailUnproven,
  enabled,
  isAbsent,
  outranked,
  requireEnabled,
} from './rules.js';
import { user } from './user.js';

export const changeUser = defineCommand({
  name: 'ChangeUser',
  description: 'Changes what is known of a person; what is left out stays.',
  aggregate: user,
  permission: 'users:update',
  rest: { method: 'PATCH', path: '/users/:id' },
  input: object(userFields.change),
  facts: (_command, _state, caller) => ({
    caller: caller.actor.id === caller.id ? undefined : callerOf(caller),
  }),
  decide(command, state, ctx): Decision<UserEvent> {
    // A directory goes on describing people it has shut out.
    const bySystem = ctx.actor.type === 'system' && !isAbsent(state);
    const refused = bySystem ? undefined : requireEnabled(state);
    if (refused) return refused;
    const { values: before, role, status } = enabled(state);
    const self = ctx.actor.type === 'user' && ctx.actor.id === ctx.id;
    const problem =
      (self ? undefined : outranked([role], ctx.facts.caller, ctx)) ?? regionProblem(command);
    if (problem) return problem;
    const changes = changedFields(before, command, Object.keys(userFields.change));
    if (Object.keys(changes).length === 0) return [];
    if (changes['email'] === null && status !== 'not_invited') return emailMissing();
    const email = changes['email'] as string | null | undefined;
    const moved = email !== undefined && emailKey(email ?? '') !== emailKey(before.email ?? '');
    // An address typed wrong would lock its owner out, and a stolen session take the account over.
    if (moved && self && status === 'active') return emailUnproven();
    return {
      events: [{ type: 'UserChanged', data: { userId: ctx.id, ...changes } }],
      ...(moved ? { take: emailReservation(email), release: emailReservation(before.email) } : {}),
    };
  },
  inverse: {
    undoneBy: 'ChangeUser',
    input: ({ before, events }) => formerValues(events[0]!.data, enabled(before).values),
    // What the directory calls somebody in one piece follows from the name.
    derived: ['directory.formattedName'],
    remains: { emailVerified: 'An address that comes back has to be proven again.' },
  },
});
