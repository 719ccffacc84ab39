import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { Pace } from './pace.js';

const STEP_MS = 100;

interface Steps {
  readonly steps: number;
  /** Positions a step goes on, and by how many the log grows meanwhile. */
  readonly done: number;
  readonly grows: number;
  /** The share of the processors without work. */
  readonly idle?: number;
}

describe('the pace of a rebuild', () => {
  const pauses = async ({ steps, done, grows, idle = 0.5 }: Steps) => {
    let head = 0;
    const query = () => Promise.resolve({ rows: [{ head: String((head += grows)) }] });
    const time = () => ({ all: performance.now(), idle: performance.now() * idle });
    const pace = new Pace({ query } as unknown as pg.Client, false, time);
    const found: number[] = [];
    for (let step = 1; step <= steps; step++) {
      await pace.batch(false);
      await sleep(STEP_MS);
      const begun = performance.now();
      await pace.pause(`1.1.${step * done}.0`);
      found.push(performance.now() - begun);
    }
    return found;
  };

  it('leaves as much time as it takes, where it comes up with the log', async () => {
    const found = await pauses({ steps: 12, done: 1000, grows: 10 });
    for (const pause of found) expect(pause).toBeGreaterThan(STEP_MS * 0.9);
  });

  it('pauses longer where the processors have hardly any time left', async () => {
    const found = await pauses({ steps: 16, done: 1000, grows: 10, idle: 0.1 });
    expect(found.at(-1)).toBeGreaterThan(STEP_MS * 1.4);
  });

  it('pauses less where the log grows about as fast, also then', async () => {
    const found = await pauses({ steps: 18, done: 10, grows: 10, idle: 0.1 });
    expect(found[0]).toBeGreaterThan(STEP_MS * 0.9);
    expect(found.at(-1)).toBeLessThan(STEP_MS * 0.6);
  });

  it('does not pause less for what came while a statement ran', async () => {
    let head = 0;
    const query = () => Promise.resolve({ rows: [{ head: String((head += 10)) }] });
    const client = { query } as unknown as pg.Client;
    const time = () => ({ all: performance.now(), idle: performance.now() / 2 });
    const pace = new Pace(client, false, time);
    for (let step = 1; step <= 4; step++) {
      head += 100_000;
      await pace.statement(client, 'SELECT 1');
      await sleep(1100);
      await pace.batch(false);
      await sleep(STEP_MS);
      const begun = performance.now();
      await pace.pause(`1.1.${head}.0`);
      expect(performance.now() - begun).toBeGreaterThan(STEP_MS * 0.9);
    }
  }, 10_000);

  it('takes all it can get while nothing is appended', async () => {
    const found = await pauses({ steps: 3, done: 10, grows: 0 });
    // Whether somebody is at work shows from the second step on.
    for (const pause of found.slice(1)) expect(pause).toBeLessThan(STEP_MS * 0.5);
  });

  it('is gentle for a second longer, as who waits for the disk appends nothing', async () => {
    let head = 0;
    const query = () => Promise.resolve({ rows: [{ head: String(head) }] });
    const pace = new Pace({ query } as unknown as pg.Client);
    const sizes = [await pace.batch(false)];
    head++;
    for (const wait of [0, 10, 1100]) {
      await sleep(wait);
      sizes.push(await pace.batch(false));
    }
    const [gentle, full] = [sizes[0], sizes[3]!];
    expect(sizes).toEqual([gentle, gentle, gentle, full]);
    expect(full).toBeGreaterThan(gentle!);
  });
});
