import { describe, expect, it } from '@jest/globals';
import { newTotpSecret, totpCodeOf, totpStep, totpUri } from './totp.js';

/** The secret of the test vectors in RFC 6238, appendix B. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const at = (seconds: number) => new Date(seconds * 1000);

describe('S13 time-based codes', () => {
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
  ])('are those of RFC 6238 at %d s', (seconds, code) => {
    expect(totpStep(secret, code, at(seconds))).toBe(Math.floor(seconds / 30));
  });

  it('count from the step before to the step after, and name the step they belong to', () => {
    const step = Math.floor(1_234_567_890 / 30);
    const begin = step * 30;
    for (const seconds of [begin - 30, begin - 1, begin, begin + 29, begin + 30, begin + 59]) {
      expect([seconds - begin, totpStep(secret, '005924', at(seconds))]).toEqual([
        seconds - begin,
        step,
      ]);
    }
    for (const seconds of [begin - 31, begin + 60]) {
      expect(totpStep(secret, '005924', at(seconds))).toBeUndefined();
    }
    expect(totpStep(newTotpSecret(), '005924', at(begin))).toBeUndefined();
  });

  it('are six digits, typed with or without a space', () => {
    expect(totpCodeOf(' 005 924 ')).toBe('005924');
    for (const typed of ['12345', '1234567', '12345a', '', '١٢٣٤٥٦']) {
      expect(totpCodeOf(typed)).toBeUndefined();
    }
  });

  it('come from 160 random bits, which an app reads from one address', () => {
    const one = newTotpSecret();
    expect(one).toMatch(/^[A-Z2-7]{32}$/);
    expect(newTotpSecret()).not.toBe(one);
    const uri = new URL(totpUri(one, 'ClientForge hooli', 'gavin@hooli.com'));
    expect(uri.protocol).toBe('otpauth:');
    expect(decodeURIComponent(uri.pathname)).toContain('ClientForge hooli:gavin@hooli.com');
    expect(uri.searchParams.get('secret')).toBe(one);
    expect(uri.searchParams.get('issuer')).toBe('ClientForge hooli');
  });
});
