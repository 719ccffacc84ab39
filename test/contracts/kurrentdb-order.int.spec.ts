import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { START } from '#platform/event-store/port';
import { kurrentDbSubject, type KurrentDbSubject } from './kurrentdb-subject.js';
import { kurrentDbServers, type StartedServer } from './kurrentdb-servers.js';
import { fuzz, type Writer } from './ordering-harness.js';

const SEED = 20_261_122;
const WRITERS = 24;
const TARGET = 3_000;

describe.each(kurrentDbServers)('order of the feed, $name (seed 20261122)', ({ start }) => {
  let server: StartedServer;
  let subject: KurrentDbSubject;
  beforeAll(async () => {
    server = await start();
    subject = await kurrentDbSubject(server.url);
  });
  afterAll(async () => {
    await subject?.close();
    await server?.stop();
  });

  it('R5 3,000 events by 24 writers: none lost, none out of order', async () => {
    const { store } = subject;
    const write: Writer = async ({ request }) =>
      (await store.append(request)).status === 'appended';
    const found = await fuzz({
      seed: SEED,
      target: TARGET,
      writers: Array<Writer>(WRITERS).fill(write),
      readPage: (after = START, limit) => store.readFeed({ after, limit }),
    });
    expect(found.committed).toBeGreaterThanOrEqual(TARGET);
    expect(found).toMatchObject({ lost: 0, inverted: 0, read: found.committed });
  });
});
