import { auditedTenants, auditTenant, verifyTenant } from '../audit.js';
import { look, type Check, type DoctorParts, type Found } from './check.js';

/** Subject keys that are unwrapped unless everything is looked at. */
const KEY_SAMPLE = 1_000;

const at = (row: Readonly<Record<string, unknown>>) =>
  `${String(row['stream_id'])} revision ${String(row['version'])} of tenant ${String(row['tenant_id'])}`;

/** Every sealed box of the log: the subject and the version of the key it needs. */
const BOXES = `(SELECT tenant_id, stream_id, version, split_part(key_id, ':', 1)::uuid AS subject,
      split_part(key_id, ':', 2)::int AS key FROM es_event WHERE key_id IS NOT NULL
   UNION ALL
   SELECT tenant_id, stream_id, version, (meta::json -> 'sealed' ->> 'subject')::uuid,
      (meta::json -> 'sealed' ->> 'key')::int FROM es_event WHERE meta LIKE '%"sealed":{%') b`;

/** Also those whose keys are gone: their events are there to be verified. */
async function everyTenant({ database }: DoctorParts): Promise<readonly string[]> {
  const { rows } = await database
    .pool('feed')
    .query<{ id: string }>(
      `SELECT tenant_id AS id FROM es_stream UNION SELECT tenant_id FROM es_event ORDER BY 1`,
    );
  return rows.map(({ id }) => id);
}

async function chains(parts: DoctorParts): Promise<Found> {
  let checked = 0;
  for (const tenantId of await everyTenant(parts)) {
    if (parts.signal?.aborted) throw new Error('cancelled');
    const { events, violations } = await verifyTenant(parts.database, tenantId);
    checked += events;
    const [first] = violations;
    if (!first) continue;
    const { streamId, version, message } = first;
    const example = `${at({ stream_id: streamId, version, tenant_id: tenantId })}: ${message}`;
    return { checked, example };
  }
  return { checked };
}

/** Seals, their signatures and their copy outside the database, against the log. */
async function sealed({ database, seals, signal }: DoctorParts): Promise<Found> {
  if (!seals) return { checked: 0, unchecked: 'the keys of the seals are not at hand' };
  let checked = 0;
  for (const tenantId of await auditedTenants(database, seals.copy)) {
    const options = signal ? { signal } : {};
    const report = await auditTenant({ database, seals }, tenantId, options);
    checked += report.seals;
    const [first] = report.violations;
    if (first) return { checked, example: `${first.message} (tenant ${tenantId})` };
  }
  return { checked };
}

/** Opens wrapped keys with those above them, up to the master key. */
async function unwrapped({ database, keys, deep }: DoctorParts): Promise<Found> {
  const { rows } = await database.pool('feed').query<{ tenant: string; subject: string | null }>(
    `SELECT t.tenant_id AS tenant, s.subject_id AS subject FROM es_tenant_key t
       LEFT JOIN LATERAL (SELECT DISTINCT subject_id FROM es_subject_key k
          WHERE k.tenant_id = t.tenant_id AND wrapped IS NOT NULL
          ORDER BY subject_id ${deep ? '' : `LIMIT ${KEY_SAMPLE}`}) s ON true
      WHERE t.destroyed_at IS NULL`,
  );
  for (const { tenant, subject } of rows) {
    try {
      if (subject) await keys.keysOf(tenant, new Map([[subject, 0]]));
      else await keys.digest(tenant, 'doctor', '');
    } catch {
      const whose = subject ? `of subject ${subject} of` : 'of';
      return { checked: rows.length, example: `the key ${whose} tenant ${tenant} does not open` };
    }
  }
  return { checked: rows.length };
}

export const logChecks: readonly Check[] = [
  {
    name: 'versions',
    invariant: 'I2',
    title: 'stream versions are contiguous',
    unit: 'events',
    run: (parts) =>
      look(
        parts,
        'feed',
        'es_event',
        `SELECT * FROM (SELECT tenant_id, stream_id, version, row_number() OVER (
            PARTITION BY tenant_id, stream_id ORDER BY version) AS expected FROM es_event) e
          WHERE version <> expected`,
        (row) => `${at(row)} stands where ${String(row['expected'])} should`,
      ),
  },
  {
    name: 'event-ids',
    invariant: 'I2',
    title: 'event ids are unique',
    unit: 'events',
    run: (parts) =>
      look(
        parts,
        'feed',
        'es_event',
        `SELECT event_id, count(*) AS n FROM es_event GROUP BY event_id HAVING count(*) > 1`,
        ({ event_id: id, n }) => `${String(n)} events have the id ${String(id)}`,
      ),
  },
  {
    name: 'cursors',
    invariant: 'I2',
    title: 'the feed has each event once and no stream out of order',
    unit: 'events',
    run: (parts) =>
      look(
        parts,
        'feed',
        'es_event',
        `SELECT * FROM (SELECT tenant_id, stream_id, version, epoch, xid, pos,
             lag(epoch) OVER s AS e, lag(xid) OVER s AS x, lag(pos) OVER s AS p,
             count(*) OVER (PARTITION BY epoch, xid, pos) AS n
            FROM es_event WINDOW s AS (PARTITION BY tenant_id, stream_id ORDER BY version)) e
          WHERE n > 1 OR (epoch, xid, pos) <= (e, x, p)`,
        (row) =>
          `${at(row)} ${row['n'] === '1' ? 'comes before an earlier one' : 'shares its place'}`,
      ),
  },
  {
    name: 'chains',
    invariant: 'I11',
    title: 'every hash chain verifies',
    unit: 'events',
    run: chains,
  },
  {
    name: 'seals',
    invariant: 'I11',
    title: 'seals, signatures and their copy outside agree with the log',
    unit: 'seals',
    deep: true,
    run: sealed,
  },
  {
    name: 'boxes',
    title: 'every sealed box has its key, or the mark of its erasure',
    unit: 'boxes',
    run: (parts) =>
      look(
        parts,
        'feed',
        BOXES,
        `SELECT b.* FROM ${BOXES} LEFT JOIN es_subject_key k ON k.tenant_id = b.tenant_id
            AND k.subject_id = b.subject AND k.version = b.key
          WHERE k.subject_id IS NULL OR (k.wrapped IS NULL AND k.destroyed_at IS NULL)`,
        (row) => `${at(row)} needs key ${String(row['key'])} of ${String(row['subject'])}`,
      ),
  },
  {
    name: 'keys',
    title: 'keys open with those they are wrapped by',
    unit: 'subjects',
    run: unwrapped,
  },
];
