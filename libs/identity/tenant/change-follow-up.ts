import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { formerValues } from '#kernel/inverse';
import { changedFields } from '#kernel/record-rules';
import { followUpSettings, type TenantEvent } from '#event-schemas/identity/tenant.events';
import { requireOwn, type Existing } from './rules.js';
import { tenant } from './tenant.js';

export const changeFollowUp = defineCommand({
  name: 'ChangeFollowUp',
  description: 'Changes whether and how won deals are followed up; what has begun goes on.',
  aggregate: tenant,
  permission: 'tenant:update',
  rest: { method: 'PATCH', path: '/tenant/follow-up' },
  input: object(followUpSettings.change),
  decide(command, state, ctx): Decision<TenantEvent> {
    const refused = requireOwn(state, ctx);
    if (refused) return refused;
    const before = (state as Existing).followUp;
    const changes = changedFields({ ...before }, command, Object.keys(followUpSettings.required));
    if (Object.keys(changes).length === 0) return [];
    return [{ type: 'TenantFollowUpChanged', data: { tenantId: ctx.id, ...changes } }];
  },
  inverse: {
    undoneBy: 'ChangeFollowUp',
    input: ({ before, events }) => formerValues(events[0]!.data, (before as Existing).followUp),
  },
});
