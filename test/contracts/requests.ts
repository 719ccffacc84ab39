import { randomUUID } from 'node:crypto';
import { uuidv7 } from '#kernel/ids';
import type {
  AppendOutcome,
  AppendRequest,
  EventStore,
  ExpectedRevision,
  NewEvent,
} from '#platform/event-store/port';

/** A store under test and what only its adapter knows how to do. */
export interface Subject {
  readonly store: EventStore;
  /** Makes the clock of appends to this stream go back by an hour. */
  turnClockBack(tenantId: string, streamId: string): Promise<void>;
  close(): Promise<void>;
}

export const newTenant = (): string => randomUUID();
export const newStream = (category = 'note'): string => `${category}-${randomUUID()}`;

/** A small event; what a test cares about is given. */
export function newEvent(given: Partial<NewEvent> = {}): NewEvent {
  return {
    eventId: uuidv7(),
    type: 'NoteWritten',
    schemaVersion: 1,
    data: '{"text":"hello"}',
    meta: '{"actor":{"id":"spec","type":"system"}}',
    ...given,
  };
}

export const newEvents = (count: number, given: Partial<NewEvent> = {}): NewEvent[] =>
  Array.from({ length: count }, () => newEvent(given));

export function newRequest(
  tenantId: string,
  streams: AppendRequest['streams'],
  given: Partial<AppendRequest> = {},
): AppendRequest {
  return {
    tenantId,
    commandId: uuidv7(),
    requestHash: 'ab'.repeat(32),
    result: '{"ok":true}',
    streams,
    ...given,
  };
}

/** Appends events to one stream. */
export function appendTo(
  store: EventStore,
  tenantId: string,
  streamId: string,
  expected: ExpectedRevision,
  events: readonly NewEvent[] = [newEvent()],
): Promise<AppendOutcome> {
  return store.append(newRequest(tenantId, [{ streamId, expected, events }]));
}

/** Everything in the feed after a position, read in pages. */
export async function readAll(
  store: EventStore,
  { after, tenantId, page = 1000 }: { after: string; tenantId?: string; page?: number },
) {
  const events = [];
  await store.settled();
  for (let position = after; ;) {
    const found = await store.readFeed({
      after: position,
      limit: page,
      ...(tenantId ? { tenantId } : {}),
    });
    events.push(...found.events);
    position = found.position;
    if (found.events.length < page) return { events, position };
  }
}
