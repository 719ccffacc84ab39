import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Lanes } from './lanes.js';

describe('lanes', () => {
  it('runs so many at a time, those of one key in their order', async () => {
    const lanes = new Lanes(4);
    const ended: string[] = [];
    let running = 0;
    let most = 0;
    for (let n = 0; n < 40; n++) {
      const key = `k${n % 7}`;
      await lanes.add(key, async () => {
        most = Math.max(most, (running += 1));
        await sleep((n * 13) % 5);
        running -= 1;
        ended.push(`${key}:${n}`);
      });
    }
    await lanes.drain();
    expect(most).toBe(4);
    expect(ended).toHaveLength(40);
    for (let key = 0; key < 7; key++) {
      const own = ended.filter((one) => one.startsWith(`k${key}:`));
      expect(own).toEqual([...own].sort((a, b) => Number(a.slice(3)) - Number(b.slice(3))));
    }
  });

  it('stops at the first error and tells it', async () => {
    const lanes = new Lanes(2);
    const ran: number[] = [];
    const work = async () => {
      for (let n = 0; n < 10; n++) {
        await lanes.add('one', async () => {
          await sleep(1);
          if (n === 2) throw new Error('broken');
          ran.push(n);
        });
      }
    };
    await expect(work()).rejects.toThrow('broken');
    await expect(lanes.drain()).rejects.toThrow('broken');
    expect(ran).toEqual([0, 1]);
  });
});
