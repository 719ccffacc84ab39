import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { formerValues } from '#kernel/inverse';
import { changedFields } from '#kernel/record-rules';
import { mfaPolicy, type TenantEvent } from '#event-schemas/identity/tenant.events';
import { requireOwn, type Existing } from './rules.js';
import { tenant } from './tenant.js';

const fields = Object.keys({ ...mfaPolicy.required, ...mfaPolicy.optional });

export const changeMfaPolicy = defineCommand({
  name: 'ChangeMfaPolicy',
  description:
    'Changes which roles need a second factor to sign in, from when on, and what does for one.',
  aggregate: tenant,
  permission: 'tenant:update',
  stepUp: true,
  rest: { method: 'PATCH', path: '/tenant/mfa-policy' },
  input: object(mfaPolicy.change),
  decide(command, state, ctx): Decision<TenantEvent> {
    const refused = requireOwn(state, ctx);
    if (refused) return refused;
    const before = (state as Existing).mfaPolicy;
    const changes = changedFields({ ...before }, command, fields);
    if (Object.keys(changes).length === 0) return [];
    return [{ type: 'TenantMfaPolicyChanged', data: { tenantId: ctx.id, ...changes } }];
  },
  inverse: {
    undoneBy: 'ChangeMfaPolicy',
    input: ({ before, events }) => formerValues(events[0]!.data, (before as Existing).mfaPolicy),
  },
});
