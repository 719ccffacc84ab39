import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { RefusalDetail } from '#kernel/refusal';
import { isGuessable } from './common-passwords.js';

/** Fewest characters of a password that stands alone, without a second factor. */
export const MIN_PASSWORD = 15;
/** Fewest beside a second factor that the workspace asks of the person. */
export const MIN_PASSWORD_WITH_FACTOR = 8;
export const MAX_PASSWORD = 256;

interface Cost {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}
const cost: Cost = { memory: 46 * 1024, passes: 1, parallelism: 1 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;
const MAX_MEMORY = 1024 * 1024;

/** Too many sign-ins wait for their hash at once; the caller answers 503 and asks to come back. */
export class PasswordQueueFullError extends Error {
  constructor() {
    super('Too many passwords are being checked at once; try again in a few seconds.');
  }
}

const MAX_RUNNING = 2;
const MAX_WAITING = 256;
let running = 0;
const waiting: (() => void)[] = [];

/** At most two hashes at a time: each takes 46 MiB and a thread of the pool all others share. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= MAX_RUNNING) {
    if (waiting.length >= MAX_WAITING) throw new PasswordQueueFullError();
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running++;
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

const argon2Async = promisify(argon2);

/** Composed characters, so that a password typed on another keyboard stays the same (RFC 8265). */
function derive(
  password: string,
  nonce: Buffer,
  { memory, passes, parallelism }: Cost,
  bytes: number,
) {
  const message = Buffer.from(password.normalize('NFC'), 'utf8');
  return inTurn(() =>
    argon2Async('argon2id', { message, nonce, memory, passes, parallelism, tagLength: bytes }),
  );
}

const base64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');

/** Hashes a password with argon2id; the answer is a PHC string. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await derive(password, salt, cost, TAG_BYTES);
  const { memory, passes, parallelism } = cost;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
}

interface StoredHash {
  readonly cost: Cost;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

const BYTES = '([A-Za-z0-9+/]{11,86})';
const PHC = new RegExp(
  `^\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,2})\\$${BYTES}\\$${BYTES}$`,
);

function parse(stored: string): StoredHash | undefined {
  const parts = PHC.exec(stored);
  if (!parts) return undefined;
  const [memory, passes, parallelism] = parts.slice(1, 4).map(Number) as [number, number, number];
  if (memory > MAX_MEMORY || memory < 8 * parallelism || passes < 1 || parallelism < 1) {
    return undefined;
  }
  const [salt, tag] = parts.slice(4).map((part) => Buffer.from(part, 'base64')) as [Buffer, Buffer];
  return { cost: { memory, passes, parallelism }, salt, tag };
}

/** Nobody's hash: checking against it takes as long as against anybody's. */
const nobody: StoredHash = { cost, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) };

export interface PasswordCheck {
  readonly ok: boolean;
  /** The hash is weaker than those made today: store `hashPassword` of the password anew. */
  readonly rehash: boolean;
}

/**
 * Compares a password with a stored hash in constant time. Without one (an unknown person, or one
 * who signs in elsewhere) the same work is done, so the time tells nothing. Runs outside of any
 * transaction: it takes tens of milliseconds.
 */
export async function verifyPassword(
  password: string,
  stored: string | null | undefined,
): Promise<PasswordCheck> {
  const parsed = stored ? parse(stored) : undefined;
  const { salt, tag, cost: spent } = parsed ?? nobody;
  const actual = await derive(password, salt, spent, tag.length);
  const ok = timingSafeEqual(actual, tag) && parsed !== undefined;
  const weaker = spent.memory < cost.memory || spent.passes < cost.passes || tag.length < TAG_BYTES;
  return { ok, rehash: ok && weaker };
}

/** Characters of a password, however its keyboard composed them. */
export const passwordLength = (password: string): number => [...password.normalize('NFC')].length;

/**
 * What is wrong with a new password, if anything. `about` is what an attacker knows: names, the
 * parts of the e-mail address, the workspace.
 */
export function passwordProblem(
  password: string,
  about: readonly string[] = [],
  minimum = MIN_PASSWORD,
): RefusalDetail | undefined {
  const problem = (rule: string, message: string, remedy: string): RefusalDetail => ({
    field: 'password',
    rule,
    message,
    remedy,
  });
  if (!password.isWellFormed()) {
    return problem('text', 'The password holds half of a character.', 'Type it again.');
  }
  const length = passwordLength(password);
  if (length < minimum) {
    return problem(
      'length',
      `A password needs at least ${minimum} characters; this one has ${length}.`,
      'A few unrelated words with spaces between them are fine.',
    );
  }
  if (length > MAX_PASSWORD) {
    return problem(
      'length',
      `A password has at most ${MAX_PASSWORD} characters; this one has ${length}.`,
      'Choose a shorter one.',
    );
  }
  if (isGuessable(password, about)) {
    return problem(
      'guessable',
      'The password is among those tried first: common words, sequences or your own names.',
      'Choose unrelated words, or let a password manager make one.',
    );
  }
  return undefined;
}
