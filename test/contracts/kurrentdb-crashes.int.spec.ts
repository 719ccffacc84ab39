import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { Claims } from '#platform/event-store/kurrentdb/claims';
import { claimOf, EMPTY, serverEvents } from '#platform/event-store/kurrentdb/records';
import type { AppendRequest } from '#platform/event-store/port';
import { fakeKurrentDb, kurrentDbServers, type StartedServer } from './kurrentdb-servers.js';
import { kurrentDbSubject, type KurrentDbSubject } from './kurrentdb-subject.js';
import { appendTo, newEvents, newRequest, newStream, newTenant } from './requests.js';

let server: StartedServer;
let subject: KurrentDbSubject;

function on(start: () => Promise<StartedServer>): void {
  beforeAll(async () => {
    server = await start();
    subject = await kurrentDbSubject(server.url);
  });
  afterAll(async () => {
    await subject?.close();
    await server?.stop();
  });
}

const newAppend = (streams: number) =>
  newRequest(
    newTenant(),
    Array.from({ length: streams }, () => ({
      ...{ streamId: newStream(), expected: 'none' as const, events: newEvents(2) },
    })),
  );

/** What a process leaves that was killed: a claim, and as many of its streams as it had written. */
async function killed(request: AppendRequest, written: number): Promise<void> {
  const heads = new Map(request.streams.map(({ streamId }) => [streamId, EMPTY]));
  const claim = claimOf(request, heads, Date.now(), randomUUID());
  const claims = new Claims(subject.test.database);
  const answer = await claims.claim(request, claim, !subject.server.can.checks);
  expect(answer.status).toBe('claimed');
  for (const stream of claim.streams.slice(0, written)) {
    const name = subject.server.names.of(request.tenantId, stream.streamId);
    const events = serverEvents(claim, stream);
    await subject.server.append({ name, after: stream.after, events });
  }
}

async function isStoredOnce({ tenantId, streams }: AppendRequest): Promise<void> {
  for (const { streamId, events } of streams) {
    const stored = await subject.store.readStream(tenantId, streamId);
    expect(stored.map(({ eventId }) => eventId)).toEqual(events.map(({ eventId }) => eventId));
  }
}

describe.each(kurrentDbServers)('a process killed while it appended to $name', ({ start }) => {
  on(start);

  it.each([
    ['had not written yet', 0],
    ['had written', 1],
  ])('R1 when it %s: its command, sent again, is done once', async (_when, written) => {
    const request = newAppend(1);
    await killed(request, written);
    const again = await subject.store.append(request);
    expect(again).toMatchObject({ status: 'duplicate', stored: { result: request.result } });
    await isStoredOnce(request);
  });

  it('R1 what it had written is not written over: the next command finds it there', async () => {
    const request = newAppend(1);
    const { streamId } = request.streams[0]!;
    await killed(request, 1);
    const next = (expected: 'none' | number) =>
      appendTo(subject.store, request.tenantId, streamId, expected);
    expect(await next('none')).toEqual({ status: 'conflict', streamId, actual: 2 });
    expect((await next(2)).status).toBe('appended');
  });
});

describe('a process killed between two streams of a server that writes one at a time', () => {
  on(fakeKurrentDb('22.10.0').start);

  it('R1 whoever writes next to either of them completes its command first', async () => {
    const request = newAppend(2);
    const { streamId } = request.streams[1]!;
    await killed(request, 1);
    const outcome = await appendTo(subject.store, request.tenantId, streamId, 'none');
    expect(outcome).toEqual({ status: 'conflict', streamId, actual: 2 });
    await isStoredOnce(request);
  });

  it('R1 where nobody writes to them, whoever copies completes it, while others write on', async () => {
    const request = newAppend(2);
    await killed(request, 1);
    const { store, copy } = subject;
    const [tenant, other] = [newTenant(), newStream()];
    const isStored = async () =>
      (await store.readStream(request.tenantId, request.streams[1]!.streamId)).length > 0;
    for (let version = 0; !(await isStored()); version++) {
      expect((await appendTo(store, tenant, other, version)).status).toBe('appended');
      expect(copy.status.failure).toBeUndefined();
      await pause(100);
    }
    await isStoredOnce(request);
  }, 60_000);
});
