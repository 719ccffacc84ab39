import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cadence } from './cadence.js';

describe('the cadence of calls', () => {
  /** Whether a call began at once. */
  const begins = (cadence: Cadence) => {
    let begun = false;
    cadence.next(
      () => (begun = true),
      (begin) => begin(),
    );
    return () => begun;
  };

  it('lets who is alone begin at once, however often', () => {
    const cadence = new Cadence();
    for (let n = 0; n < 5; n++) expect(begins(cadence)()).toBe(true);
  });

  it('keeps calls of several a little apart, until they have not met for a while', async () => {
    const cadence = new Cadence();
    cadence.crowded();
    expect(begins(cadence)()).toBe(true);
    const second = begins(cadence);
    expect(second()).toBe(false);
    await sleep(20);
    expect(second()).toBe(true);
    await sleep(150);
    expect([begins(cadence)(), begins(cadence)()]).toEqual([true, true]);
  });
});
