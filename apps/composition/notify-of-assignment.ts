import type { Fact } from '#kernel/event';
import { isRefusal } from '#kernel/refusal';
import { defineEffect, type EffectCall } from '#platform/effects/effect';
import { settingAt } from '#platform/settings/settings-reader';
import { raiseNotification } from '#work/notification/raise-notification';

type Told = Pick<EffectCall['event'], 'type' | 'data' | 'meta'>;

/** Field that names who has the work from then on. */
const FIELDS: Readonly<Record<string, string>> = {
  TaskCreated: 'assignedToId',
  TaskChanged: 'assignedToId',
  DealCreated: 'ownerId',
  DealOwnerChanged: 'ownerId',
};

/** Who has the work now; undefined where nobody has it, or whoever gave it. */
function recipientOf({ type, data, meta }: Told): string | undefined {
  const id = (data as Readonly<Record<string, unknown>>)[FIELDS[type]!];
  return typeof id === 'string' && id !== meta.actor.id ? id : undefined;
}

/** Tells people in the product that somebody else gave them a task or a deal. */
export const notifyOfAssignment = defineEffect<Fact>({
  name: 'notify-of-assignment',
  description: 'Tell somebody of work that was assigned to them',
  on: Object.keys(FIELDS),
  wanted: (event) => recipientOf(event) !== undefined,
  async run({ event, ctx, key, platform }) {
    const recipientId = recipientOf(event)!;
    const place = { tenantId: ctx.tenantId, userId: recipientId };
    if (!(await settingAt(platform, 'notifications.assigned', place))) return { wanted: false };
    const input = {
      recipientId,
      reason: 'assigned',
      relatedToType: event.category,
      relatedToId: event.id,
    };
    // The key makes it one notification, whatever is repeated.
    const told = await platform.dispatch(raiseNotification.name, input, ctx, {
      id: key,
      commandId: key,
    });
    return isRefusal(told) ? told : { notificationId: key };
  },
});
