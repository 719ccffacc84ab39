import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { START } from '#platform/event-store/port';
import {
  startFakeKurrentDb,
  type FakeKurrentDb,
  type FakeOptions,
} from '#test/faults/kurrentdb/fake-kurrentdb';
import { kurrentDbSubject, type KurrentDbSubject } from './kurrentdb-subject.js';
import { appendTo, newEvents, newStream, newTenant, readAll } from './requests.js';

/** Beyond what a number can tell apart from its neighbours. */
export const FAR = 2n ** 60n + 1n;

export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let n = 0; n < 1_500 && !(await what()); n++) await pause(10);
  expect(await what()).toBe(true);
}

/** The store on a fake server for the specs of one block; what was ordered ends with each. */
export class Trap {
  fake!: FakeKurrentDb;
  subject!: KurrentDbSubject;

  constructor(options: FakeOptions) {
    beforeAll(async () => {
      this.fake = await startFakeKurrentDb(options);
      this.subject = await kurrentDbSubject(this.fake.url, { callMs: 20_000, retryMs: 30_000 });
    });
    afterEach(() => {
      this.fake.up();
      this.fake.clear();
    });
    afterAll(async () => {
      await this.subject?.close();
      await this.fake?.stop();
    });
  }

  get store() {
    return this.subject.store;
  }

  async stored(count: number, tenant = newTenant(), stream = newStream()) {
    const outcome = await appendTo(this.store, tenant, stream, 'none', newEvents(count));
    expect(outcome.status).toBe('appended');
    return { tenant, stream, outcome, name: this.subject.server.names.of(tenant, stream) };
  }

  async isCopied(tenant: string, count: number): Promise<void> {
    const found = await readAll(this.store, { after: START, tenantId: tenant });
    expect(found).toHaveLength(count);
  }
}
