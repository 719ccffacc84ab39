import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { addressBlock, attemptKeys } from './attempts.js';

describe('an attempt counts against', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
    ['', 'unknown'],
    [undefined, 'unknown'],
    ['<script>', 'unknown'],
  ])('the network of %s', (ip, block) => {
    expect(addressBlock(ip)).toBe(block);
  });

  it('the account however it is spelled, one per workspace, unreadable without the key', () => {
    const key = attemptKeys(randomBytes(32));
    const ip = '203.0.113.7';
    const account = (tenant: string, login: string) => key(tenant, login, ip).account;
    expect(account('a', ' Gavin@Hooli.com')).toBe(account('a', 'gavin@hooli.com'));
    expect(account('a', 'gavin@hooli.com')).not.toBe(account('b', 'gavin@hooli.com'));
    expect(attemptKeys(randomBytes(32))('a', 'gavin@hooli.com', ip).account).not.toBe(
      account('a', 'gavin@hooli.com'),
    );
    expect(account('a', 'gavin@hooli.com')).toMatch(/^[0-9a-f]{64}$/);
  });
});
