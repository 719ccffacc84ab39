import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { JobDocuments } from '../jobs/documents.js';
import type { Database, Queryable } from '../postgres/database.js';
import type { WakeUp } from '../projections/wake-up.js';
import { sealColumnsAnew } from './sealed-columns.js';
import { DIGEST_PURPOSES, KEY_MEMORY_MS, tenantKeyAad, type KeyRing } from './key-ring.js';

export interface RotationParts {
  readonly database: Database;
  readonly keys: KeyRing;
  readonly wakeUp: WakeUp;
}

export interface RotationOptions {
  readonly signal?: AbortSignal;
  /** Keys wrapped anew so far. */
  readonly progress?: (keys: number, share?: number) => void;
  /** Milliseconds for which other processes may use the old key. */
  readonly memoryMs?: number;
}

/** What a rotation came to. */
export interface TenantRotation {
  readonly tenantId: string;
  /** Version of the key that wraps from now on. */
  readonly version: number;
  readonly subjectKeys: number;
  readonly jobs: number;
  /** Snapshots that were dropped; they are made anew. */
  readonly snapshots: number;
  /** Milliseconds spent wrapping, waiting left out. */
  readonly workMs: number;
}

/** Cancelled by the operator: begun again it goes on. */
export class RotationCancelled extends Error {}

const CHUNK = 500;
/** A statement under way when the memory of a key ended. */
const MARGIN_MS = 5_000;

/**
 * Gives a tenant a new key and wraps all keys of its subjects anew, in chunks, while commands go
 * on; then removes the old one. What digests are made with is kept, because names of streams follow
 * from it. Cancelled or crashed, it goes on when it is begun again.
 */
export async function rotateTenantKey(
  parts: RotationParts,
  tenantId: string,
  options: RotationOptions = {},
): Promise<TenantRotation> {
  const { database, keys, wakeUp } = parts;
  const { memoryMs = KEY_MEMORY_MS } = options;
  const { version, ageMs } = await beginVersion(parts, tenantId);
  keys.forgetAll();
  wakeUp.signal('keys');
  let work = Date.now();
  const first = await wrapAnew(parts, tenantId, version, options);
  let workMs = Date.now() - work;
  // Whoever has not heard of the new key wraps with the old one until the memory of it ends.
  const age = ageMs + workMs;
  await sleep(Math.max(0, memoryMs + Math.min(MARGIN_MS, memoryMs) - age), undefined, {
    ...(options.signal ? { signal: options.signal } : {}),
  }).catch(() => {
    throw new RotationCancelled('cancelled');
  });
  work = Date.now();
  const rest = await wrapAnew(parts, tenantId, version, options);
  const { rowCount } = await database.pool('projector').query(
    `DELETE FROM es_tenant_key WHERE tenant_id = $1 AND version > 0 AND version < $2
        AND NOT EXISTS (SELECT FROM es_subject_key WHERE tenant_id = $1
          AND wrapped IS NOT NULL AND wrapped NOT LIKE $3)`,
    [tenantId, version, `${version}.%`],
  );
  if (!rowCount) throw new Error('The old key is still in use, so it was kept; begin again.');
  keys.forgetAll();
  wakeUp.signal('keys');
  workMs += Date.now() - work;
  const subjectKeys = first.subjectKeys + rest.subjectKeys;
  const jobs = first.jobs + rest.jobs;
  return {
    tenantId,
    version,
    subjectKeys,
    jobs,
    snapshots: first.snapshots + rest.snapshots,
    workMs,
  };
}

/** The newest version where an earlier rotation was cut short, else a new one. */
async function beginVersion({ database, keys }: RotationParts, tenantId: string) {
  // A tenant without a key gets its first one.
  const digests = await keys.digestKeys(tenantId, DIGEST_PURPOSES);
  return database.transaction('projector', 'BEGIN', async (query) => {
    const { rows } = await query.query<{ version: number; age: number }>(
      `SELECT version, (extract(epoch FROM clock_timestamp() - created_at) * 1000)::float8 AS age
         FROM es_tenant_key WHERE tenant_id = $1 ORDER BY version FOR UPDATE`,
      [tenantId],
    );
    const numbered = rows.filter(({ version }) => version > 0);
    const newest = numbered.at(-1)!;
    if (numbered.length > 1) return { version: newest.version, ageMs: newest.age };
    const store = (version: number, bytes: Buffer) =>
      query.query('INSERT INTO es_tenant_key (tenant_id, version, wrapped) VALUES ($1, $2, $3)', [
        tenantId,
        version,
        keys.masters.wrap(bytes, tenantKeyAad(tenantId, version)),
      ]);
    if (numbered.length === rows.length) await store(0, Buffer.from(JSON.stringify(digests)));
    const version = newest.version + 1;
    await store(version, randomBytes(32));
    return { version, ageMs: 0 };
  });
}

