import type { NotificationEvent } from '#event-schemas/work/notification.events';
import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { recordRefusals } from '#kernel/record-rules';
import { refuseWith } from '#kernel/refusal';
import { notification } from './notification.js';

const refuse = refuseWith(recordRefusals);

export const markNotificationRead = defineCommand({
  name: 'MarkNotificationRead',
  description: 'Takes a notification off the unread ones.',
  aggregate: notification,
  permission: 'notifications:update',
  rest: { method: 'PUT', path: '/notifications/:id/read' },
  input: object({}),
  decide(_command, state, ctx): Decision<NotificationEvent> {
    if (state.status === 'absent') return refuse('NOT_FOUND');
    if (state.status === 'read') return [];
    return [{ type: 'NotificationRead', data: { notificationId: ctx.id } }];
  },
  inverse: { undoneBy: 'MarkNotificationUnread' },
});
