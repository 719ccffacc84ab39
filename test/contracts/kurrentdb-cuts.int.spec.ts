import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { START } from '#platform/event-store/port';
import { startFakeKurrentDb, type FakeKurrentDb } from '#test/faults/kurrentdb/fake-kurrentdb';
import { kurrentDbSubject, type KurrentDbSubject } from './kurrentdb-subject.js';
import { appendTo, newEvents, newStream, newTenant } from './requests.js';

const EVENTS = 20_000;
const STREAMS = 20;
const BATCH = 100;
const CUTS = 100;
const SECONDS = 300;

describe('the log copied from the fake KurrentDB 26.1.0 while connections break', () => {
  let fake: FakeKurrentDb;
  let subject: KurrentDbSubject;
  beforeAll(async () => {
    fake = await startFakeKurrentDb({ version: '26.1.0' });
    subject = await kurrentDbSubject(fake.url, { callMs: 20_000, retryMs: 60_000 });
  });
  afterAll(async () => {
    await subject?.close();
    await fake?.stop();
  });

  /** Cuts every connection, again and again, each time after some more events were sent. */
  async function cutAgainAndAgain(): Promise<void> {
    for (const deadline = performance.now() + SECONDS * 1000; fake.state.cuts < CUTS;) {
      const { cuts } = fake.state;
      fake.cut({ afterEvents: EVENTS / CUTS / 2 });
      while (fake.state.cuts === cuts) {
        if (performance.now() > deadline) return;
        await pause(5);
      }
    }
  }

  async function write(tenant: string): Promise<void> {
    const streams = Array.from({ length: STREAMS }, () => newStream());
    for (let version = 0; version < EVENTS / STREAMS; version += BATCH) {
      for (const stream of streams) {
        const outcome = await appendTo(subject.store, tenant, stream, version, newEvents(BATCH));
        expect(outcome.status).toBe('appended');
      }
    }
  }

  it(`R3 ${CUTS} cuts during ${EVENTS} events: each is read once, in the order of its stream`, async () => {
    const tenant = newTenant();
    const cutting = cutAgainAndAgain();
    const writing = write(tenant);
    const versions = new Map<string, number>();
    const seen = new Set<string>();
    let wrong = 0;
    const deadline = performance.now() + SECONDS * 1000;
    for (let after = START; seen.size < EVENTS && performance.now() < deadline;) {
      const page = await subject.store.readFeed({ after, limit: 1000, tenantId: tenant });
      for (const { streamId, version, eventId } of page.events) {
        if (version !== (versions.get(streamId) ?? 0) + 1 || seen.has(eventId)) wrong += 1;
        versions.set(streamId, version);
        seen.add(eventId);
      }
      after = page.position;
      if (page.events.length === 0) await pause(5);
    }
    await writing;
    await cutting;
    const { cuts } = fake.state;
    expect({ cuts, read: seen.size, wrong }).toEqual({ cuts: CUTS, read: EVENTS, wrong: 0 });
    // What the server holds is what was meant, once, although answers were lost as well.
    const stored = fake.state.records.filter(({ stream }) => stream.includes('.note-'));
    expect(stored).toHaveLength(EVENTS);
  }, 400_000);
});
