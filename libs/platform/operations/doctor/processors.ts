import type { ReadModel } from '#kernel/read-model';
import { isDestroyed } from '../../event-store/tables.sql.js';
import { standsStill } from '../../jobs/queue.js';
import { QUEUED } from '../../projections/parking.js';
import { tablesOf } from '../../projections/physical.js';
import { processorOf } from '../../sagas/runner.js';
import { projectingProcess } from '../projection-status.js';
import { look, untilViolated, type Check, type DoctorParts, type Found } from './check.js';

/** Longer than anything waits while the product is well. */
const WAITED_SECONDS = 60;
const CANDIDATES = 100;

const at = (row: Readonly<Record<string, unknown>>) =>
  `${String(row['stream_id'])} revision ${String(row['version'])} of tenant ${String(row['tenant_id'])}`;

/**
 * Events a read model has passed: all of them, or those of the shards with a place of their own. Of
 * a workspace that was deleted nothing is applied.
 */
const passed = ({ name, category }: ReadModel) => `es_event e
   JOIN es_checkpoint c ON c.processor = '${name}' AND (c.shard = -1 OR c.shard = e.shard)
     AND (e.epoch, e.xid, e.pos) <= (c.epoch, c.xid, c.pos)
  WHERE e.stream_id LIKE '${category}-%' AND NOT ${isDestroyed('e.tenant_id')}`;

/** Each applied event is an entry of the timeline; each other one a dead letter. */
async function applied(parts: DoctorParts, model: ReadModel): Promise<Found> {
  const { timeline } = tablesOf(model);
  const { name, record } = model;
  const letters = `es_dead_letter d WHERE d.processor = '${name}' AND d.tenant_id = e.tenant_id
    AND d.stream_id = e.stream_id AND d.version = e.version`;
  const discards = letters.replace('es_dead_letter', 'es_discarded');
  const pool = parts.database.pool('projector');
  const counted = await pool.query<{ n: string }>(`SELECT count(*) AS n FROM ${passed(model)}`);
  const checked = Number(counted.rows[0]!.n);
  const { rows: missing } = await pool.query<Record<string, unknown>>(
    `SELECT e.tenant_id, e.stream_id, e.version FROM ${passed(model)}
        AND NOT EXISTS (SELECT 1 FROM ${timeline} t WHERE t.tenant_id = e.tenant_id
          AND t.record_type = '${record}' AND t.id = e.event_id)
        AND NOT EXISTS (SELECT 1 FROM ${letters})
        AND NOT EXISTS (SELECT 1 FROM ${discards}) LIMIT ${CANDIDATES}`,
  );
  for (const row of missing) {
    if (await isNothing(parts, row)) continue;
    return { checked, example: `${name} passed ${at(row)} without applying it` };
  }
  const { rows: extra } = await pool.query<Record<string, unknown>>(
    `SELECT t.tenant_id, t.id, e.stream_id, e.version,
        EXISTS (SELECT 1 FROM ${letters}) AS parked FROM ${timeline} t
       LEFT JOIN es_event e ON e.tenant_id = t.tenant_id AND e.event_id = t.id
      WHERE e.version IS NULL OR EXISTS (SELECT 1 FROM ${letters})
         OR NOT EXISTS (SELECT 1 FROM es_checkpoint c WHERE c.processor = '${name}'
            AND (c.shard = -1 OR c.shard = e.shard)
            AND (e.epoch, e.xid, e.pos) <= (c.epoch, c.xid, c.pos)) LIMIT 1`,
  );
  const [row] = extra;
  if (!row) return { checked };
  if (row['version'] === null) {
    return { checked, example: `${name} applied ${String(row['id'])}, which is not in the log` };
  }
  const how = row['parked'] ? 'applied and parked' : 'applied ahead of its checkpoint';
  return { checked, example: `${name} has ${at(row)} ${how}` };
}