/** Wraps everything of a tenant with the newest key that is not yet. */
async function wrapAnew(
  parts: RotationParts,
  tenantId: string,
  version: number,
  { signal, progress }: RotationOptions,
) {
  const { database, keys } = parts;
  const old = `wrapped IS NOT NULL AND wrapped NOT LIKE '${version}.%'`;
  const { rows: counted } = await database
    .pool('projector')
    .query<{ n: string }>(
      `SELECT count(*) AS n FROM es_subject_key WHERE tenant_id = $1 AND ${old}`,
      [tenantId],
    );
  const total = Math.max(1, Number(counted[0]!.n));
  let subjectKeys = 0;
  let after = ['00000000-0000-0000-0000-000000000000', 0] as readonly [string, number];
  for (;;) {
    if (signal?.aborted) throw new RotationCancelled('cancelled');
    const { rows } = await database
      .pool('projector')
      .query<{ subject_id: string; version: number; wrapped: string }>(
        `SELECT subject_id, version, wrapped FROM es_subject_key
          WHERE tenant_id = $1 AND (subject_id, version) > ($2, $3) AND ${old}
          ORDER BY subject_id, version LIMIT ${CHUNK}`,
        [tenantId, ...after],
      );
    const last = rows.at(-1);
    if (!last) break;
    const anew = await Promise.all(
      rows.map(async ({ subject_id: subjectId, version: of, wrapped }) => {
        const key = { subjectId, version: of, wrapped };
        return keys.wrapSubjectKey(tenantId, key, await keys.unwrapSubjectKey(tenantId, key));
      }),
    );
    // Only what is as it was read: a key destroyed meanwhile stays so.
    const { rowCount } = await database.pool('projector').query(
      `UPDATE es_subject_key k SET wrapped = n.anew
         FROM unnest($2::uuid[], $3::int[], $4::text[], $5::text[]) AS n(subject, version, was, anew)
        WHERE k.tenant_id = $1 AND k.subject_id = n.subject AND k.version = n.version
          AND k.wrapped = n.was`,
      [
        tenantId,
        rows.map((row) => row.subject_id),
        rows.map((row) => row.version),
        rows.map((row) => row.wrapped),
        anew,
      ],
    );
    subjectKeys += rowCount ?? 0;
    progress?.(subjectKeys, Math.min(1, subjectKeys / total));
    after = [last.subject_id, last.version];
  }
  const jobs = await sealJobs(parts, tenantId, version);
  await sealColumnsAnew(parts, tenantId, version);
  const snapshots = await database.tenant(tenantId, (query) =>
    query.query('DELETE FROM es_snapshot WHERE tenant_id = $1 AND state NOT LIKE $2', [
      tenantId,
      `${version}.%`,
    ]),
  );
  return { subjectKeys, jobs, snapshots: snapshots.rowCount ?? 0 };
}

const PARTS = ['input', 'checkpoint', 'result'] as const;

/** Seals what jobs keep with the newest key. */
async function sealJobs(
  { database, keys }: RotationParts,
  tenantId: string,
  version: number,
): Promise<number> {
  const documents = new JobDocuments(keys);
  let sealed = 0;
  for (const part of PARTS) {
    for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
      const { rows } = await database.pool('projector').query<{ id: string; box: string }>(
        `SELECT id, ${part} AS box FROM job WHERE tenant_id = $1 AND id > $2
            AND ${part} NOT LIKE '${version}.%' ORDER BY id LIMIT 50`,
        [tenantId, after],
      );
      const last = rows.at(-1);
      if (!last) break;
      for (const { id, box } of rows) {
        const ref = { tenantId, id };
        const anew = await documents.seal(ref, part, await documents.open(ref, part, box));
        const { rowCount } = await database
          .pool('projector')
          .query(`UPDATE job SET ${part} = $3 WHERE tenant_id = $1 AND id = $2 AND ${part} = $4`, [
            tenantId,
            id,
            anew,
            box,
          ]);
        sealed += rowCount ?? 0;
      }
      after = last.id;
    }
  }
  return sealed;
}

/** Wraps the keys of all tenants with the newest master key. Answers how many were not yet. */
export async function rotateMasterKey({ database, keys, wakeUp }: RotationParts): Promise<number> {
  const { masters } = keys;
  const query = database.pool('projector') as unknown as Queryable;
  let wrapped = 0;
  // Those that other processes make meanwhile with the old key are found by the next round.
  for (let found = 1; found > 0;) {
    const { rows } = await query.query<{ tenant_id: string; version: number; wrapped: string }>(
      `SELECT tenant_id, version, wrapped FROM es_tenant_key WHERE wrapped NOT LIKE $1 LIMIT ${CHUNK}`,
      [`${masters.current}.%`],
    );
    found = rows.length;
    for (const row of rows) {
      const aad = tenantKeyAad(row.tenant_id, row.version);
      const anew = masters.wrap(await masters.unwrap(row.wrapped, aad), aad);
      const { rowCount } = await query.query(
        `UPDATE es_tenant_key SET wrapped = $3
          WHERE tenant_id = $1 AND version = $2 AND wrapped = $4`,
        [row.tenant_id, row.version, anew, row.wrapped],
      );
      wrapped += rowCount ?? 0;
    }
  }
  keys.forgetAll();
  wakeUp.signal('keys');
  return wrapped;
}
