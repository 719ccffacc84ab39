import { describe, expect, it } from '@jest/globals';
import type { Change } from './change.js';
import { ChangeWindow, KEPT_CHANGES } from './change-window.js';

const at = (n: number) => `0.${n}.${n}.7`;
const change = (n: number, tenantId = 'a') => ({ tenantId, position: at(n) }) as Change;
const seen = (window: ChangeWindow, cursor: number, limit = 10) =>
  window.after(cursor, 'a', limit)?.changes.map(({ position }) => Number(position.split('.')[1]));

describe('the window of changes', () => {
  it('gives everything after a position once, in order, and to its own tenant', () => {
    const window = new ChangeWindow(at(10));
    window.add([change(11), change(12, 'b'), change(14)], at(15));
    expect(seen(window, window.cursorAt(at(10))!)).toEqual([11, 14]);
    expect(seen(window, window.cursorAt(at(11))!)).toEqual([14]);
    expect(seen(window, window.cursorAt(at(13))!)).toEqual([14]);
    expect(seen(window, window.cursorAt(at(15))!)).toEqual([]);
    expect(window.cursorAt(at(9))).toBeUndefined();
  });

  it('gives pages, each from where the one before ended', () => {
    const window = new ChangeWindow(at(0));
    window.add(
      [1, 2, 3, 4, 5].map((n) => change(n)),
      at(6),
    );
    const first = window.after(0, 'a', 2)!;
    expect([first.position, seen(window, first.cursor, 2)]).toEqual([at(2), [3, 4]]);
    const last = window.after(window.after(first.cursor, 'a', 2)!.cursor, 'a', 2)!;
    expect([last.changes.length, last.position, last.cursor]).toEqual([1, at(6), window.end]);
  });

  it('takes what came before it, and cursors stay where they were', () => {
    const window = new ChangeWindow(at(10));
    window.add([change(11)], at(11));
    const cursor = window.end;
    window.prepend([change(8), change(9)], at(7));
    expect(seen(window, window.cursorAt(at(7))!)).toEqual([8, 9, 11]);
    expect(seen(window, cursor)).toEqual([]);
  });

  it('forgets the oldest, and says so to those who have not seen them', () => {
    const window = new ChangeWindow(at(0));
    const many = KEPT_CHANGES * 1.1;
    for (let n = 1; n <= many; n++) window.add([change(n)], at(n));
    expect(window.after(0, 'a', 1)).toBeUndefined();
    expect(window.cursorAt(at(many - KEPT_CHANGES - 1))).toBeUndefined();
    expect(seen(window, window.cursorAt(at(many - KEPT_CHANGES))!, 1)).toEqual([
      many - KEPT_CHANGES + 1,
    ]);
  });
});
