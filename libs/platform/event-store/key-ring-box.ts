import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A key as bytes, or prepared once for many uses. */
type CipherKey = Uint8Array | KeyObject;

/** Node takes four times as long with bytes as to prepare them and use that. */
const prepared = (key: CipherKey) => (key instanceof Uint8Array ? createSecretKey(key) : key);

/** AES-256-GCM; the box is base64 of iv ‖ tag ‖ ciphertext. */
export function seal(key: CipherKey, plaintext: Buffer | string, aad: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, prepared(key), iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(aad));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64');
}

/** Opens a box; throws when key, content or associated data differ. */
export function open(key: CipherKey, box: string, aad: string): Buffer {
  const bytes = Buffer.from(box, 'base64');
  const decipher = createDecipheriv(ALGORITHM, prepared(key), bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(aad));
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
}

/** A box with the version of the tenant's key that closed it: `2.<box>`; the first has no number. */
export function withVersion(version: number, box: string): string {
  return version === 1 ? box : `${version}.${box}`;
}

/** The version of the tenant's key a box was closed with, and the box. */
export function versionedBox(text: string): { readonly version: number; readonly box: string } {
  const dot = text.indexOf('.');
  if (dot < 0) return { version: 1, box: text };
  return { version: Number(text.slice(0, dot)), box: text.slice(dot + 1) };
}

interface MasterKey {
  /** Tells master keys apart; says nothing about their bytes. */
  readonly id: string;
  readonly key: KeyObject;
}

function masterKey(bytes: Buffer): MasterKey {
  const id = createHash('sha256').update('master-key').update(bytes).digest('hex').slice(0, 8);
  return { id, key: createSecretKey(bytes) };
}

/** The keys above all others: the first one wraps, those before it still open. */
export class MasterKeys {
  private keys: readonly MasterKey[];

  constructor(
    keys: readonly Buffer[],
    /** Reads them again, because another process may have changed them. */
    private readonly reread?: () => Promise<readonly Buffer[]>,
  ) {
    this.keys = keys.map(masterKey);
  }

  /** Id of the key that wraps. */
  get current(): string {
    return this.keys[0]!.id;
  }

  wrap(bytes: Buffer, aad: string): string {
    const [{ id, key }] = this.keys as readonly [MasterKey];
    return `${id}.${seal(key, bytes, aad)}`;
  }

  /** @throws Error when no key at hand opens the box. */
  async unwrap(wrapped: string, aad: string): Promise<Buffer> {
    const dot = wrapped.indexOf('.');
    const id = wrapped.slice(0, Math.max(0, dot));
    const named = () => this.keys.filter((one) => dot < 0 || one.id === id);
    if (named().length === 0 && this.reread) {
      this.keys = (await this.reread()).map(masterKey);
    }
    // What an older release wrapped names no key.
    const candidates = named().length > 0 ? named() : this.keys;
    for (const [n, { key }] of candidates.entries()) {
      try {
        return open(key, wrapped.slice(dot + 1), aad);
      } catch (error) {
        if (n === candidates.length - 1) throw error;
      }
    }
    throw new Error('there is no master key');
  }
}
