import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { Pace } from './pace.js';

const STEP_MS = 100;

describe('the pace of a rebuild', () => {
  /** Pauses after steps of so many positions, while the log grows by so many a step. */
  const pauses = async (steps: number, done: number, grows: number) => {
    let head = 0;
    const query = () => Promise.resolve({ rows: [{ head: String((head += grows)) }] });
    const pace = new Pace({ query } as unknown as pg.Client);
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
    for (const pause of await pauses(12, 1000, 10)) expect(pause).toBeGreaterThan(STEP_MS * 0.9);
  });

  it('pauses less where the log grows about as fast', async () => {
    const found = await pauses(16, 10, 10);
    expect(found[0]).toBeGreaterThan(STEP_MS * 0.9);
    expect(found.at(-1)).toBeLessThan(STEP_MS * 0.6);
  });

  it('takes all it can get while nothing is appended', async () => {
    const found = await pauses(3, 10, 0);
    // Whether somebody is at work shows from the second step on.
    for (const pause of found.slice(1)) expect(pause).toBeLessThan(STEP_MS * 0.5);
  });
});
