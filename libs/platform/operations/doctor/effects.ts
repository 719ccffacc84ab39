import { erasureEvents } from '#event-schemas/platform/erasure.events';
import { dueEffects, type DueEffect } from '../../effects/due-effects.js';
import { EFFECT_KIND, effectJobId } from '../../effects/effect.js';
import { EffectMarks } from '../../effects/marks.js';
import { ERASURE_JOB } from '../../erasure/forget-jobs.js';
import { isDestroyed } from '../../event-store/tables.sql.js';
import { JobDocuments } from '../../jobs/documents.js';
import { processorOf } from '../../sagas/runner.js';
import type { Check, DoctorParts, Found } from './check.js';

const DAY_MS = 86_400_000;
const PAGE = 500;
const FIRST = '00000000-0000-0000-0000-000000000000';

/**
 * The first of these effects that was passed over. One of a parked stream, of a suspended or a
 * deleted workspace, and one whose job an erasure may have deleted, has no job rightly.
 */
async function passedOver(
  { database }: DoctorParts,
  missing: readonly DueEffect[],
): Promise<DueEffect | undefined> {
  const after = (one: string, other: string) =>
    `(${one}.epoch, ${one}.xid, ${one}.pos) > (${other}.epoch, ${other}.xid, ${other}.pos)`;
  const { rows } = await database.pool('projector').query<{ n: string }>(
    `SELECT d.n FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[])
        WITH ORDINALITY AS d (tenant_id, job_id, processor, stream_id, version, n)
       JOIN es_event e USING (tenant_id, stream_id, version)
       JOIN es_checkpoint c ON c.processor = d.processor AND NOT ${after('e', 'c')}
      WHERE NOT EXISTS (SELECT FROM job j WHERE j.tenant_id = d.tenant_id AND j.id = d.job_id)
        AND NOT EXISTS (SELECT FROM es_dead_letter l WHERE l.processor = d.processor
          AND l.tenant_id = d.tenant_id AND l.event_id = e.event_id)
        AND NOT EXISTS (SELECT FROM es_standstill s WHERE s.processor = d.processor
          AND s.tenant_id = d.tenant_id AND ${after('e', 's')})
        AND NOT EXISTS (SELECT FROM es_event x WHERE x.tenant_id = d.tenant_id
          AND x.stream_id LIKE 'erasure-%' AND x.type = '${erasureEvents.erased.type}'
          AND ${after('x', 'e')})
        AND NOT EXISTS (SELECT FROM job j WHERE j.tenant_id = d.tenant_id
          AND j.kind = '${ERASURE_JOB}' AND j.finished_at IS NULL)
        AND NOT ${isDestroyed('d.tenant_id')}
      ORDER BY d.n LIMIT 1`,
    [
      missing.map(({ event }) => event.tenantId),
      missing.map(({ id }) => id),
      missing.map(({ effect }) => processorOf(effect)),
      missing.map(({ event }) => event.streamId),
      missing.map(({ event }) => event.version),
    ],
  );
  return rows[0] && missing[Number(rows[0].n) - 1];
}

interface EffectJob {
  readonly tenant_id: string;
  readonly id: string;
  readonly kind: string;
  readonly input: string;
}

/** What the job of an effect takes; nothing where it cannot be read. */
interface Place {
  readonly streamId?: string;
  readonly version?: number;
}

const JOBS = `SELECT tenant_id, id, kind, input FROM job
  WHERE kind LIKE '${EFFECT_KIND}%' AND NOT ${isDestroyed('tenant_id')}`;

/** The first of these jobs that does not belong to the event it names. */
async function strayOf(
  { database, keys }: DoctorParts,
  jobs: readonly EffectJob[],
): Promise<EffectJob | undefined> {
  const documents = new JobDocuments(keys);
  const places = await Promise.all(
    jobs.map(async ({ tenant_id: tenantId, id, input }): Promise<Place> => {
      const opened = documents.open({ tenantId, id }, 'input', input) as Promise<Place>;
      return opened.catch(() => ({}));
    }),
  );
  const { rows } = await database.pool('projector').query<{ event_id: string | null }>(
    `SELECT e.event_id FROM unnest($1::uuid[], $2::text[], $3::bigint[])
        WITH ORDINALITY AS p (tenant_id, stream_id, version, n)
       LEFT JOIN es_event e USING (tenant_id, stream_id, version) ORDER BY p.n`,
    [
      jobs.map((job) => job.tenant_id),
      places.map(({ streamId }) => streamId),
      places.map(({ version }) => version),
    ],
  );
  return jobs.find(({ tenant_id: tenantId, id, kind }, index) => {
    const eventId = rows[index]?.event_id;
    return !eventId || effectJobId(kind.slice(EFFECT_KIND.length), { tenantId, eventId }) !== id;
  });
}

/** The first job that belongs to no event. */
async function firstStray(parts: DoctorParts): Promise<EffectJob | undefined> {
  const pool = parts.database.pool('projector');
  for (let after = [FIRST, FIRST], more = true; more;) {
    if (parts.signal?.aborted) throw new Error('cancelled');
    const { rows } = await pool.query<EffectJob>(
      `${JOBS} AND (tenant_id, id) > ($1::uuid, $2::uuid) ORDER BY tenant_id, id LIMIT ${PAGE}`,
      after,
    );
    const suspect = await strayOf(parts, rows);
    if (suspect) {
      // Keys may have been changed or destroyed meanwhile, and the job be gone.
      parts.keys.forgetAll();
      const again = await pool.query<EffectJob>(`${JOBS} AND tenant_id = $1 AND id = $2`, [
        suspect.tenant_id,
        suspect.id,
      ]);
      const stray = await strayOf(parts, again.rows);
      if (stray) return stray;
    }
    const last = suspect ?? rows.at(-1);
    more = last !== undefined && (suspect !== undefined || rows.length === PAGE);
    if (last) after = [last.tenant_id, last.id];
  }
  return undefined;
}

async function effects(parts: DoctorParts): Promise<Found> {
  const { database, jobKeepDays, signal } = parts;
  if (!(await new EffectMarks(database).isWhole())) {
    const unchecked = 'no worker has noted that the table of jobs is whole';
    return { checked: 0, unchecked };
  }
  let checked = 0;
  // Half a day less: workers delete meanwhile, and by another clock.
  const since = new Date(Date.now() - (jobKeepDays - 0.5) * DAY_MS);
  for await (const { due, missing } of dueEffects(parts, parts.effects, { since, signal })) {
    checked += due - missing.length;
    const lost = missing.length > 0 ? await passedOver(parts, missing) : undefined;
    if (!lost) continue;
    const { effect, event } = lost;
    const example = `${event.streamId} revision ${event.version}: no job of ${effect.name}`;
    return { checked, example };
  }
  const stray = await firstStray(parts);
  if (!stray) return { checked };
  return { checked, example: `job ${stray.id} (${stray.kind}) belongs to no event` };
}

export const effectChecks: readonly Check[] = [
  {
    name: 'effects',
    invariant: 'I7',
    title: 'every effect that was due has its job, and each job its event',
    unit: 'effects',
    deep: true,
    run: effects,
  },
];
