import { randomUUID } from 'node:crypto';
import { uuidv7 } from '#kernel/ids';
import { START, type AppendRequest, type NewEvent } from '#platform/event-store/port';
import { PostgresEventStore } from '#platform/event-store/postgres-store';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import { rate, sideBySide, type Bench, type Measured } from './bench.js';

/** Milliseconds of one round. */
export const SLICE_MS = 1200;
const POOL = 16;
/** Events of one large append. */
export const BATCH = 100;
export const TENANT = randomUUID();

const data = JSON.stringify({
  companyId: randomUUID(),
  ownerId: randomUUID(),
  tags: ['key-account', 'north'],
  name: 'Hooli Trading Company',
  industry: 'software',
  companyStatus: 'customer',
  website: 'https://hooli.example/about',
  addressStreet: '12 "North" Street',
  addressCity: 'Göteborg',
});
const meta = JSON.stringify({
  actor: { id: randomUUID(), type: 'user' },
  correlationId: randomUUID(),
  requestId: randomUUID(),
});

const newEvent = (): NewEvent => ({
  eventId: uuidv7(),
  type: 'CompanyCreated',
  schemaVersion: 1,
  data,
  meta,
});

/** A new company with so many events. */
export function request(events: number): AppendRequest {
  const id = uuidv7();
  return {
    tenantId: TENANT,
    commandId: id,
    requestHash: 'ab'.repeat(32),
    result: `{"id":"${id}","revision":${events}}`,
    streams: [
      {
        streamId: `company-${id}`,
        expected: 'none',
        events: Array.from({ length: events }, newEvent),
      },
    ],
  };
}

/** The same row in one table without anything else: what this driver and disk can do at best. */
const BARE_TABLE = `CREATE TABLE bare_event (tenant_id uuid, stream_id text COLLATE "C",
  version bigint, event_id uuid, command_id uuid, type text, schema_version int, data text,
  meta text, prev_hash bytea, hash bytea, occurred_at timestamptz, recorded_at timestamptz,
  PRIMARY KEY (tenant_id, stream_id, version))`;
const COLUMNS = 13;
const zeros = Buffer.alloc(32);

function bareRow(streamId: string, version: number, at: Date): unknown[] {
  const event = newEvent();
  return [
    ...[TENANT, streamId, version, event.eventId, event.eventId, event.type, 1, data, meta],
    ...[zeros, zeros, at, at],
  ];
}

function bareInsert(rows: number): { name: string; text: string; values: unknown[] } {
  const marks = (row: number) =>
    `(${Array.from({ length: COLUMNS }, (_, n) => `$${row * COLUMNS + n + 1}`).join(',')})`;
  const stream = `company-${uuidv7()}`;
  const at = new Date();
  return {
    name: `bare_${rows}`,
    text: `INSERT INTO bare_event VALUES ${Array.from({ length: rows }, (_, row) => marks(row)).join(',')}`,
    values: Array.from({ length: rows }, (_, row) => bareRow(stream, row + 1, at)).flat(),
  };
}

interface Bed {
  readonly test: TestDatabase;
  readonly store: PostgresEventStore;
}

/** A fresh database for one bench, gone afterwards. */
async function inDatabase(work: (bed: Bed) => Promise<Measured>): Promise<Measured> {
  const test = await createTestDatabase(async (client) => {
    await client.query(BARE_TABLE);
    await client.query('GRANT INSERT, SELECT ON bare_event TO PUBLIC');
  }, POOL);
  try {
    return await work({ test, store: new PostgresEventStore(test.database) });
  } finally {
    await test.drop();
  }
}

const append = (clients: number, leastRatio: number): Bench => ({
  name: `append, one event, ${clients} client${clients > 1 ? 's' : ''}`,
  unit: 'appends/s',
  leastRatio,
  run: () =>
    inDatabase(({ test, store }) =>
      sideBySide(
        'bare INSERT',
        () => rate(clients, SLICE_MS, () => test.database.pool('api').query(bareInsert(1))),
        () => rate(clients, SLICE_MS, () => store.append(request(1))),
      ),
    ),
});

const batches: Bench = {
  name: `append, batches of ${BATCH}`,
  unit: 'events/s',
  least: 25_000,
  leastRatio: 0.35,
  run: () =>
    inDatabase(({ test, store }) =>
      sideBySide(
        'bare multi-row INSERT',
        async () =>
          BATCH *
          (await rate(2, SLICE_MS, () => test.database.pool('api').query(bareInsert(BATCH)))),
        async () => BATCH * (await rate(2, SLICE_MS, () => store.append(request(BATCH)))),
      ),
    ),
};

const feed: Bench = {
  name: 'feed read',
  unit: 'events/s',
  least: 100_000,
  run: () =>
    inDatabase(async ({ test, store }) => {
      const total = 60_000;
      for (let done = 0; done < total; done += 1000) await store.append(request(1000));
      await test.admin((client) => client.query('VACUUM ANALYZE es_event'));
      const page = 2000;
      const perSecond = async (read: () => Promise<number>) => {
        const start = performance.now();
        let seen = 0;
        for (let count; (count = await read()) > 0;) seen += count;
        return (seen * 1000) / (performance.now() - start);
      };
      return sideBySide(
        'rows as the driver gives them',
        () => {
          let after = ['0', '0'];
          return perSecond(async () => {
            const { rows } = await test.database.pool('feed').query<{ xid: string; pos: string }>({
              name: 'bare_feed',
              text: `SELECT e.*, e.xid::text AS xid FROM es_event e
                      WHERE (e.epoch, e.xid, e.pos) > (1, $1::text::xid8, $2::bigint)
                      ORDER BY e.epoch, e.xid, e.pos LIMIT ${page}`,
              values: after,
            });
            after = [rows.at(-1)?.xid ?? '0', rows.at(-1)?.pos ?? '0'];
            return rows.length;
          });
        },
        () => {
          let after = START;
          return perSecond(async () => {
            const { events, position } = await store.readFeed({ after, limit: page });
            after = position;
            return events.length;
          });
        },
      );
    }),
};

const load: Bench = {
  name: 'load one aggregate of 10 events',
  unit: 'loads/s',
  run: () =>
    inDatabase(async ({ test, store }) => {
      const requests = Array.from({ length: 200 }, () => request(10));
      await Promise.all(requests.map((one) => store.append(one)));
      const pick = () => requests[Math.floor(Math.random() * requests.length)]!;
      return sideBySide(
        'bare SELECT of the stream',
        () =>
          rate(8, SLICE_MS, () =>
            test.database.pool('feed').query({
              name: 'bare_load',
              text: 'SELECT * FROM es_event WHERE tenant_id = $1 AND stream_id = $2 ORDER BY version',
              values: [TENANT, pick().streams[0]!.streamId],
            }),
          ),
        () =>
          rate(8, SLICE_MS, () =>
            store.load(TENANT, pick().streams[0]!.streamId, {
              commandId: uuidv7(),
              stateKey: 'company:1',
            }),
          ),
      );
    }),
};

/** The log's speed beside bare PostgreSQL through the same driver. */
export const benches: readonly Bench[] = [
  append(1, 0.55),
  append(16, 0.5),
  append(64, 0.5),
  batches,
  feed,
  load,
];
