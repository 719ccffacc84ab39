import { createHmac, hkdfSync } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import type { Queryable } from '../postgres/database.js';

/** Failed sign-ins from one address that lock an account for that address. */
export const MAX_FAILURES = 5;
export const LOCK_MINUTES = 15;
const LOCK_MS = LOCK_MINUTES * 60_000;

/** Account and address an attempt counts against; another address is not affected. */
export interface AttemptKey {
  readonly tenantId: string;
  readonly account: string;
  readonly address: string;
}

/**
 * The network an address belongs to: IPv6 in blocks of /64, which one customer has for themselves
 * and could otherwise use to start over 2^64 times.
 */
export function addressBlock(ip: string | null | undefined): string {
  const plain = (ip ?? '').replace(/%.*$/, '').toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1] ?? plain;
  if (isIPv4(mapped)) return mapped;
  if (!isIPv6(mapped)) return 'unknown';
  const groups = (part: string | undefined) => (part ? part.split(':') : []);
  const [head, tail] = mapped.split('::');
  // A dotted end stands for two groups; only their number matters, the block is in front.
  const right = groups(tail?.replace(/\d+\.\d+\.\d+\.\d+$/, '0:0'));
  const left = groups(head?.replace(/\d+\.\d+\.\d+\.\d+$/, '0:0'));
  const zeros = mapped.includes('::')
    ? Array<string>(8 - left.length - right.length).fill('0')
    : [];
  const block = [...left, ...zeros, ...right].slice(0, 4);
  return `${block.map((group) => parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** Makes keys from what was typed, known or not; the account is stored as an HMAC only. */
export function attemptKeys(masterKey: Buffer) {
  const secret = Buffer.from(hkdfSync('sha256', masterKey, '', 'sign-in-attempts:1', 32));
  return (tenantId: string, login: string, ip: string | null | undefined): AttemptKey => {
    const name = login.trim().normalize('NFC').toLowerCase();
    const account = createHmac('sha256', secret).update(`${tenantId}:${name}`).digest('hex');
    return { tenantId, account, address: addressBlock(ip) };
  };
}

export interface Attempt {
  /** False while locked: the password must not even be looked at. */
  readonly allowed: boolean;
  readonly failures: number;
  readonly lockedUntil: Date | null;
}

/**
 * Counts an attempt before the password is checked, so that many at once get no more than five
 * guesses; the fifth locks. Runs and commits by itself; after a success `clearAttempts` forgets.
 */
export async function takeAttempt(db: Queryable, key: AttemptKey, now: Date): Promise<Attempt> {
  const { rows } = await db.query<{ failures: number; locked_until: Date | null }>(
    `INSERT INTO auth_failure AS f (tenant_id, account, address, failures, last_attempt_at)
     VALUES ($1, $2, $3, 1, $4)
     ON CONFLICT (tenant_id, account, address) DO UPDATE SET
       (failures, last_attempt_at, locked_until) = (
         SELECT n, $4::timestamptz,
                CASE WHEN f.locked_until > $4 THEN f.locked_until
                     WHEN n >= ${MAX_FAILURES} THEN $5::timestamptz END
           FROM (SELECT CASE WHEN f.locked_until <= $4 OR f.last_attempt_at < $6 THEN 1
                             ELSE least(f.failures + 1, 1000000) END AS n) AS counted)
     RETURNING failures, locked_until`,
    [
      key.tenantId,
      key.account,
      key.address,
      now,
      new Date(now.getTime() + LOCK_MS),
      new Date(now.getTime() - LOCK_MS),
    ],
  );
  const { failures, locked_until: lockedUntil } = rows[0]!;
  return { allowed: failures <= MAX_FAILURES, failures, lockedUntil };
}

/** Forgets the attempts after a success. */
export async function clearAttempts(db: Queryable, key: AttemptKey): Promise<void> {
  await db.query(
    'DELETE FROM auth_failure WHERE tenant_id = $1 AND account = $2 AND address = $3',
    [key.tenantId, key.account, key.address],
  );
}
