import type pg from 'pg';
import type { ReadModel } from '#kernel/read-model';
import { tablesOf } from '../../projections/physical.js';
import type { Check, DoctorParts, Found } from './check.js';

const PLACE = (row: string) => `concat_ws('.', ${row}.epoch, ${row}.xid, ${row}.pos)`;

/**
 * Writes down every move of a checkpoint and every transaction that changes rows, for tests: it
 * costs a write each. Tables that a rebuild puts in place later are not watched.
 */
export async function installTraces(owner: pg.Client, models: readonly ReadModel[]): Promise<void> {
  const watched = models.flatMap((model) => {
    const { live, history } = tablesOf(model);
    return (model.temporal ? [live, history] : [live]).map((table) => [table, model.name]);
  });
  await owner.query(`
    CREATE TABLE IF NOT EXISTS trace_checkpoint (
      n bigint GENERATED ALWAYS AS IDENTITY, processor text NOT NULL, shard smallint NOT NULL,
      xid xid8 NOT NULL, fence bigint NOT NULL, was text NOT NULL, now text NOT NULL,
      back boolean NOT NULL);
    CREATE TABLE IF NOT EXISTS trace_rows (
      processor text NOT NULL, xid xid8 NOT NULL, PRIMARY KEY (processor, xid));
    CREATE OR REPLACE FUNCTION trace_checkpoint() RETURNS trigger LANGUAGE plpgsql
      SECURITY DEFINER SET search_path = public AS $$
      BEGIN
        INSERT INTO trace_checkpoint (processor, shard, xid, fence, was, now, back)
        VALUES (NEW.processor, NEW.shard, pg_current_xact_id(), NEW.fence,
          ${PLACE('OLD')}, ${PLACE('NEW')},
          (NEW.epoch, NEW.xid, NEW.pos) < (OLD.epoch, OLD.xid, OLD.pos));
        RETURN NULL;
      END $$;
    CREATE OR REPLACE FUNCTION trace_rows() RETURNS trigger LANGUAGE plpgsql
      SECURITY DEFINER SET search_path = public AS $$
      BEGIN
        -- A rebuild and an operator write as the owner.
        IF session_user LIKE '%projector' THEN
          INSERT INTO trace_rows VALUES (TG_ARGV[0], pg_current_xact_id()) ON CONFLICT DO NOTHING;
        END IF;
        RETURN NULL;
      END $$;
    CREATE OR REPLACE TRIGGER trace AFTER UPDATE ON es_checkpoint FOR EACH ROW
      WHEN ((OLD.epoch, OLD.xid, OLD.pos) IS DISTINCT FROM (NEW.epoch, NEW.xid, NEW.pos))
      EXECUTE FUNCTION trace_checkpoint();
    ${watched
      .map(
        ([table, name]) => `CREATE OR REPLACE TRIGGER trace AFTER INSERT OR UPDATE OR DELETE
          ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION trace_rows('${name}');`,
      )
      .join('\n')}`);
}

async function traced(
  { owner }: DoctorParts,
  table: string,
  violation: string,
  words: (row: Record<string, unknown>) => string,
): Promise<Found> {
  const there = await owner.query<{ there: boolean }>(
    `SELECT to_regclass('public.${table}') IS NOT NULL AS there`,
  );
  if (!there.rows[0]!.there)
    return { checked: 0, unchecked: 'the triggers of the tests are needed' };
  const counted = await owner.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`);
  const { rows } = await owner.query<Record<string, unknown>>(`${violation} LIMIT 1`);
  const checked = Number(counted.rows[0]!.n);
  return rows[0] ? { checked, example: words(rows[0]) } : { checked };
}

export const traceChecks: readonly Check[] = [
  {
    name: 'moves',
    invariant: 'I4',
    title: 'no checkpoint goes back, and none starts where it was not',
    unit: 'moves',
    run: (parts) =>
      traced(
        parts,
        'trace_checkpoint',
        `SELECT * FROM (SELECT t.*, lag(now) OVER (PARTITION BY processor, shard ORDER BY n) AS last
            FROM trace_checkpoint t) t
          WHERE (back OR last <> was) AND processor NOT LIKE '%\\_\\_%' ORDER BY n`,
        ({ processor, was, now }) =>
          `${String(processor)} went from ${String(was)} to ${String(now)}`,
      ),
  },
  {
    name: 'together',
    invariant: 'I4',
    title: 'rows and checkpoint share one transaction',
    unit: 'transactions',
    run: (parts) =>
      traced(
        parts,
        'trace_rows',
        `SELECT * FROM trace_rows r WHERE NOT EXISTS (SELECT 1 FROM trace_checkpoint c
            WHERE c.processor = r.processor AND c.xid = r.xid)`,
        ({ processor, xid }) =>
          `transaction ${String(xid)} wrote rows of ${String(processor)} and left its checkpoint`,
      ),
  },
];
