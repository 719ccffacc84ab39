import type { NotificationEvent } from '#event-schemas/work/notification.events';
import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { recordRefusals } from '#kernel/record-rules';
import { refuseWith } from '#kernel/refusal';
import { notification } from './notification.js';

const refuse = refuseWith(recordRefusals);

export const markNotificationUnread = defineCommand({
  name: 'MarkNotificationUnread',
  description: 'Puts a notification back among the unread ones.',
  aggregate: notification,
  permission: 'notifications:update',
  rest: { method: 'DELETE', path: '/notifications/:id/read' },
  input: object({}),
  decide(_command, state, ctx): Decision<NotificationEvent> {
    if (state.status === 'absent') return refuse('NOT_FOUND');
    if (state.status === 'unread') return [];
    return [{ type: 'NotificationMarkedUnread', data: { notificationId: ctx.id } }];
  },
  inverse: { undoneBy: 'MarkNotificationRead' },
});
