import pg from 'pg';
import type { ReadModel } from '#kernel/read-model';
import { tablesOf } from '../projections/physical.js';
import type { Residue } from './report.js';
import type { Traces } from './traces.js';

/** What overwriting came to. */
export interface ScrubReport {
  readonly tables: number;
  readonly walSegments: number;
  readonly remains: readonly Residue[];
}

/** Tables that hold personal data, or boxes the tenant's key opens, beside the read models. */
const BESIDE = ['es_subject_key', 'es_snapshot', 'es_dead_letter', 'es_discarded', 'job'];
const ACCESS = [
  'access_log',
  'auth_session',
  'auth_credential',
  'auth_factor',
  'auth_recovery_code',
  'auth_challenge',
  'auth_proof',
  'auth_api_key',
];
const SUFFIXES = ['', '__next', '__former'];
/** Refused for lack of rights. */
const FORBIDDEN = '42501';

/** Tables in which something of a subject may have stood. */
export function tablesFor(models: readonly ReadModel[], { streams, caused }: Traces): string[] {
  const touched = models.flatMap((model) =>
    SUFFIXES.flatMap((suffix) => {
      const tables = tablesOf(model, suffix);
      if (streams.has(model.category)) return Object.values(tables) as string[];
      return caused > 0 ? [tables.timeline] : [];
    }),
  );
  return [...BESIDE, ...ACCESS, ...touched];
}

/**
 * Takes the planner's statistics of tables anew, of all of them where none are named: they hold
 * samples of values, which may be of somebody who was erased. Tables that have none yet get none.
 */
export async function renewStatistics(
  owner: pg.Client,
  tables: readonly string[] | null = null,
): Promise<void> {
  const { rows } = await owner.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND reltuples >= 0
        AND (relkind = 'r' AND ($1::text[] IS NULL OR relname = ANY ($1)) OR relname = 'rm_timeline')
      ORDER BY 1`,
    [tables],
  );
  for (const { name } of rows) await owner.query(`ANALYZE ${name}`);
}

/**
 * Overwrites what PostgreSQL keeps of changed rows: writes the tables anew (each is locked while it
 * is, and lists stand still), their statistics too, and drops the write-ahead log. Plain VACUUM is
 * not enough: it leaves the bytes in the free space of each page.
 */
export async function scrub(
  url: string,
  models: readonly ReadModel[],
  traces: Traces,
  told: (step: string, done: number, total: number) => void = () => undefined,
): Promise<ScrubReport> {
  const owner = new pg.Client({ connectionString: url, application_name: 'clientforge-scrub' });
  await owner.connect();
  try {
    const { rows } = await owner.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
          AND c.relkind = 'r' AND c.relname = ANY ($1) ORDER BY 1`,
      [tablesFor(models, traces)],
    );
    const remains: Residue[] = [];
    for (const [n, { name }] of rows.entries()) {
      told(name, n, rows.length);
      await owner.query(`VACUUM (FULL, ANALYZE) ${name}`);
    }
    // Samples of values the planner kept, those of the timeline as a whole among them.
    await owner.query('ANALYZE rm_timeline');
    if (!(await allowed(owner, 'VACUUM FULL pg_statistic'))) {
      remains.push({ place: 'planner statistics', remedy: 'Run VACUUM FULL pg_statistic.' });
    }
    told('write-ahead log', rows.length, rows.length);
    const walSegments = await dropWal(owner);
    if (walSegments === undefined) {
      remains.push({
        place: 'write-ahead log',
        remedy: 'A superuser has to switch it and run CHECKPOINT; old segments go in time.',
      });
    }
    return { tables: rows.length, walSegments: walSegments ?? 0, remains };
  } finally {
    await owner.end();
  }
}

/** Runs a statement; false where it is not for this role. */
async function allowed(owner: pg.Client, statement: string): Promise<boolean> {
  try {
    await owner.query(statement);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === FORBIDDEN) return false;
    throw error;
  }
}

/** Moves past every segment that is there, overwriting those kept for later, and drops them. */
async function dropWal(owner: pg.Client): Promise<number | undefined> {
  // Else old segments, with all they hold, are kept under a new name for later use.
  if (!(await allowed(owner, 'ALTER SYSTEM SET wal_recycle = off'))) return undefined;
  try {
    await owner.query('SELECT pg_reload_conf()');
    const { rows } = await owner.query<{ n: number; later: number }>(
      `SELECT count(*)::int AS n, (count(*) FILTER (
          WHERE name > pg_walfile_name(pg_current_wal_insert_lsn())))::int AS later
         FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'`,
    );
    const { n, later } = rows[0]!;
    for (let passed = 0; passed <= later; passed++) {
      await owner.query(`SELECT pg_logical_emit_message(false, 'clientforge', 'scrub')`);
      await owner.query('SELECT pg_switch_wal()');
    }
    await owner.query('CHECKPOINT');
    return n;
  } finally {
    await owner.query('ALTER SYSTEM RESET wal_recycle');
    await owner.query('SELECT pg_reload_conf()');
  }
}
