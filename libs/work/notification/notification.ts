import type { Aggregate } from '#kernel/aggregate';
import {
  notificationEvents,
  type NotificationEvent,
} from '#event-schemas/work/notification.events';

export type NotificationState =
  | { readonly status: 'absent' }
  | { readonly status: 'unread' | 'read'; readonly recipientId: string };

/** One thing somebody is told in the product. */
export const notification: Aggregate<NotificationState, NotificationEvent> = {
  category: 'notification',
  stateVersion: 1,
  initial: { status: 'absent' },
  events: notificationEvents,
  evolve(state, event): NotificationState {
    if (event.type === 'NotificationRaised') {
      return { status: 'unread', recipientId: event.data.recipientId };
    }
    if (state.status === 'absent') return state;
    switch (event.type) {
      case 'NotificationRead':
        return { ...state, status: 'read' };
      case 'NotificationMarkedUnread':
        return { ...state, status: 'unread' };
    }
  },
  status: ({ status }) => (status === 'absent' ? 'absent' : 'active'),
  owner: (state) => (state.status === 'absent' ? null : state.recipientId),
};
