import { describe, expect, it } from '@jest/globals';
import type { NotificationEvent } from '#event-schemas/work/notification.events';
import { given, SPEC_ACTOR, SPEC_ID } from '#kernel/specification';
import { markNotificationRead } from './mark-notification-read.js';
import { markNotificationUnread } from './mark-notification-unread.js';
import { notification } from './notification.js';
import { raiseNotification } from './raise-notification.js';

const subject = {
  recipientId: SPEC_ACTOR,
  reason: 'assigned',
  relatedToType: 'task',
  relatedToId: '01890a5d-ac96-774b-bcce-b302099a8061',
} as const;
const data = { notificationId: SPEC_ID };
const raised: NotificationEvent = { type: 'NotificationRaised', data: { ...data, ...subject } };
const read: NotificationEvent = { type: 'NotificationRead', data };
const unread: NotificationEvent = { type: 'NotificationMarkedUnread', data };

describe('notification', () => {
  it('is raised once, however often it is asked for', () => {
    expect(given(notification).when(raiseNotification, subject).events).toEqual([raised]);
    expect(given(notification, [raised, read]).when(raiseNotification, subject).events).toEqual([]);
  });

  it('belongs to whom it tells', () => {
    const { state } = given(notification).when(raiseNotification, subject);
    expect(notification.owner!(state)).toBe(SPEC_ACTOR);
  });

  it('is read, and unread again', () => {
    const first = given(notification, [raised]);
    expect(first.when(markNotificationRead, {}).events).toEqual([read]);
    expect(first.when(markNotificationUnread, {}).events).toEqual([]);
    const second = given(notification, [raised, read]);
    expect(second.when(markNotificationRead, {}).events).toEqual([]);
    expect(second.when(markNotificationUnread, {}).events).toEqual([unread]);
  });

  it('is missing before it is raised', () => {
    for (const command of [markNotificationRead, markNotificationUnread]) {
      expect(given(notification).when(command, {}).refusal?.code).toBe('NOT_FOUND');
    }
  });
});
