import { isRefusal, type Refusal } from '#kernel/refusal';
import { notifications } from '#projections/work/notifications';
import { comparePositions } from '#platform/event-store/port';
import { MAX_LIMIT, parseListQuery, type ListQuery } from '#platform/projections/list-query';
import { markNotificationRead } from '#work/notification/mark-notification-read';
import { inTurns, MAX_ITEMS } from './bulk.js';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { count, objectOf } from './schemas.js';
import { WRITE_WAIT_MS, type Services } from './services.js';

/** Ids of the caller's unread notifications, the latest first, and how many there are. */
async function unreadOf({ platform }: Services, { caller }: Call) {
  const ids: string[] = [];
  for (let page = 1; ; page++) {
    const asked = {
      isRead: 'false',
      sort: '-createdAt',
      limit: String(MAX_LIMIT),
      page: `${page}`,
    };
    const query = parseListQuery(notifications, asked, caller.timeZone) as ListQuery;
    const found = await platform.reader.list(caller, notifications, query);
    if (isRefusal(found)) return found;
    ids.push(...found.rows.map((row) => String(row['id'])));
    if (!found.hasNext || ids.length >= MAX_ITEMS) return { ids, total: found.total };
  }
}

async function readAll(services: Services, call: Call): Promise<Answer | Refusal> {
  const unread = await unreadOf(services, call);
  if (isRefusal(unread)) return unread as Refusal;
  const { platform } = services;
  const done = await inTurns(unread.ids, (id) =>
    platform.dispatch(markNotificationRead.name, {}, call.caller, { id }),
  );
  const positions = done.flatMap((one) => (isRefusal(one) ? [] : one.position));
  const last = positions.sort(comparePositions).at(-1);
  if (last) await platform.positions.wait(notifications.name, last, WRITE_WAIT_MS);
  const read = positions.length;
  return {
    data: { read, unread: unread.total - read },
    ...(last ? { meta: { position: last }, headers: { 'x-position': last } } : {}),
  };
}

/** What a person does with all their notifications at once. */
export function notificationEndpoints(services: Services): Endpoint[] {
  return [
    {
      operation: 'read_notifications',
      method: 'PUT',
      path: '/notifications/read',
      tag: 'notifications',
      summary: 'Mark all of one’s notifications as read',
      description:
        `Those that are listed as unread, at most ${MAX_ITEMS} of them, the latest first; ` +
        'sending it again changes nothing.',
      access: { permission: 'notifications:update' },
      answer: {
        status: 200,
        description: 'How many were marked, and how many are left.',
        data: objectOf({ read: count, unread: count }),
      },
      handle: (call) => readAll(services, call),
    },
  ];
}
