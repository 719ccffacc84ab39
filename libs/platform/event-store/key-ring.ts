import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import type { Queryable } from '../postgres/database.js';
import type { NewSubjectKey } from './port.js';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A key as bytes, or prepared once, which makes each use many times faster. */
type CipherKey = Buffer | KeyObject;

/** AES-256-GCM; the box is base64 of iv ‖ tag ‖ ciphertext. */
export function seal(key: CipherKey, plaintext: Buffer | string, aad: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(aad));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64');
}

/** Opens a box; throws when key, content or associated data differ. */
export function open(key: CipherKey, box: string, aad: string): Buffer {
  const bytes = Buffer.from(box, 'base64');
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(aad));
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
}

/** Where the key ring keeps wrapped keys; the log's own tables, or memory. */
export interface KeyStore {
  tenantKey(tenantId: string): Promise<string | undefined>;
  /** Stores the first key of a tenant; a key that came first wins. */
  createTenantKey(tenantId: string, wrapped: string): Promise<string>;
  subjectKeys(
    tenantId: string,
    subjectIds: readonly string[],
  ): Promise<readonly { subjectId: string; version: number; wrapped: string | null }[]>;
}

export interface SubjectKey {
  readonly version: number;
  readonly key: KeyObject;
  /** Set while the key is not in the log yet: it travels with the first event it seals. */
  readonly fresh?: NewSubjectKey;
}

/** A subject's keys by version; null where a key was destroyed. */
export type SubjectKeys = readonly (SubjectKey | null | undefined)[];

const MAX_CACHED = 50_000;
/** How long a key destroyed by another process may still be remembered here. */
export const KEY_MEMORY_MS = 60_000;

/**
 * Keys of data subjects, wrapped by their tenant's key, wrapped by the master key. A destroyed
 * subject key is null: what it sealed can never be read again.
 */
export class KeyRing {
  private readonly tenants = new Map<string, Promise<KeyObject>>();
  private readonly subjects = new Map<string, { keys: SubjectKeys; readAt: number }>();
  private readonly digestKeys = new Map<string, Promise<KeyObject>>();

  private readonly masterKey: KeyObject;

  constructor(
    masterKey: Buffer,
    private readonly store: KeyStore,
    private readonly clock: () => number = Date.now,
  ) {
    this.masterKey = createSecretKey(masterKey);
  }

  private tenantKey(tenantId: string): Promise<KeyObject> {
    let key = this.tenants.get(tenantId);
    if (!key) {
      key = this.loadTenantKey(tenantId);
      key.catch(() => this.tenants.delete(tenantId));
      this.tenants.set(tenantId, key);
    }
    return key;
  }

  private async loadTenantKey(tenantId: string): Promise<KeyObject> {
    const aad = `tenant:${tenantId}:1`;
    const wrapped =
      (await this.store.tenantKey(tenantId)) ??
      (await this.store.createTenantKey(tenantId, seal(this.masterKey, randomBytes(32), aad)));
    return createSecretKey(open(this.masterKey, wrapped, aad));
  }

  /** HMAC under a key derived from the tenant's, hex: for request hashes and reservation names. */
  async digest(tenantId: string, purpose: string, text: string): Promise<string> {
    const name = `${tenantId}/${purpose}`;
    let key = this.digestKeys.get(name);
    if (!key) {
      key = this.digestKey(tenantId, purpose);
      key.catch(() => this.digestKeys.delete(name));
      if (this.digestKeys.size > MAX_CACHED) this.digestKeys.clear();
      this.digestKeys.set(name, key);
    }
    return createHmac('sha256', await key)
      .update(text)
      .digest('hex');
  }

  // Derived once: the derivation takes longer than the digest itself.
  private async digestKey(tenantId: string, purpose: string): Promise<KeyObject> {
    const tenant = await this.tenantKey(tenantId);
    return createSecretKey(Buffer.from(hkdfSync('sha256', tenant, '', purpose, 32)));
  }

