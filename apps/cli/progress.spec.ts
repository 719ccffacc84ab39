import { describe, expect, it } from '@jest/globals';
import { duration, progressOn } from './progress.js';

function recorded(isTTY: boolean) {
  let text = '';
  let now = 0;
  const error = { isTTY, columns: 120, write: (part: string) => (text += part) };
  const progress = progressOn({ out: error, error, noColor: true }, false, () => now);
  return {
    progress,
    pass: (milliseconds: number) => (now += milliseconds),
    text: () => text,
  };
}

describe('progress', () => {
  it('draws a bar with rate and time left on a terminal', () => {
    const { progress, pass, text } = recorded(true);
    progress.begin('Deals', 'rows');
    pass(1_000);
    progress.update(500, 0.25);
    expect(text()).toContain(
      '\rDeals ██████░░░░░░░░░░░░░░░░░░ 25 % 500 rows, 500 rows/s, 3.0 s left',
    );
    progress.update(501, 0.26);
    expect(text()).not.toContain('501');
    pass(1_000);
    progress.update(2_000, 1);
    progress.end();
    expect(text().split('\r').at(-1)).toBe('Deals: 2,000 rows in 2.0 s, 1,000 rows/s\u001b[K\n');
  });

  it('prints a plain line now and then in a pipe', () => {
    const { progress, pass, text } = recorded(false);
    progress.begin('Deals', 'rows');
    pass(1_000);
    progress.update(500, 0.1);
    pass(4_000);
    progress.update(2_500, 0.5);
    pass(5_000);
    progress.update(5_000);
    progress.end('5,000 made');
    expect(text()).toBe(
      [
        'Deals: 50 %, 2,500 rows, 500 rows/s, 5.0 s left',
        'Deals: 5,000 rows, 500 rows/s',
        'Deals: 5,000 made',
        '',
      ].join('\n'),
    );
  });

  it.each([
    [420, '0.4 s'],
    [12_300, '12 s'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
  ])('says %d ms as %s', (milliseconds, words) => {
    expect(duration(milliseconds)).toBe(words);
  });
});
