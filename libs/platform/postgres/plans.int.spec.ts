import { afterEach, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startTestPlatform } from '#test/support/platform';
import { Database } from './database.js';

afterEach(() => {
  jest.restoreAllMocks();
});

it('plans of derived rows are made anew as their connection gets older', async () => {
  const test = await startTestPlatform();
  try {
    // A connection that nobody used before.
    const { url, masterKey } = test.test;
    const database = new Database({ url, masterKey, poolSize: 2 });
    const said: string[] = [];
    const query = jest.spyOn(pg.Client.prototype, 'query');
    // What begins a transaction of derived rows.
    const texts = () =>
      query.mock.calls.map(([text]) => String(text)).filter((text) => text.includes('733103'));
    const derive = async () => {
      await database.derived(() => Promise.resolve());
      said.push(/DISCARD PLANS$/.test(texts().at(-1)!) ? 'anew' : 'kept');
    };
    await derive();
    await derive();
    await sleep(1_100);
    await derive();
    await derive();
    await sleep(1_100);
    await derive();
    await sleep(1_000);
    await derive();
    await database.close();
    expect(said).toEqual(['kept', 'kept', 'anew', 'kept', 'kept', 'anew']);
  } finally {
    await test.close();
  }
});