  /** Seals a snapshot or another whole value under the tenant's key. */
  async sealForTenant(tenantId: string, text: string, aad: string): Promise<string> {
    return seal(await this.tenantKey(tenantId), text, aad);
  }
  async openForTenant(tenantId: string, box: string, aad: string): Promise<string> {
    return open(await this.tenantKey(tenantId), box, aad).toString();
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
      const fresh = known !== undefined && this.clock() - known.readAt < KEY_MEMORY_MS;
      if (fresh && known.keys.length > version) found.set(id, known.keys);
      else missing.push(id);
    }
    if (missing.length === 0) return found;
    const tenant = await this.tenantKey(tenantId);
    const read = new Map<string, (SubjectKey | null)[]>();
    for (const { subjectId, version, wrapped } of await this.store.subjectKeys(tenantId, missing)) {
      const keys = read.get(subjectId) ?? [];
      const aad = subjectAad(tenantId, subjectId, version);
      keys[version] = wrapped
        ? { version, key: createSecretKey(open(tenant, wrapped, aad)) }
        : null;
      read.set(subjectId, keys);
    }
    if (this.subjects.size > MAX_CACHED) this.subjects.clear();
    // Only what exists is remembered: a key may be created by another process a moment later.
    for (const [id, keys] of read) {
      this.subjects.set(`${tenantId}/${id}`, { keys, readAt: this.clock() });
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
    const aad = subjectAad(tenantId, subjectId, version);
    const wrapped = seal(await this.tenantKey(tenantId), key, aad);
    return { version, key: createSecretKey(key), fresh: { subjectId, version, wrapped } };
  }

  /** Drops what is remembered of a subject, after its key was created or destroyed elsewhere. */
  forget(tenantId: string, subjectId: string): void {
    this.subjects.delete(`${tenantId}/${subjectId}`);
  }

  /** Remembers a fresh key once its first event is stored. */
  stored(tenantId: string, key: SubjectKey, subjectId: string): void {
    const known = this.subjects.get(`${tenantId}/${subjectId}`);
    const keys = [...(known?.keys ?? [])];
    keys[key.version] = { version: key.version, key: key.key };
    this.subjects.set(`${tenantId}/${subjectId}`, {
      keys,
      readAt: known?.readAt ?? this.clock(),
    });
  }
}

function subjectAad(tenantId: string, subjectId: string, version: number): string {
  return `subject:${tenantId}:${subjectId}:${version}`;
}

/** Wrapped keys in the log's tables; `tenant` runs a query with the tenant's rows visible. */
export class PostgresKeyStore implements KeyStore {
  constructor(
    private readonly tenant: <T>(id: string, work: (query: Queryable) => Promise<T>) => Promise<T>,
  ) {}

  tenantKey(tenantId: string): Promise<string | undefined> {
    return this.tenant(tenantId, async (query) => {
      const { rows } = await query.query<{ wrapped: string }>(
        'SELECT wrapped FROM es_tenant_key WHERE tenant_id = $1 ORDER BY version LIMIT 1',
        [tenantId],
      );
      return rows[0]?.wrapped;
    });
  }

  async createTenantKey(tenantId: string, wrapped: string): Promise<string> {
    await this.tenant(tenantId, (query) =>
      query.query(
        `INSERT INTO es_tenant_key (tenant_id, version, wrapped) VALUES ($1, 1, $2)
         ON CONFLICT DO NOTHING`,
        [tenantId, wrapped],
      ),
    );
    return (await this.tenantKey(tenantId))!;
  }

  subjectKeys(tenantId: string, subjectIds: readonly string[]) {
    return this.tenant(tenantId, async (query) => {
      const { rows } = await query.query<{
        subject_id: string;
        version: number;
        wrapped: string | null;
      }>(
        `SELECT subject_id, version, wrapped FROM es_subject_key
          WHERE tenant_id = $1 AND subject_id = ANY ($2::uuid[]) ORDER BY version`,
        [tenantId, subjectIds],
      );
      return rows.map((row) => ({ ...row, subjectId: row.subject_id }));
    });
  }
}

/** Wrapped keys in memory, beside the in-memory log. */
export class MemoryKeyStore implements KeyStore {
  private readonly tenants = new Map<string, string>();
  private readonly subjects = new Map<string, NewSubjectKey[]>();

  tenantKey(tenantId: string): Promise<string | undefined> {
    return Promise.resolve(this.tenants.get(tenantId));
  }
  createTenantKey(tenantId: string, wrapped: string): Promise<string> {
    if (!this.tenants.has(tenantId)) this.tenants.set(tenantId, wrapped);
    return Promise.resolve(this.tenants.get(tenantId)!);
  }
  add(tenantId: string, keys: readonly NewSubjectKey[]): void {
    for (const key of keys) {
      const name = `${tenantId}/${key.subjectId}`;
      this.subjects.set(name, [...(this.subjects.get(name) ?? []), key]);
    }
  }
  /** The newest version of a subject's key; 0 without one. */
  newest(tenantId: string, subjectId: string): number {
    return this.subjects.get(`${tenantId}/${subjectId}`)?.at(-1)?.version ?? 0;
  }
  subjectKeys(tenantId: string, subjectIds: readonly string[]) {
    return Promise.resolve(
      subjectIds.flatMap((subjectId) => this.subjects.get(`${tenantId}/${subjectId}`) ?? []),
    );
  }
}
