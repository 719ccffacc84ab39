import { erasureEvents } from '#event-schemas/platform/erasure.events';
import { object, uuid } from '#kernel/fields';
import { deriveId } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { ERASURE_JOB } from '#platform/erasure/forget-jobs';
import { defineJob, type AnyJob } from '#platform/jobs/job';
import { erasureOf, type ErasureConfig } from './erasure.js';

const { reason, reference } = erasureEvents.erased.schema.properties;

/** What an erasure is begun with. */
export const erasureInput = object({
  subjectId: uuid({ description: 'Contact, user or other record people are described under.' }),
  reason,
  reference,
});

/** The erasure of a data subject; begun again after a crash it goes on where it was. */
export function erasureJob(config: ErasureConfig): AnyJob {
  return defineJob({
    kind: ERASURE_JOB,
    title: () => 'Erase a person',
    input: erasureInput,
    permission: 'subjects:delete',
    unit: 'subjects',
    async run({ id, ctx, input, platform, progress }) {
      progress(0, 1);
      const report = await erasureOf(platform, config).erase(
        { ...input, id: deriveId(ctx.tenantId, id, 0) },
        ctx,
      );
      if (!isRefusal(report)) progress(1, 1);
      return isRefusal(report) ? report : { ...report };
    },
  });
}
