import { object, uuid } from '#kernel/fields';
import { hashId } from '#kernel/ids';
import { defineJob, type AnyJob } from '#platform/jobs/job';
import type { Platform } from '#platform/platform';
import { personOf } from '../mail/sending.js';
import { deletionMail } from '../mail/templates.js';
import {
  DELETION_JOB,
  deletionDay,
  NOTICE_JOB,
  scheduledDeletion,
  tenantDeletionOf,
  type DeletionConfig,
} from './deletion.js';

const shared = {
  input: object({ tenantId: uuid({ description: 'The workspace.' }) }),
  permission: 'tenant:delete',
} as const;

/** Destroys a workspace whose time is up; begun again after a crash it goes on where it was. */
function deletionJob(config: DeletionConfig): AnyJob {
  return defineJob({
    ...shared,
    kind: DELETION_JOB,
    title: () => 'Destroy a workspace',
    unit: 'workspaces',
    async run({ ctx, input: { tenantId }, platform }) {
      const deletion = tenantDeletionOf(platform, config);
      const scheduled = await scheduledDeletion(platform, tenantId);
      const isDue = scheduled
        ? scheduled.deleteAt <= platform.clock()
        : await deletion.isBegun(tenantId);
      // Kept meanwhile.
      if (!isDue) return {};
      const { id, at } = await deletion.destroy(tenantId, scheduled?.by ?? ctx.actor);
      return { id, at };
    },
  });
}

/** People who own the workspace now. */
async function ownersOf({ database }: Platform, tenantId: string): Promise<readonly string[]> {
  const { rows } = await database.tenant(tenantId, (db) =>
    db.query<{ id: string }>(
      `SELECT id FROM rm_users WHERE tenant_id = $1 AND role = 'owner' AND is_active ORDER BY id`,
      [tenantId],
    ),
  );
  return rows.map(({ id }) => id);
}

/** Tells the owners that their workspace is to be deleted, and until when it can be kept. */
const noticeJob = defineJob({
  ...shared,
  kind: NOTICE_JOB,
  title: () => 'Tell owners that their workspace is to be deleted',
  unit: 'mails',
  async run({ input: { tenantId }, platform, progress }) {
    const scheduled = await scheduledDeletion(platform, tenantId);
    if (!scheduled) return {};
    const { deleteAt, name } = scheduled;
    const owners = await ownersOf(platform, tenantId);
    for (const [n, subjectId] of owners.entries()) {
      const to = (await personOf(platform, tenantId, subjectId))?.values.email;
      // The same id, so that whoever was told before a crash is not told again.
      const id = hashId(NOTICE_JOB, tenantId, deleteAt.toISOString(), subjectId);
      const words = deletionMail({ workspace: name, day: deletionDay(deleteAt) });
      if (to) {
        await platform.mail.send({
          ...words,
          ...{ tenantId, id, subjectId, to, template: 'workspace-deletion' },
        });
      }
      progress(n + 1, owners.length);
    }
    return { mails: owners.length };
  },
});

/** What is done about workspaces that are to be deleted. */
export const deletionJobs = (config: DeletionConfig): readonly AnyJob[] => [
  deletionJob(config),
  noticeJob,
];
