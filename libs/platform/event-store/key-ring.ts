import { createHmac, createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto';
import { MasterKeys, open, seal, versionedBox, withVersion } from './key-ring-box.js';
import type { KeyStore } from './key-ring-store.js';
import type { NewSubjectKey } from './port.js';

export { open, seal } from './key-ring-box.js';
export { MemoryKeyStore, PostgresKeyStore, type KeyStore } from './key-ring-store.js';

export interface SubjectKey {
  readonly version: number;
  /** Its bytes: tens of thousands of prepared keys make each full garbage collection a stall. */
  readonly key: Uint8Array;
  /** Set while the key is not in the log yet: it travels with the first event it seals. */
  readonly fresh?: NewSubjectKey;
}

/** A subject's keys by version; null where a key was destroyed. */
export type SubjectKeys = readonly (SubjectKey | null | undefined)[];

/** The keys of a tenant as a process knows them. */
interface TenantKeys {
  readonly current: number;
  readonly byVersion: ReadonlyMap<number, KeyObject>;
  /** Purpose → bytes of its key; kept apart since the first key of the tenant was replaced. */
  readonly digests: Readonly<Record<string, string>> | undefined;
}

/**
 * What digests are made for. They name streams and recognise requests, so each keeps its key for
 * ever: a rotation stores those of all purposes.
 */
export const DIGEST_PURPOSES = ['request', 'reservation', 'upsert', 'doctor'] as const;
export type DigestPurpose = (typeof DIGEST_PURPOSES)[number];

const MAX_CACHED = 50_000;
/** How long a key destroyed or replaced by another process may still be remembered here. */
export const KEY_MEMORY_MS = 60_000;

export const tenantKeyAad = (tenantId: string, version: number): string =>
  `tenant:${tenantId}:${version}`;
export const subjectKeyAad = (tenantId: string, subjectId: string, version: number): string =>
  `subject:${tenantId}:${subjectId}:${version}`;

/**
 * Keys of data subjects, wrapped by their tenant's key, wrapped by the master key. A destroyed
 * subject key is null: what it sealed can never be read again.
 */
export class KeyRing {
  readonly masters: MasterKeys;
  private tenants = new Map<string, { keys: Promise<TenantKeys>; readAt: number }>();
  private readonly subjects = new Map<string, { keys: SubjectKeys; readAt: number }>();
  private readonly derived = new Map<string, Promise<KeyObject>>();
  /** Grows when something is forgotten: what was read before that must not be remembered. */
  private forgotten = 0;

  constructor(
    masterKey: Buffer | MasterKeys,
    private readonly store: KeyStore,
    private readonly clock: () => number = Date.now,
    private readonly memoryMs = KEY_MEMORY_MS,
  ) {
    this.masters = masterKey instanceof MasterKeys ? masterKey : new MasterKeys([masterKey]);
  }

  private tenantKeys(tenantId: string): Promise<TenantKeys> {
    const known = this.tenants.get(tenantId);
    if (known && this.clock() - known.readAt < this.memoryMs) return known.keys;
    const { tenants } = this;
    const keys = this.loadTenantKeys(tenantId);
    keys.catch(() => tenants.delete(tenantId));
    tenants.set(tenantId, { keys, readAt: this.clock() });
    return keys;
  }

  private async loadTenantKeys(tenantId: string): Promise<TenantKeys> {
    let stored = await this.store.tenantKeys(tenantId);
    if (stored.length === 0) {
      const wrapped = this.masters.wrap(randomBytes(32), tenantKeyAad(tenantId, 1));
      stored = await this.store.createTenantKey(tenantId, wrapped);
    }
    const byVersion = new Map<number, KeyObject>();
    let digests: TenantKeys['digests'];
    for (const { version, wrapped } of stored) {
      if (wrapped === null) throw new Error(`the keys of tenant ${tenantId} were destroyed`);
      const bytes = await this.masters.unwrap(wrapped, tenantKeyAad(tenantId, version));
      if (version === 0) digests = JSON.parse(bytes.toString()) as Record<string, string>;
      else byVersion.set(version, createSecretKey(bytes));
    }
    return { current: stored.at(-1)!.version, byVersion, digests };
  }

  /** A version of the tenant's key; read again where another process made it since. */
  private async tenantKey(tenantId: string, version: number): Promise<KeyObject> {
    const known = (await this.tenantKeys(tenantId)).byVersion.get(version);
    if (known) return known;
    this.tenants.delete(tenantId);
    const found = (await this.tenantKeys(tenantId)).byVersion.get(version);
    if (!found) throw new Error(`version ${version} of the key of tenant ${tenantId} is gone`);
    return found;
  }

  /** HMAC under a key derived from the tenant's, hex: for request hashes and reservation names. */
  async digest(tenantId: string, purpose: DigestPurpose, text: string): Promise<string> {
    const name = `${tenantId}/${purpose}`;
    let key = this.derived.get(name);
    if (!key) {
      key = this.digestKey(tenantId, purpose);
      key.catch(() => this.derived.delete(name));
      if (this.derived.size > MAX_CACHED) this.derived.clear();
      this.derived.set(name, key);
    }
    return createHmac('sha256', await key)
      .update(text)
      .digest('hex');
  }

  // Derived once: the derivation takes longer than the digest itself.
  private async digestKey(tenantId: string, purpose: DigestPurpose): Promise<KeyObject> {
    const { digests } = await this.tenantKeys(tenantId);
    const kept = digests?.[purpose];
    if (kept) return createSecretKey(Buffer.from(kept, 'base64'));
    const tenant = await this.tenantKey(tenantId, 1);
    return createSecretKey(Buffer.from(hkdfSync('sha256', tenant, '', purpose, 32)));
  }

  /** Purpose → key, base64: what a rotation has to keep. */
  async digestKeys(
    tenantId: string,
    purposes: readonly DigestPurpose[],
  ): Promise<Readonly<Record<string, string>>> {
    const found = purposes.map(async (purpose) => {
      const key = await this.digestKey(tenantId, purpose);
      return [purpose, key.export().toString('base64')] as const;
    });
    return Object.fromEntries(await Promise.all(found));
  }

  /** Seals a snapshot or another whole value under the tenant's key. */
  async sealForTenant(tenantId: string, text: string, aad: string): Promise<string> {
    const { current } = await this.tenantKeys(tenantId);
    return withVersion(current, seal(await this.tenantKey(tenantId, current), text, aad));
  }
  async openForTenant(tenantId: string, text: string, aad: string): Promise<string> {
    const { version, box } = versionedBox(text);
    return open(await this.tenantKey(tenantId, version), box, aad).toString();
  }

  /** Wraps a subject's key with the newest key of its tenant. */
  async wrapSubjectKey(
    tenantId: string,
    { subjectId, version }: Pick<NewSubjectKey, 'subjectId' | 'version'>,
    key: Buffer,
  ): Promise<string> {
    const aad = subjectKeyAad(tenantId, subjectId, version);
    const { current } = await this.tenantKeys(tenantId);
    return withVersion(current, seal(await this.tenantKey(tenantId, current), key, aad));
  }

  /** The bytes of a subject's key. */
  async unwrapSubjectKey(
    tenantId: string,
    { subjectId, version, wrapped }: NewSubjectKey,
  ): Promise<Buffer> {
    const closed = versionedBox(wrapped);
    const tenant = await this.tenantKey(tenantId, closed.version);
    return open(tenant, closed.box, subjectKeyAad(tenantId, subjectId, version));
  }

  /**
   * The keys of these subjects by version, read in one go. `wanted` names the newest version the
   * caller knows of: another process may have made it since the subject's keys were read.
   */
  async keysOf(
    tenantId: string,
    wanted: ReadonlyMap<string, number>,
  ): Promise<ReadonlyMap<string, SubjectKeys>> {
    const found = new Map<string, SubjectKeys>();
    const missing: string[] = [];
    for (const [id, version] of wanted) {
      const known = this.subjects.get(`${tenantId}/${id}`);
      const fresh = known !== undefined && this.clock() - known.readAt < this.memoryMs;
      if (fresh && known.keys.length > version) found.set(id, known.keys);
      else missing.push(id);
    }
    if (missing.length === 0) return found;
    const { forgotten } = this;
    const read = new Map<string, (SubjectKey | null)[]>();
    for (const stored of await this.store.subjectKeys(tenantId, missing)) {
      const { subjectId, version, wrapped } = stored;
      const keys = read.get(subjectId) ?? [];
      keys[version] = null;
      if (wrapped) {
        const bytes = await this.unwrapSubjectKey(tenantId, { subjectId, version, wrapped });
        // A copy: the buffer is a part of a larger one, which it would keep.
        keys[version] = { version, key: new Uint8Array(bytes) };
      }
      read.set(subjectId, keys);
    }
    if (this.subjects.size > MAX_CACHED) this.subjects.clear();
    // Only what exists is remembered: a key may be created by another process a moment later.
    for (const [id, keys] of read) {
      if (forgotten === this.forgotten) {
        this.subjects.set(`${tenantId}/${id}`, { keys, readAt: this.clock() });
      }
      found.set(id, keys);
    }
    return found;
  }

  /** Reads the keys of these subjects ahead, so that what follows need not wait for each. */
  async prefetch(tenantId: string, subjectIds: Iterable<string>): Promise<void> {
    await this.keysOf(tenantId, new Map([...subjectIds].map((id) => [id, 0])));
  }

  /** The key to seal with; a fresh one for a subject without, or after its keys were destroyed. */
  async current(tenantId: string, subjectId: string): Promise<SubjectKey> {
    const keys = (await this.keysOf(tenantId, new Map([[subjectId, 0]]))).get(subjectId) ?? [];
    const last = keys.at(-1);
    if (last) return last;
    const version = Math.max(1, keys.length);
    const key = randomBytes(32);
    const wrapped = await this.wrapSubjectKey(tenantId, { subjectId, version }, key);
    return { version, key, fresh: { subjectId, version, wrapped } };
  }

  /** Drops what is remembered of a subject, after its key was created or destroyed elsewhere. */
  forget(tenantId: string, subjectId: string): void {
    this.forgotten += 1;
    this.subjects.delete(`${tenantId}/${subjectId}`);
  }

  /** Drops everything that is remembered, after keys were destroyed or replaced. */
  forgetAll(): void {
    this.forgotten += 1;
    this.subjects.clear();
    this.derived.clear();
    this.tenants = new Map();
  }

  /** Remembers a fresh key once its first event is stored. */
  stored(tenantId: string, key: SubjectKey, subjectId: string): void {
    const known = this.subjects.get(`${tenantId}/${subjectId}`);
    // Forgotten meanwhile: of a later key the earlier ones have to be read as well.
    if (!known && key.version > 1) return;
    const keys = [...(known?.keys ?? [])];
    keys[key.version] = { version: key.version, key: key.key };
    this.subjects.set(`${tenantId}/${subjectId}`, {
      keys,
      readAt: known?.readAt ?? this.clock(),
    });
  }
}
