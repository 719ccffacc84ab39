import {
  notificationSubject,
  type NotificationEvent,
} from '#event-schemas/work/notification.events';
import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { notification } from './notification.js';

export const raiseNotification = defineCommand({
  name: 'RaiseNotification',
  description: 'Tells somebody something in the product; raising it again changes nothing.',
  aggregate: notification,
  permission: 'notifications:create',
  creates: true,
  internal: true,
  rest: { method: 'POST', path: '/notifications' },
  input: object(notificationSubject),
  decide(command, state, ctx): Decision<NotificationEvent> {
    if (state.status !== 'absent') return [];
    return [{ type: 'NotificationRaised', data: { notificationId: ctx.id, ...command } }];
  },
  inverse: { irreversible: 'Who was told of something knows it from then on.' },
});
