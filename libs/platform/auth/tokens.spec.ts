import { beforeAll, describe, expect, it } from '@jest/globals';
import { createHmac, generateKeyPairSync, randomBytes, sign as signBytes } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { uuidv7 } from '#kernel/ids';
import { AccessTokens, newRefreshToken, readRefreshToken } from './tokens.js';

const masterKey = randomBytes(32);
let now = new Date('2026-01-15T10:00:00.000Z');
const options = {
  masterKey,
  issuer: 'https://crm.hooli.com',
  audience: 'clientforge',
  clock: () => now,
};
const tokens = new AccessTokens(options);
const claims = { userId: uuidv7(), tenantId: uuidv7(), sessionId: uuidv7() };
const later = async <T>(seconds: number, work: () => Promise<T>) => {
  const before = now;
  now = new Date(before.getTime() + seconds * 1000);
  try {
    return await work();
  } finally {
    now = before;
  }
};

describe('an access token', () => {
  let token: string;
  beforeAll(async () => {
    ({ token } = await tokens.sign(claims));
  });

  it('names person, tenant and session, and nothing they may do', async () => {
    expect(await tokens.verify(token)).toEqual(claims);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'at+jwt' });
    const names = ['aud', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub', 'tid'];
    expect(Object.keys(decodeJwt(token)).sort()).toEqual(names);
  });

  it('lasts 15 minutes', async () => {
    const { expiresAt } = await tokens.sign(claims);
    expect(expiresAt).toEqual(new Date('2026-01-15T10:15:00.000Z'));
    expect(await later(15 * 60 - 1, () => tokens.verify(token))).toEqual(claims);
    expect(await later(15 * 60 + 6, () => tokens.verify(token))).toBeUndefined();
    expect(await later(-60, () => tokens.verify(token))).toBeUndefined();
  });

  it('lasts as long as it is told to', async () => {
    const short = new AccessTokens({ ...options, minutes: 2 });
    const given = await short.sign(claims);
    expect(given.expiresAt).toEqual(new Date('2026-01-15T10:02:00.000Z'));
    expect(await later(2 * 60 + 6, () => short.verify(given.token))).toBeUndefined();
    const long = new AccessTokens({ ...options, minutes: 60 });
    const { token: other } = await long.sign(claims);
    expect(await later(59 * 60, () => long.verify(other))).toEqual(claims);
  });

  it('S6 is refused after any change, and under another key, issuer or audience', async () => {
    for (const part of [0, 1, 2]) {
      const parts = token.split('.');
      const bytes = Buffer.from(parts[part]!, 'base64url');
      bytes[bytes.length >> 1]! ^= 1;
      parts[part] = bytes.toString('base64url');
      expect(await tokens.verify(parts.join('.'))).toBeUndefined();
    }
    for (const other of [
      { masterKey: randomBytes(32) },
      { issuer: 'https://crm.example.com' },
      { audience: 'someone-else' },
    ]) {
      expect(await new AccessTokens({ ...options, ...other }).verify(token)).toBeUndefined();
    }
  });

  describe('S6 forged', () => {
    /** The key itself, as if it had leaked: what must hold beyond the signature. */
    const key = (tokens as unknown as { key: Uint8Array }).key;
    const forge = (header: object, payload: object) => {
      const text = [header, payload]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
    };
    const header = { alg: 'HS256', typ: 'at+jwt' };
    const payload = () => decodeJwt(token);

    it('with the right key and claims is the genuine article', async () => {
      expect(await tokens.verify(forge(header, payload()))).toEqual(claims);
    });

    it.each(['none', 'None', 'NONE', 'nOnE', 'HS384', 'HS512', 'RS256', 'ES256', ''])(
      'with algorithm %s is refused, signed or not',
      async (alg) => {
        const forged = forge({ ...header, alg }, payload());
        expect(await tokens.verify(forged)).toBeUndefined();
        expect(await tokens.verify(forged.replace(/[^.]+$/, ''))).toBeUndefined();
      },
    );

    it('with a key pair of the attacker is refused', async () => {
      const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const jwk = pair.publicKey.export({ format: 'jwk' });
      const text = [{ ...header, alg: 'RS256', jwk, kid: '../../dev/null' }, payload()]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      const signature = signBytes('sha256', Buffer.from(text), pair.privateKey);
      expect(await tokens.verify(`${text}.${signature.toString('base64url')}`)).toBeUndefined();
    });

    it.each([
      { typ: 'JWT' },
      { typ: 'rt+jwt' },
      { typ: undefined },
      { crit: ['exp'] },
      { crit: ['tenant'], tenant: 'x' },
      { b64: false, crit: ['b64'] },
    ])('with header %j is refused', async (change) => {
      expect(await tokens.verify(forge({ ...header, ...change }, payload()))).toBeUndefined();
    });

    it.each([
      { kid: "1' OR '1'='1" },
      { jku: 'https://attacker.example/keys' },
      { x5u: 'https://attacker.example/cert' },
    ])('with %j still needs our key, which is all that is looked at', async (change) => {
      const stranger = new SignJWT(payload()).setProtectedHeader({ ...header, ...change });
      expect(await tokens.verify(await stranger.sign(randomBytes(32)))).toBeUndefined();
    });

    it.each(['sub', 'tid', 'sid', 'iat', 'exp', 'iss', 'aud'])(
      'without %s is refused',
      async (name) => {
        const { [name]: _missing, ...rest } = payload();
        expect(await tokens.verify(forge(header, rest))).toBeUndefined();
      },
    );

    it.each([
      { tid: 'hooli' },
      { sub: ['a'] },
      { sid: 7 },
      { exp: 9_999_999_999, iat: 1 },
      { nbf: 9_999_999_999 },
      { aud: ['someone-else'] },
    ])('with claims %j is refused', async (change) => {
      expect(await tokens.verify(forge(header, { ...payload(), ...change }))).toBeUndefined();
    });
  });

  it('S6 is nothing else: no refresh token, no text, no other kind of JWT', async () => {
    const { token: refresh } = newRefreshToken(claims.tenantId, uuidv7());
    const encrypted = 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA';
    for (const text of [refresh, '', '.', '..', 'a.b.c', '{}', encrypted, `${token}.`]) {
      expect(await tokens.verify(text)).toBeUndefined();
    }
  });
});

describe('a refresh token', () => {
  it('says where to look and hides 256 bits', () => {
    const [tenantId, id] = [uuidv7(), uuidv7()];
    const made = newRefreshToken(tenantId, id);
    expect(readRefreshToken(made.token)).toEqual(made);
    expect(made.hash).toHaveLength(32);
    expect(newRefreshToken(tenantId, id).hash).not.toEqual(made.hash);
    const secret = Buffer.from(made.token.slice(4), 'base64url').subarray(32);
    expect(secret).toHaveLength(32);
  });

  it('is not read from anything else', () => {
    const { token } = newRefreshToken(uuidv7(), uuidv7());
    for (const text of ['', 'cfr_', token.slice(4), `${token}A`, token.slice(0, -1), ` ${token}`]) {
      expect(readRefreshToken(text)).toBeUndefined();
    }
  });
});
