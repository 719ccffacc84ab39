import { allColumns, snake, tableOf, tablesOf } from '../../projections/physical.js';
import { Rebuild } from '../../projections/rebuild.js';
import { RANGE } from '../../projections/shard-leases.js';
import { deadLetters } from '../dead-letters.js';
import { projectingProcess } from '../projection-status.js';
import { look, untilViolated, type Check, type DoctorParts, type Found } from './check.js';

function rowsOfTenants(parts: DoctorParts): Promise<Found> {
  const tables = parts.models.flatMap((model) => {
    const { live, history, timeline } = tablesOf(model);
    return model.temporal ? [live, history, timeline] : [live, timeline];
  });
  return untilViolated([...tables, 'job'], (table) =>
    look(
      parts,
      'projector',
      table,
      `SELECT r.tenant_id, r.id FROM ${table} r WHERE NOT EXISTS (
         SELECT 1 FROM es_tenant_key t WHERE t.tenant_id = r.tenant_id AND t.destroyed_at IS NULL)`,
      (row) => `${table} ${String(row['id'])} belongs to no tenant: ${String(row['tenant_id'])}`,
    ),
  );
}

/** Each column that names a record of another read model. */
function references({ models }: DoctorParts) {
  return models.flatMap((model) =>
    Object.entries(allColumns(model)).flatMap(([name, { kind, references: to }]) => {
      const target = models.find((one) => one.name === to);
      return target && kind === 'uuid'
        ? [{ table: tableOf(model), column: snake(name), target: tableOf(target) }]
        : [];
    }),
  );
}

function ownReferences(parts: DoctorParts): Promise<Found> {
  return untilViolated(references(parts), ({ table, column, target }) =>
    look(
      parts,
      'projector',
      `${table} WHERE ${column} IS NOT NULL`,
      `SELECT r.id, r.${column} AS other, o.tenant_id FROM ${table} r
         JOIN ${target} o ON o.id = r.${column} AND o.tenant_id <> r.tenant_id
        WHERE NOT EXISTS (SELECT 1 FROM ${target} s
          WHERE s.tenant_id = r.tenant_id AND s.id = r.${column})`,
      ({ id, other, tenant_id: tenant }) =>
        `${column} of ${table} ${String(id)} is ${String(other)} of tenant ${String(tenant)}`,
    ),
  );
}

/** Folds the log beside one read model after the other and compares what is served. */
function folds(parts: DoctorParts): Promise<Found> {
  return untilViolated(parts.models, async (model) => {
    const options = parts.signal ? { signal: parts.signal } : {};
    const { rows, differences } = await new Rebuild(parts, model).verify(options);
    const [first] = differences;
    if (!first) return { checked: rows };
    const { kind, table, id, tenantId } = first;
    const example = `${model.name}: ${kind} ${table} row ${id} of tenant ${tenantId}`;
    return { checked: rows, example };
  });
}

export const rowChecks: readonly Check[] = [
  {
    name: 'checkpoints',
    title: 'no checkpoint is ahead of the log',
    unit: 'checkpoints',
    run: (parts) =>
      look(
        parts,
        'feed',
        'es_checkpoint',
        `SELECT processor FROM es_checkpoint c WHERE (c.epoch, c.xid, c.pos) > (0, '0'::xid8, 0)
            AND NOT EXISTS (SELECT 1 FROM es_event e
              WHERE (e.epoch, e.xid, e.pos) >= (c.epoch, c.xid, c.pos))
          ORDER BY processor`,
        ({ processor }) => `${String(processor)} is ahead: rebuild it with projections rebuild`,
      ),
  },
  {
    name: 'leases',
    title: 'nobody writes with a fence that was not given out',
    unit: 'checkpoints',
    async run(parts) {
      const found = await look(
        parts,
        'feed',
        'es_checkpoint',
        `SELECT processor, fence FROM es_checkpoint c WHERE fence > coalesce(
           (SELECT fence FROM es_lease WHERE name = 'projections/' || c.shard / ${RANGE}), 0)
          ORDER BY processor`,
        ({ processor, fence }) => `${String(processor)} has the fence ${String(fence)}`,
      );
      const holder = await projectingProcess(parts.database);
      return { ...found, note: holder ? `projected by ${holder}` : 'no process projects' };
    },
  },
  {
    name: 'dead-letters',
    title: 'no stream is parked',
    unit: 'streams',
    async run({ database }) {
      const letters = await deadLetters(database);
      const [first] = letters;
      if (!first) return { checked: 0 };
      const { name, streamId, version, reason } = first;
      const example = `${name} parked ${streamId} at revision ${version}: ${reason}`;
      return { checked: letters.length, example };
    },
  },
  {
    name: 'tenants',
    invariant: 'I8',
    title: 'every row belongs to a tenant that exists',
    unit: 'rows',
    run: rowsOfTenants,
  },
  {
    name: 'references',
    invariant: 'I8',
    title: 'no row refers to a record of another tenant',
    unit: 'references',
    run: ownReferences,
  },
  {
    name: 'folds',
    invariant: 'I3',
    title: 'every row is the fold of its events',
    unit: 'rows',
    deep: true,
    run: folds,
  },
];
