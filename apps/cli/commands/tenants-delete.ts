import {
  deletionDay,
  scheduleDeletion,
  tenantDeletionOf,
} from '#apps/composition/workspace-deletion/deletion';
import type { DeletionReport } from '#platform/erasure/tenant-deletion';
import { systemContext } from '#platform/platform';
import { exit, orRefused, UsageError, type Call, type Command } from '../command.js';
import { project } from '../projecting.js';
import { tenantOf, tenantOption, type KnownTenant } from '../tenant.js';

/** Whether the operator names the tenant once more: by `--slug`, or to the question. */
async function isMeant(call: Call, { values }: KnownTenant, until: string): Promise<boolean> {
  const slug = call.text('slug');
  if (slug !== undefined && slug !== values.slug) {
    throw new UsageError(`--slug is ${slug}, and that of the tenant is ${values.slug}.`);
  }
  return slug !== undefined || call.confirm(`Delete ${values.slug} (${values.name}) ${until}?`);
}

function show(call: Call, slug: string, { id, at, reached }: DeletionReport): void {
  call.out.line(call.out.style('green', `${slug} was destroyed ${at} as deletion ${id}.`));
  call.out.table(
    [
      { key: 'place', title: 'Reached' },
      { key: 'count', title: 'Count', right: true },
    ],
    reached.map((one) => ({ ...one })),
  );
  call.out.line('Backups made before hold it until they are deleted; one restored loses it again.');
}

/** The end of a workspace, after a time or at once. */
export const deleteTenant: Command = {
  words: ['tenants', 'delete'],
  summary: 'Closes a tenant to its people and destroys it after DELETION_DAYS, or at once.',
  options: {
    ...tenantOption,
    slug: { type: 'string', value: 'SLUG', description: 'Its short name, instead of a question.' },
    now: { type: 'boolean', description: 'Destroy it at once; nothing brings it back.' },
  },
  example: 'clientforge tenants delete --tenant 0198… --slug hooli',
  async run(call) {
    const { platform } = await call.open();
    const found = await tenantOf(call, platform);
    const { id, values } = found;
    const isNow = call.flag('now');
    const days = isNow ? 0 : call.config.deletionDays;
    const until = isNow ? 'now, for ever' : `in ${days} days, and close it until then`;
    if (!(await isMeant(call, found, until))) {
      call.out.fail('DECLINED', 'Nothing was changed.');
      return exit.refused;
    }
    const ctx = systemContext(id, 'cli');
    const input = { name: values.name, days };
    const deleteAt = orRefused(await scheduleDeletion(platform, ctx, input)) as Date;
    if (isNow) {
      const report = await tenantDeletionOf(platform, call.config).destroy(id, ctx.actor);
      call.out.answer({ slug: values.slug, ...report }, () => show(call, values.slug, report));
      return exit.done;
    }
    await project(call, platform);
    call.out.answer({ id, slug: values.slug, deleteAt: deleteAt.toISOString() }, () => {
      call.out.line(`${values.slug} is closed and is destroyed on ${deletionDay(deleteAt)}.`);
      call.out.line(`Until then: clientforge tenants keep --tenant ${id}`);
    });
    return exit.done;
  },
};
