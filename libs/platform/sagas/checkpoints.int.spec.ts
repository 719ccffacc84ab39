import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import type { Database } from '../postgres/database.js';
import { Leases } from '../projections/lease.js';
import { Checkpoints } from './checkpoints.js';

const NAME = 'saga:test';
const LATER = '1.900.9';
const LONG = 60_000;

describe('the checkpoints of sagas', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(() => test.drop());

  it('go on after the answer to a move was lost behind its commit', async () => {
    const pool = test.database.pool('projector');
    const lost = { next: false };
    const query = async (text: string, values: readonly unknown[]) => {
      const answer = await pool.query(text, [...values]);
      if (lost.next && text.includes('UPDATE es_checkpoint')) {
        lost.next = false;
        throw new Error('Connection terminated unexpectedly');
      }
      return answer;
    };
    const database = { pool: () => ({ query }) } as unknown as Database;
    const { fence } = (await new Leases(test.database, 'one').acquire('sagas'))!;
    const checkpoints = new Checkpoints(database, 'sagas');
    await checkpoints.declare([{ name: NAME, at: '1.100.1.0' }]);
    const at = async () => (await checkpoints.read([NAME])).get(NAME)!;

    await checkpoints.move([NAME], await at(), '1.200.2.0', { fence, wait: 0 });
    await checkpoints.move([NAME], await at(), '1.300.3.0', { fence, wait: LONG });
    lost.next = true;
    await expect(checkpoints.flush({ fence, wait: 0 })).rejects.toThrow('terminated');

    expect(await at()).toBe('1.300.3.0');
    await checkpoints.move([NAME], await at(), `${LATER}.0`, { fence, wait: 0 });
    const { rows } = await pool.query<{ place: string }>(
      `SELECT concat_ws('.', epoch, xid, pos) AS place FROM es_checkpoint WHERE processor = $1`,
      [NAME],
    );
    expect(rows).toEqual([{ place: LATER }]);
  });
});
