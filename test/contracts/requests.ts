import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { uuidv7 } from '#kernel/ids';
import type {
  AppendOutcome,
  AppendRequest,
  EventStore,
  ExpectedRevision,
  NewEvent,
  StoredEvent,
} from '#platform/event-store/port';

/** A store under test and what only its adapter knows how to do. */
export interface Subject {
  readonly store: EventStore;
  /** Events of the longest stream; 100,000 when left out. */
  readonly longest?: number;
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

const MARKS = 'mark';
const PATIENCE_MS = 20_000;

/**
 * Waits until everything appended so far is in the feed, which any open transaction of the server
 * may delay, and answers with the position of the mark it set behind it.
 */
export async function mark(store: EventStore): Promise<string> {
  const streamId = newStream(MARKS);
  const head = await store.head();
  await appendTo(store, newTenant(), streamId, 'none');
  const deadline = performance.now() + PATIENCE_MS;
  for (let after = head; performance.now() < deadline;) {
    const { events, position } = await store.readFeed({ after, limit: 5000 });
    if (events.some((event) => event.streamId === streamId)) return position;
    if (events.length === 0) await pause(2);
    after = position;
  }
  throw new Error('an open transaction holds the feed back');
}

/** Everything in the feed after a position, without marks, read in pages. */
export async function readAll(
  store: EventStore,
  { after, tenantId, page = 1000 }: { after: string; tenantId?: string; page?: number },
): Promise<readonly StoredEvent[]> {
  await mark(store);
  const all: StoredEvent[] = [];
  for (let position = after; ;) {
    const filter = tenantId ? { tenantId } : {};
    const found = await store.readFeed({ after: position, limit: page, ...filter });
    all.push(...found.events.filter(({ streamId }) => !streamId.startsWith(`${MARKS}-`)));
    position = found.position;
    if (found.events.length < page) return all;
  }
}
