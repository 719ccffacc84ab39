import { commandList } from '#kernel/command';
import { markNotificationRead } from './mark-notification-read.js';
import { markNotificationUnread } from './mark-notification-unread.js';
import { raiseNotification } from './raise-notification.js';

/** Every command a notification takes. */
export const notificationCommands = commandList(
  raiseNotification,
  markNotificationRead,
  markNotificationUnread,
);