/** Whether upcasters make nothing of an event today: then nothing is to be applied. */
async function isNothing(
  { store, codec }: DoctorParts,
  row: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const [tenant, stream] = [String(row['tenant_id']), String(row['stream_id'])];
  const events = await store.readStream(tenant, stream, { from: Number(row['version']), limit: 1 });
  return (await codec.decode(events)).length === 0;
}

/** What waits and for how long; the process that should do it must be there. */
async function waiting(parts: DoctorParts): Promise<Found> {
  const { database } = parts;
  if (!(await projectingProcess(database))) {
    return { checked: 0, unchecked: 'no process works on this database' };
  }
  const followers = [...parts.processes, ...parts.effects];
  const { rows } = await database.pool('projector').query<{ what: string; seconds: number }>(
    `SELECT * FROM (
       SELECT format('job %s', id) AS what,
          extract(epoch FROM clock_timestamp() - due_at)::float8 AS seconds
         FROM job WHERE status IN ('queued', 'running') AND NOT ${standsStill('job.tenant_id')}
       UNION ALL
       SELECT format('timer %s of %s %s', t.name, t.saga, t.instance_id),
          extract(epoch FROM clock_timestamp() - t.due_at)::float8 FROM es_timer t
        WHERE NOT t.fired AND NOT ${standsStill('t.tenant_id')} AND NOT EXISTS (
          SELECT 1 FROM es_test_clock k WHERE k.tenant_id = t.tenant_id)
       UNION ALL
       SELECT format('processor %s', c.processor), (SELECT
            extract(epoch FROM clock_timestamp() - min(e.recorded_at))::float8 FROM es_event e
            WHERE (e.epoch, e.xid, e.pos) > (c.epoch, c.xid, c.pos)
              AND (c.shard < 0 OR c.shard = e.shard))
         FROM es_checkpoint c WHERE c.processor = ANY ($1)) w
      ORDER BY seconds DESC NULLS LAST`,
    [[...parts.models.map(({ name }) => name), ...followers.map(processorOf)]],
  );
  const [longest] = rows;
  if (!longest || !(longest.seconds > WAITED_SECONDS)) return { checked: rows.length };
  const example = `${longest.what} has waited for ${Math.round(longest.seconds)} s`;
  return { checked: rows.length, example };
}

export const processorChecks: readonly Check[] = [
  {
    name: 'applied',
    invariant: 'I5',
    title: 'each event up to the checkpoint is applied or parked, and no other',
    unit: 'events',
    run: (parts) => untilViolated(parts.models, (model) => applied(parts, model)),
  },
  {
    name: 'parking',
    invariant: 'I9',
    title: 'what is parked begins with a poison event and ends at the checkpoint',
    unit: 'dead letters',
    run: (parts) =>
      look(
        parts,
        'projector',
        `es_dead_letter WHERE processor NOT LIKE 'saga:%'`,
        `SELECT * FROM (
           SELECT d.processor, d.tenant_id, d.stream_id, min(d.version) AS version,
              count(*) AS letters, (array_agg(d.reason ORDER BY d.version))[1] AS reason,
              (SELECT count(*) FROM es_event e JOIN es_checkpoint c ON c.processor = d.processor
                  AND (c.shard = -1 OR c.shard = e.shard)
                  AND (e.epoch, e.xid, e.pos) <= (c.epoch, c.xid, c.pos)
                WHERE e.tenant_id = d.tenant_id AND e.stream_id = d.stream_id
                  AND e.version >= min(d.version)) AS events
             FROM es_dead_letter d WHERE d.processor NOT LIKE 'saga:%'
            GROUP BY d.processor, d.tenant_id, d.stream_id) p
          WHERE letters <> events OR reason = '${QUEUED}'`,
        (row) =>
          `${String(row['processor'])} parked ${at(row)}: ${String(row['letters'])} dead letters ` +
          `for ${String(row['events'])} events, the first one because: ${String(row['reason'])}`,
      ),
  },
  {
    name: 'waiting',
    invariant: 'I10',
    title: `nothing has waited longer than ${WAITED_SECONDS} s`,
    unit: 'queues',
    run: waiting,
  },
];
