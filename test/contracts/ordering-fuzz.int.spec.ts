import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { appendCall } from '#platform/event-store/group-append';
import { START } from '#platform/event-store/port';
import {
  PostgresEventStore,
  storedEvent,
  type EventRow,
} from '#platform/event-store/postgres-store';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import { random } from '#test/support/random';
import { fuzz, type Plan, type Writer } from './ordering-harness.js';

const SEED = 20_260_115;
const CONNECTED = 20;
const GROUPED = 8;

describe(`order of the feed under hostile writers (seed ${SEED})`, () => {
  let test: TestDatabase;
  let store: PostgresEventStore;
  const clients: pg.PoolClient[] = [];

  beforeAll(async () => {
    test = await createTestDatabase(undefined, CONNECTED + 8);
    store = new PostgresEventStore(test.database);
    for (let index = 0; index < CONNECTED + 2; index++) {
      clients.push(await test.database.pool('api').connect());
    }
  });
  afterAll(async () => {
    for (const client of clients) client.release();
    await test.drop();
  });

  /** A transaction of its own on a connection of its own, however long it takes. */
  const connected =
    (client: pg.PoolClient, begin: string, call: (plan: Plan) => pg.QueryConfig): Writer =>
    async (plan) => {
      await client.query(begin);
      if (plan.before > 0) await pause(plan.before);
      await client.query(call(plan));
      if (plan.after > 0) await pause(plan.after);
      await client.query(plan.rollback ? 'ROLLBACK' : 'COMMIT');
      return !plan.rollback;
    };

  /** Transactions that hold an id, and with it the horizon, for a long time. */
  const holdHorizon = async (stopped: () => boolean) => {
    const next = random(SEED + 1);
    const hold = async (client: pg.PoolClient) => {
      while (!stopped()) {
        await client.query('BEGIN; SELECT pg_current_xact_id()');
        await pause(30 + next() * 200);
        await client.query(next() < 0.5 ? 'COMMIT' : 'ROLLBACK');
      }
    };
    await Promise.all(clients.slice(CONNECTED).map(hold));
  };

  let from = START;
  const readFeed = (after: string | undefined, limit: number) =>
    store.readFeed({ after: after ?? from, limit });

  it('50,000 events: none lost, none out of order', async () => {
    const grouped: Writer = async ({ request }) =>
      (await store.append(request)).status === 'appended';
    const right = clients
      .slice(0, CONNECTED)
      .map((client) => connected(client, 'BEGIN', ({ request }) => appendCall([request], true)));
    const found = await fuzz({
      seed: SEED,
      target: 50_000,
      writers: [...right, ...Array<Writer>(GROUPED).fill(grouped)],
      disturb: holdHorizon,
      readPage: readFeed,
    });
    expect(found.committed).toBeGreaterThanOrEqual(50_000);
    expect(found).toMatchObject({ lost: 0, inverted: 0, read: found.committed });
  });

  it('the same writers who take a transaction id before their locks put streams out of order', async () => {
    const definition = await test.admin(async (client) => {
      const { rows } = await client.query<{ text: string }>(
        `SELECT pg_get_functiondef('es_append'::regproc) AS text`,
      );
      return rows[0]!.text;
    });
    const naive = definition
      .replace('FUNCTION public.es_append(', 'FUNCTION public.es_append_naive(')
      .replace('IF pg_current_xact_id_if_assigned() IS NOT NULL THEN', 'IF false THEN');
    expect(naive).not.toContain('xact_id_if_assigned');
    await test.admin((client) => client.query(naive));
    from = await store.head();
    const found = await fuzz({
      seed: SEED,
      target: 10_000,
      writers: clients.slice(0, CONNECTED).map((client) =>
        connected(client, 'BEGIN; SELECT pg_current_xact_id()', ({ request }) => {
          const { values, text } = appendCall([request], true);
          return {
            name: 'naive',
            text: text.replace('es_append', 'es_append_naive'),
            values: values!,
          };
        }),
      ),
      readPage: readFeed,
    });
    expect(found.inverted).toBeGreaterThan(0);
  });

  it('a reader who follows the sequence alone loses events of the same writers', async () => {
    const { rows } = await test.admin((client) =>
      client.query<{ pos: string }>('SELECT max(pos) AS pos FROM es_event'),
    );
    const start = rows[0]!.pos;
    const found = await fuzz({
      seed: SEED,
      target: 10_000,
      patience: 500,
      writers: clients
        .slice(0, CONNECTED)
        .map((client) => connected(client, 'BEGIN', ({ request }) => appendCall([request], true))),
      readPage: async (after, limit) => {
        const page = await test.database
          .pool('feed')
          .query<EventRow>(
            `SELECT *, xid::text AS xid FROM es_event WHERE pos > $1 ORDER BY pos LIMIT $2`,
            [after ?? start, limit],
          );
        return {
          events: page.rows.map(storedEvent),
          position: page.rows.at(-1)?.pos ?? after ?? start,
          caughtUp: false,
        };
      },
    });
    expect(found.lost).toBeGreaterThan(0);
  });
});
