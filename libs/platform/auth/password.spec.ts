import { describe, expect, it } from '@jest/globals';
import { argon2Sync } from 'node:crypto';
import {
  hashPassword,
  MAX_PASSWORD,
  MIN_PASSWORD,
  PasswordQueueFullError,
  passwordProblem,
  verifyPassword,
} from './password.js';

const password = 'violet kettle runs uphill';

describe('a password hash', () => {
  it('is argon2id with 46 MiB, one pass, one lane and a salt of its own', async () => {
    const [first, second] = await Promise.all([hashPassword(password), hashPassword(password)]);
    expect(first).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(second).not.toBe(first);
    expect(await verifyPassword(password, first)).toEqual({ ok: true, rehash: false });
    expect(await verifyPassword(`${password} `, first)).toEqual({ ok: false, rehash: false });
  });

  it('S12 tells passwords apart that share their first 72 bytes', async () => {
    const shared = '𝒂bcd efgh '.repeat(9);
    const stored = await hashPassword(`${shared}one`);
    expect(await verifyPassword(`${shared}two`, stored)).toMatchObject({ ok: false });
    expect(await verifyPassword(`${shared}one`, stored)).toMatchObject({ ok: true });
  });

  it('is the same for composed and decomposed accents', async () => {
    const stored = await hashPassword('crème brûlée déjà vu'.normalize('NFD'));
    const check = await verifyPassword('crème brûlée déjà vu'.normalize('NFC'), stored);
    expect(check.ok).toBe(true);
  });

  it('made at a lower cost still opens, and asks to be made anew', async () => {
    const salt = Buffer.from('0123456789abcdef');
    const weak = { message: password, nonce: salt, memory: 8192, passes: 1, parallelism: 1 };
    const tag = argon2Sync('argon2id', { ...weak, tagLength: 32 });
    const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
    const stored = `$argon2id$v=19$m=8192,t=1,p=1$${text(salt)}$${text(tag)}`;
    expect(await verifyPassword(password, stored)).toEqual({ ok: true, rehash: true });
    expect(await verifyPassword('another', stored)).toEqual({ ok: false, rehash: false });
  });

  it.each([
    null,
    '',
    'plain text',
    '$argon2i$v=19$m=47104,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg',
    '$argon2id$v=19$m=9999999,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg',
  ])('opens nothing when it is %s', async (stored) => {
    expect(await verifyPassword(password, stored)).toEqual({ ok: false, rehash: false });
  });

  it('S11 takes as long for nobody as for somebody', async () => {
    const stored = await hashPassword(password);
    const times: Record<'somebody' | 'nobody', number[]> = { somebody: [], nobody: [] };
    for (let n = 0; n < 12; n++) {
      for (const [who, hash] of [
        ['somebody', stored],
        ['nobody', null],
      ] as const) {
        const begin = performance.now();
        await verifyPassword('wrong password here', hash);
        times[who].push(performance.now() - begin);
      }
    }
    // The fastest of several, because other work on the machine only ever adds.
    const ratio = Math.min(...times.somebody) / Math.min(...times.nobody);
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.7);
  });

  it('waits its turn, and refuses when too many wait already', async () => {
    const all = await Promise.allSettled(
      Array.from({ length: 300 }, () => verifyPassword(password, cheap)),
    );
    const refused = all.filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(300 - 256 - 2);
    expect((refused[0] as PromiseRejectedResult).reason).toBeInstanceOf(PasswordQueueFullError);
    expect(await verifyPassword(password, cheap)).toMatchObject({ ok: false });
  });
});

/** A hash that takes no time, for the queue. */
const cheap = '$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg';

describe('a new password', () => {
  it.each([
    'violet kettle runs uphill',
    'N7#kdQ2!vLp9zRw',
    'пять рыжих котов спят',
    '卵焼きと味噌汁の朝ご飯が大好き',
    'Wanderlust-Gabel-Mond-17',
    'x'.repeat(3) + 'k9 marmalade orbit',
    `${'long sentences, with words nobody would put together '.repeat(4)}`,
  ])('may be %s', (candidate) => {
    expect(passwordProblem(candidate)).toBeUndefined();
  });

  it('S12 has at least 15 characters, counted as people count', () => {
    expect(passwordProblem('kettle uphill!')).toMatchObject({ field: 'password', rule: 'length' });
    expect(passwordProblem('🦊🐝🌵🍋🎷🧭🪁')).toMatchObject({ rule: 'length' });
    expect([...'🦊🐝🌵🍋🎷🧭🪁🦉🍄🚲🎲🧶🪐🌋🥝']).toHaveLength(MIN_PASSWORD);
    expect(passwordProblem('🦊🐝🌵🍋🎷🧭🪁🦉🍄🚲🎲🧶🪐🌋🥝')).toBeUndefined();
  });

  it('S12 takes 64 characters and more, and ends at 256', () => {
    const long = (length: number) =>
      Array.from({ length }, (_, n) => String.fromCharCode(97 + ((n * n + 7 * n) % 23))).join('');
    expect(passwordProblem(long(64))).toBeUndefined();
    expect(passwordProblem(long(MAX_PASSWORD))).toBeUndefined();
    expect(passwordProblem(long(MAX_PASSWORD + 1))).toMatchObject({ rule: 'length' });
  });

  it.each([
    'passwordpassword',
    'Password123456789',
    'P@$$w0rd-P@$$w0rd!',
    'aaaaaaaaaaaaaaaaa',
    'abcabcabcabcabcabc',
    '123456789012345678',
    'abcdefghijklmnopqrstuvwxyz',
    'zyxwvutsrqponmlk',
    'qwertyuiopasdfgh',
    'QWERTYUIOP123456',
    '1qaz2wsx3edc4rfv5tgb',
    'correcthorsebatterystaple',
    'Welcome-Summer-2024!',
    'iloveyouiloveyou1',
    'letmeinletmein123',
    'clientforge-admin-2026',
    '                    ',
    '!!!!!!!!!!!!!!!!!!!!',
  ])('is not %s', (candidate) => {
    expect(passwordProblem(candidate)).toMatchObject({ rule: 'guessable' });
  });

  it('is not made of what is known of its owner', () => {
    const about = ['Gavin', 'Belson', 'gavin.belson@hooli.com', 'hooli'];
    expect(passwordProblem('Gavin.Belson.Hooli.1', about)).toMatchObject({ rule: 'guessable' });
    expect(passwordProblem('Gavin.Belson.Hooli.1')).toBeUndefined();
    expect(passwordProblem('gavin hates kettle marmalade', about)).toBeUndefined();
  });

  it('is well-formed text', () => {
    expect(passwordProblem(`violet kettle runs \ud800 uphill`)).toMatchObject({ rule: 'text' });
  });
});
