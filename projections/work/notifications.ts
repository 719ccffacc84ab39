import {
  notificationSubject,
  type NotificationEvent,
} from '#event-schemas/work/notification.events';
import { flag } from '#kernel/fields';
import { readModel } from '#kernel/read-model';

const { reason, relatedToType, relatedToId } = notificationSubject;

/** What people are told in the product; everybody sees their own. */
export const notifications = readModel<NotificationEvent>({
  name: 'notifications',
  record: 'notification',
  category: 'notification',
  version: 1,
  description: 'What somebody is told in the product: that work was assigned to them.',
  fields: {
    reason,
    relatedToType,
    relatedToId,
    isRead: flag({ description: 'Whether its owner has taken note of it.' }),
  },
  filterable: ['isRead', 'relatedToType', 'relatedToId'],
  sortable: [],
  searchable: [],
  owner: 'ownerId',
  label: 'reason',
  evolve(row, event) {
    switch (event.type) {
      case 'NotificationRaised': {
        const { notificationId: _id, recipientId: ownerId, ...subject } = event.data;
        return { ...subject, ownerId, isRead: false };
      }
      case 'NotificationRead':
        return { ...row, isRead: true };
      case 'NotificationMarkedUnread':
        return { ...row, isRead: false };
    }
  },
});
