import { uuidv7 } from '#kernel/ids';
import { environment } from '#platform/config/environment';
import type { AppendRequest, EventStore } from '#platform/event-store/port';
import { PostgresEventStore } from '#platform/event-store/postgres-store';
import { kurrentDbSubject, type KurrentDbSubject } from '#test/contracts/kurrentdb-subject';
import { createTestDatabase } from '#test/support/database';
import { rate, sideBySide, type Bench, type Measured } from './bench.js';
import { BATCH, request, SLICE_MS, TENANT } from './log.bench.js';

/** KURRENTDB_URL, as the command passes it on. */
const url = environment['CLIENTFORGE_BENCH_KURRENTDB'];
const POOL = 16;
const STREAMS = 200;
const COPIED = 20_000;
const baselineName = 'the same on PostgreSQL';

/** Measures the log on the server and the one in PostgreSQL, each on its own. */
async function onBoth(
  measure: (store: EventStore) => Promise<() => Promise<number>>,
): Promise<Measured> {
  const test = await createTestDatabase(undefined, POOL);
  const subject: KurrentDbSubject = await kurrentDbSubject(url!);
  try {
    const [baseline, figure] = [
      await measure(new PostgresEventStore(test.database)),
      await measure(subject.store),
    ];
    const measured = await sideBySide(baselineName, baseline, figure);
    return { ...measured, note: `server ${subject.server.can.version}` };
  } finally {
    await subject.close();
    await test.drop();
  }
}

async function appended(store: EventStore, one: AppendRequest): Promise<void> {
  const { status } = await store.append(one);
  if (status !== 'appended') throw new Error(`not appended: ${status}`);
}

const bench = (one: Omit<Bench, 'missing'>): Bench =>
  url ? one : { ...one, missing: 'KURRENTDB_URL' };

const append = (clients: number) =>
  bench({
    name: `KurrentDB: append, one event, ${clients} client${clients > 1 ? 's' : ''}`,
    unit: 'appends/s',
    run: () =>
      onBoth((store) =>
        Promise.resolve(() => rate(clients, SLICE_MS, () => appended(store, request(1)))),
      ),
  });

const batches = bench({
  name: `KurrentDB: append, batches of ${BATCH}`,
  unit: 'events/s',
  run: () =>
    onBoth((store) =>
      Promise.resolve(
        async () => BATCH * (await rate(2, SLICE_MS, () => appended(store, request(BATCH)))),
      ),
    ),
});

const load = bench({
  name: 'KurrentDB: load one aggregate of 10 events',
  unit: 'loads/s',
  run: () =>
    onBoth(async (store) => {
      const requests = Array.from({ length: STREAMS }, () => request(10));
      await Promise.all(requests.map((one) => appended(store, one)));
      await store.settled();
      const pick = () => requests[Math.floor(Math.random() * STREAMS)]!.streams[0]!.streamId;
      return () =>
        rate(8, SLICE_MS, () =>
          store.load(TENANT, pick(), { commandId: uuidv7(), stateKey: 'company:1' }),
        );
    }),
});

/** Until all of it is in the feed: on the server, after the copy. */
const feed = bench({
  name: `KurrentDB: ${COPIED.toLocaleString('en')} events until all are in the feed`,
  unit: 'events/s',
  run: () =>
    onBoth((store) =>
      Promise.resolve(async () => {
        const start = performance.now();
        const lanes = Array.from({ length: 4 }, async () => {
          for (let done = 0; done < COPIED / 4; done += BATCH) {
            await appended(store, request(BATCH));
          }
        });
        await Promise.all(lanes);
        await store.settled();
        return (COPIED * 1000) / (performance.now() - start);
      }),
    ),
});

/** The log on a server of its own beside the one in the database. */
export const kurrentDbBenches: readonly Bench[] = [...[1, 16, 64].map(append), batches, load, feed];
