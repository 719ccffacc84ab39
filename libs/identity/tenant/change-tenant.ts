import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { formerValues } from '#kernel/inverse';
import { changedFields } from '#kernel/record-rules';
import { tenantProfile, type TenantEvent } from '#event-schemas/identity/tenant.events';
import { regionProblem } from '../region.js';
import { requireOwn, slugProblem, slugReservation, valuesOf } from './rules.js';
import { tenant } from './tenant.js';

export const changeTenant = defineCommand({
  name: 'ChangeTenant',
  description: 'Changes name, subdomain, time zone, language or currency of the workspace.',
  aggregate: tenant,
  permission: 'tenant:update',
  rest: { method: 'PATCH', path: '/tenant' },
  input: object(tenantProfile.change),
  decide(command, state, ctx): Decision<TenantEvent> {
    const refused = requireOwn(state, ctx);
    if (refused) return refused;
    const before = valuesOf(state);
    const changes = changedFields(before, command, Object.keys(tenantProfile.required));
    if (Object.keys(changes).length === 0) return [];
    const slug = changes['slug'] as string | undefined;
    const problem = slugProblem(slug) ?? regionProblem(changes);
    if (problem) return problem;
    const moved = slug
      ? { take: [slugReservation(slug)], release: [slugReservation(before.slug)] }
      : {};
    return {
      events: [{ type: 'TenantChanged', data: { tenantId: ctx.id, ...changes } }],
      ...moved,
    };
  },
  inverse: {
    undoneBy: 'ChangeTenant',
    input: ({ before, events }) => formerValues(events[0]!.data, valuesOf(before)),
  },
});
