import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Seconds a code is shown. */
export const TOTP_SECONDS = 30;

const BYTES = 20;
const DIGITS = 6;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function bits(text: string): string {
  return [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
}

function base32(bytes: Buffer): string {
  const all = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return all.replaceAll(/.{5}/g, (five) => ALPHABET[parseInt(five, 2)]!);
}

function bytesOf(secret: string): Buffer {
  const eights = bits(secret).match(/.{8}/g) ?? [];
  return Buffer.from(eights.map((eight) => parseInt(eight, 2)));
}

/** A new secret of 160 random bits, base32. */
export function newTotpSecret(): string {
  return base32(randomBytes(BYTES));
}

/** The address an authenticator app reads, mostly from a QR code. */
export function totpUri(secret: string, issuer: string, label: string): string {
  const name = `${encodeURIComponent(issuer)}:${encodeURIComponent(label)}`;
  const of = new URLSearchParams({ secret, issuer }).toString().replaceAll('+', '%20');
  return `otpauth://totp/${name}?${of}&algorithm=SHA1&digits=${DIGITS}&period=${TOTP_SECONDS}`;
}

/** Whether something typed can be a code. */
export function totpCodeOf(typed: string): string | undefined {
  const plain = typed.replaceAll(/\s/g, '');
  return /^[0-9]{6}$/.test(plain) ? plain : undefined;
}

/** The code of a time step (RFC 6238 over RFC 4226); SHA-1 is what every app reads. */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', bytesOf(secret)).update(counter).digest();
  const at = mac.at(-1)! & 0xf;
  const number = mac.readUInt32BE(at) & 0x7fff_ffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

/**
 * The time step a code belongs to: this one, or one before or after it, because clocks differ and
 * people are slow. Undefined when it belongs to none; whether it was used before is for the caller
 * to know.
 */
export function totpStep(secret: string, code: string, now: Date): number | undefined {
  const step = Math.floor(now.getTime() / 1000 / TOTP_SECONDS);
  const given = Buffer.from(code);
  return [step, step - 1, step + 1].find((one) => {
    const right = Buffer.from(totpCode(secret, one));
    return right.length === given.length && timingSafeEqual(right, given);
  });
}
