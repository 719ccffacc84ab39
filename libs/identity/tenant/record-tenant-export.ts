import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { tenantExport, type TenantEvent } from '#event-schemas/identity/tenant.events';
import { requireOwn } from './rules.js';
import { tenant } from './tenant.js';

export const recordTenantExport = defineCommand({
  name: 'RecordTenantExport',
  description: 'Keeps that the whole workspace was written into a file, and what the file is.',
  aggregate: tenant,
  permission: 'tenant:export',
  internal: true,
  rest: { method: 'POST', path: '/tenants/:id/exports' },
  input: object(tenantExport),
  decide(command, state, ctx): Decision<TenantEvent> {
    const refused = requireOwn(state, ctx);
    if (refused) return refused;
    return [{ type: 'TenantExported', data: { tenantId: ctx.id, ...command } }];
  },
  inverse: { irreversible: 'A file that was written may have been read.' },
});
