import { describe, expect, it } from '@jest/globals';
import { comeUp } from './rounds.js';

describe('the rounds of a rebuild', () => {
  /** Each round finds what came during the one before: so many times what that one did. */
  const rounds = async (how: 'fully' | 'roughly', grows: number, hurried = 0.1) => {
    let left = 10_000;
    const found: { events: number; hurry: boolean }[] = [];
    await comeUp(how, (hurry) => {
      const events = Math.round(left);
      found.push({ events, hurry });
      left *= hurry ? hurried : grows;
      return Promise.resolve({ events, batches: Math.ceil(events / 1000) });
    });
    return found;
  };

  it('leave hardly anything for the moment in which all wait', async () => {
    const found = await rounds('fully', 0.5);
    expect(found.at(-1)!.events).toBeLessThanOrEqual(64);
    expect(found.at(-2)!.events).toBeGreaterThan(64);
    expect(found.some(({ hurry }) => hurry)).toBe(false);
  });

  it('leave some thousand events where indexes come next', async () => {
    const found = await rounds('roughly', 0.5);
    expect(found.map(({ events }) => events)).toEqual([10_000, 5_000, 2_500, 1_250, 625]);
  });

  it('go on with the indexes where the log grows as fast', async () => {
    const found = await rounds('roughly', 1.1);
    expect(found.map(({ hurry }) => hurry)).toEqual([false, false]);
  });

  it('take all they can get at the end where they would never come up', async () => {
    const found = await rounds('fully', 1);
    expect(found.map(({ events, hurry }) => [events, hurry])).toEqual([
      ...[1, 2, 3, 4].map(() => [10_000, false]),
      [10_000, true],
      [1_000, true],
    ]);
  });

  it('leave one batch where even that is not enough to leave less', async () => {
    const found = await rounds('fully', 1, 0.09);
    expect(found.at(-1)).toEqual({ events: 900, hurry: true });
  });
});
