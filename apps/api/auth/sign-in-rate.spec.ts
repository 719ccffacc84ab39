import { describe, expect, it } from '@jest/globals';
import { SignInRate } from './sign-in-rate.js';

describe('the rate of sign-ins', () => {
  let now = 0;
  const rateOf = (perMinute: number) => new SignInRate(() => new Date(now), perMinute);

  it('lets a minute’s worth through, then one at a time', () => {
    const rate = rateOf(30);
    for (let n = 0; n < 30; n++) expect(rate.take('198.51.100.7')).toBe(0);
    expect(rate.take('198.51.100.7')).toBe(2);
    now += 1_000;
    expect(rate.take('198.51.100.7')).toBe(1);
    now += 1_000;
    expect([rate.take('198.51.100.7'), rate.take('198.51.100.7')]).toEqual([0, 2]);
    now += 3_600_000;
    for (let n = 0; n < 30; n++) expect(rate.take('198.51.100.7')).toBe(0);
    expect(rate.take('198.51.100.7')).toBe(2);
  });

  it('counts each network by itself', () => {
    const rate = rateOf(1);
    expect([rate.take('198.51.100.7'), rate.take('198.51.100.8')]).toEqual([0, 0]);
    expect([rate.take('2001:db8::1'), rate.take('2001:db8::2')]).toEqual([0, 60]);
    expect(rate.take('::ffff:198.51.100.7')).toBe(60);
  });

  it('remembers no more addresses than it has room for', () => {
    const rate = rateOf(1);
    for (let n = 0; n < 10_001; n++) rate.take(`10.0.${n >> 8}.${n & 255}`);
    expect(rate.take('10.0.0.1')).toBe(60);
    expect(rate.take('10.0.0.0')).toBe(0);
  });
});
