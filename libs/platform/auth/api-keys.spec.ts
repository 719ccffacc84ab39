import { describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel/ids';
import { isAllowed, isNetwork } from './api-keys-networks.js';
import { API_KEY_PATTERN, newApiKey, readApiKey } from './api-keys-text.js';

describe('an API key', () => {
  it('says where it belongs, looks alike each time, and no two are the same', () => {
    const [tenantId, id] = [uuidv7(), uuidv7()];
    const made = Array.from({ length: 50 }, () => newApiKey(tenantId, id));
    expect(new Set(made.map(({ key }) => key)).size).toBe(50);
    for (const one of made) {
      expect(one.key).toMatch(API_KEY_PATTERN);
      expect(readApiKey(one.key)).toEqual(one);
      expect(one.hash).toHaveLength(32);
    }
    const nil = '00000000-0000-0000-0000-000000000000';
    expect(readApiKey(newApiKey(nil, nil).key)).toMatchObject({ tenantId: nil, id: nil });
    const most = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    expect(readApiKey(newApiKey(most, most).key)).toMatchObject({ tenantId: most, id: most });
  });

  it('is known from an accident by its checksum, wherever a letter differs', () => {
    const { key } = newApiKey(uuidv7(), uuidv7());
    for (let at = 'cf_live_'.length; at < key.length; at++) {
      if (key[at] === '_') continue;
      const other = key.slice(0, at) + (key[at] === 'a' ? 'b' : 'a') + key.slice(at + 1);
      expect([at, readApiKey(other)]).toEqual([at, undefined]);
    }
    for (const text of ['', 'cf_live_', key.slice(1), `${key}a`, key.replace('live', 'test')]) {
      expect(readApiKey(text)).toBeUndefined();
    }
  });
});

describe('networks a key is bound to', () => {
  it.each([
    ['203.0.113.7', true],
    ['203.0.113.0/24', true],
    ['2001:db8::/32', true],
    ['::1', true],
    ['203.0.113.0/33', false],
    ['203.0.113', false],
    ['2001:db8::/129', false],
    ['203.0.113.0/24/8', false],
    ['203.0.113.0/-1', false],
    ['hooli.com', false],
    ['', false],
  ])('%s: %s', (text, valid) => expect(isNetwork(text)).toBe(valid));

  it('hold addresses of theirs and no others', () => {
    const networks = ['203.0.113.0/24', '2001:db8::/32'];
    for (const ip of ['203.0.113.7', '::ffff:203.0.113.7', '2001:db8::1']) {
      expect([ip, isAllowed(networks, ip)]).toEqual([ip, true]);
    }
    for (const ip of ['203.0.114.7', '2001:db9::1', '::1', '', 'x', undefined]) {
      expect([ip, isAllowed(networks, ip)]).toEqual([ip, false]);
    }
    expect(isAllowed([], undefined)).toBe(true);
  });
});
