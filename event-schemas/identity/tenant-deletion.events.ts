import { defineEvent } from '#kernel/event';
import { instant, object, uuid } from '#kernel/fields';

const SAMPLE_ID = '01890a5d-ac96-774b-bcce-b302099a8000';
const tenantId = uuid();

/** How a workspace ends: scheduled first, so that it can be taken back for a time. */
export const tenantDeletionEvents = {
  deletionScheduled: defineEvent({
    type: 'TenantDeletionScheduled',
    action: 'deletion_scheduled',
    schema: object({
      tenantId,
      deleteAt: instant({ description: 'From when on everything of the workspace is destroyed.' }),
    }),
    samples: { 1: { tenantId: SAMPLE_ID, deleteAt: '2026-03-15T10:00:00.000Z' } },
  }),
  deletionCancelled: defineEvent({
    type: 'TenantDeletionCancelled',
    action: 'deletion_cancelled',
    schema: object({ tenantId }),
    samples: { 1: { tenantId: SAMPLE_ID } },
  }),
  deleted: defineEvent({
    type: 'TenantDeleted',
    action: 'deleted',
    schema: object({ tenantId }),
    samples: { 1: { tenantId: SAMPLE_ID } },
  }),
} as const;
