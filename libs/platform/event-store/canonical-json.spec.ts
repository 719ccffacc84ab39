import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';

describe('canonical JSON', () => {
  it('sorts keys by code units and leaves out what is undefined', () => {
    expect(canonicalJson({ b: 1, a: undefined, '\u20ac': 2, B: [null, { d: 1, c: 2 }] })).toBe(
      '{"B":[null,{"c":2,"d":1}],"b":1,"\u20ac":2}',
    );
    expect(canonicalJson({ at: new Date(0), ok: true, n: 1e21 })).toBe(
      '{"at":"1970-01-01T00:00:00.000Z","n":1e+21,"ok":true}',
    );
  });

  it('writes text as JSON does', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((one) => !one.includes('\u0000'));
    fc.assert(fc.property(text, (one) => canonicalJson(one) === JSON.stringify(one)));
    for (const one of ['', '"', '\\', '\n', '\u007f', '\u2028', 'é', '😀', '~ !#']) {
      expect(canonicalJson(one)).toBe(JSON.stringify(one));
    }
  });

  it('says the same of the same value, and reads back as it', () => {
    const json = fc
      .jsonValue()
      .filter((value) => !/\\u0000|\\ud[89a-f]|__proto__/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it.each([['\u0000'], ['\ud800'], [NaN], [Infinity], [() => 1], [{ deep: ['a\u0000'] }], [1n]])(
    'refuses %p',
    (value) => {
      expect(() => canonicalJson(value)).toThrow();
    },
  );
});
