import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.js';
import { readKeyFile } from '../config/master-key.js';
import { canonicalJson } from '../event-store/canonical-json.js';
import { readSeal, type Seal, type SignedSeal } from './seal.js';

/** A key that seals are verified with. */
export interface PublicSealKey {
  /** First 16 hex digits of the SHA-256 of the key in DER. */
  readonly id: string;
  readonly algorithm: 'Ed25519';
  /** SubjectPublicKeyInfo, PEM. */
  readonly publicKey: string;
  /** Whether new seals are signed with it. */
  readonly current: boolean;
}

/** PKCS #8 of an Ed25519 key up to its 32 bytes (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC = /^seal-[0-9a-f]{16}\.pub\.pem$/;

function idOf(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}

/** The installation's signing key, and the public keys it verifies with, earlier ones included. */
export class SealKeys {
  private readonly trusted = new Map<string, KeyObject>();
  private readonly privateKey: KeyObject;
  readonly current: string;

  /** `seed`: the 32 bytes of the Ed25519 key; `others`: public keys, PEM. */
  constructor(seed: Buffer, others: readonly string[] = []) {
    const key = Buffer.concat([PKCS8, seed]);
    this.privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
    const own = createPublicKey(this.privateKey);
    this.current = idOf(own);
    for (const one of [...others.map((pem) => createPublicKey(pem)), own]) {
      this.trusted.set(idOf(one), one);
    }
  }

  get publicKeys(): readonly PublicSealKey[] {
    return [...this.trusted].map(([id, key]) => ({
      id,
      algorithm: 'Ed25519',
      publicKey: key.export({ type: 'spki', format: 'pem' }).toString(),
      current: id === this.current,
    }));
  }

  sign(seal: Omit<Seal, 'key'>): SignedSeal {
    const content = canonicalJson({ ...seal, key: this.current });
    const signature = sign(null, Buffer.from(content), this.privateKey).toString('base64');
    return { content, signature };
  }

  /** What a signed seal states, or why it is not to be believed. */
  open({ content, signature }: SignedSeal): Seal | string {
    const seal = readSeal(content);
    if (!seal) return 'does not have the form of a seal';
    const key = this.trusted.get(seal.key);
    if (!key) return `is signed with the key ${seal.key}, which this installation does not know`;
    const bytes = Buffer.from(signature, 'base64');
    const genuine =
      bytes.toString('base64') === signature && verify(null, Buffer.from(content), key, bytes);
    return genuine ? seal : 'does not have the signature of its content';
  }
}

/**
 * The signing key: the setting, else a file beside the master key, which the first start makes.
 * Public keys are kept beside it as `seal-<id>.pub.pem`: those of earlier keys, and of other
 * machines, are put there for their seals to verify.
 * @throws Error when the key file holds something else than a key; it is never replaced.
 */
export async function readSealKeys({
  sealKey,
  dataDir,
}: Pick<Config, 'sealKey' | 'dataDir'>): Promise<SealKeys> {
  const folder = join(dataDir, 'keys');
  const seed = sealKey
    ? Buffer.from(sealKey, 'base64')
    : await readKeyFile(join(folder, 'seal.key'));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = (await readdir(folder)).filter((name) => PUBLIC.test(name));
  const others = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const keys = new SealKeys(seed, others);
  const own = keys.publicKeys.find(({ current }) => current)!;
  const file = `seal-${own.id}.pub.pem`;
  if (!names.includes(file)) await writeFile(join(folder, file), own.publicKey, { mode: 0o644 });
  return keys;
}
