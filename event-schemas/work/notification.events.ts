import { defineEvent, type EventOf } from '#kernel/event';
import { choice, object, uuid } from '#kernel/fields';

const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const USER_ID = '01890a5d-ac96-774b-bcce-b302099a8058';
const TASK_ID = '01890a5d-ac96-774b-bcce-b302099a8061';

/** Why somebody is told. */
export const notificationReasons = ['assigned'] as const;

/** What a notification is about; what its title says is read under the reader's rights. */
export const notificationSubject = {
  recipientId: uuid({ description: 'User who is told.' }),
  reason: choice(notificationReasons, { description: 'Why they are told.' }),
  relatedToType: choice(['task', 'deal'], { description: 'Kind of record it is about.' }),
  relatedToId: uuid({ description: 'Record it is about.' }),
};

export const notificationRaised = defineEvent({
  type: 'NotificationRaised',
  action: 'raised',
  schema: object({ notificationId: uuid(), ...notificationSubject }),
  samples: {
    1: {
      notificationId: ID,
      recipientId: USER_ID,
      reason: 'assigned',
      relatedToType: 'task',
      relatedToId: TASK_ID,
    },
  },
});

const only = {
  schema: object({ notificationId: uuid() }),
  samples: { 1: { notificationId: ID } },
};
export const notificationRead = defineEvent({
  type: 'NotificationRead',
  action: 'read',
  ...only,
});
export const notificationMarkedUnread = defineEvent({
  type: 'NotificationMarkedUnread',
  action: 'marked_unread',
  ...only,
});

export type NotificationEvent =
  | EventOf<typeof notificationRaised>
  | EventOf<typeof notificationRead>
  | EventOf<typeof notificationMarkedUnread>;
export const notificationEvents = [notificationRaised, notificationRead, notificationMarkedUnread];
