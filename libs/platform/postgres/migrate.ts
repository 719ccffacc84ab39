import pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { authTables } from '../auth/tables.sql.js';
import { eventStoreFunctions, eventStoreTables } from '../event-store/tables.sql.js';
import { projectionTables } from '../projections/tables.sql.js';
import { databaseName, roleName, rolePassword, ROLES, type Role } from './database.js';

/** The platform's own tables, in the order they came. A published step is never edited. */
const steps: readonly { readonly name: string; readonly sql: string }[] = [
  { name: 'EventStore1763700000001', sql: eventStoreTables + eventStoreFunctions },
  { name: 'Projections1763700000002', sql: projectionTables },
  { name: 'Authentication1763700000003', sql: authTables },
];

/** Tenant tables the api role may change itself: no events, only secrets and access records. */
const API_WRITES = ['auth_credential', 'auth_session', 'auth_failure', 'access_log'];

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
export const tenantPolicy = `tenant_id = NULLIF(current_setting('app.tenant', true), '')::uuid`;

async function ensureRoles(client: pg.Client, database: string, masterKey: Buffer): Promise<void> {
  for (const role of ROLES) {
    const name = roleName(database, role);
    const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
    const login =
      role === 'log' ? 'NOLOGIN' : `LOGIN PASSWORD '${rolePassword(masterKey, database, role)}'`;
    await client.query(`${rowCount ? 'ALTER' : 'CREATE'} ROLE ${quote(name)} ${login}`);
  }
  const { rows } = await client.query<{ super: boolean }>(
    'SELECT rolsuper AS super FROM pg_roles WHERE rolname = current_user',
  );
  if (rows[0]?.super) return;
  // Only a superuser may act as any role; others become members of the ones they just made.
  for (const role of ROLES) {
    await client.query(`GRANT ${quote(roleName(database, role))} TO CURRENT_USER`);
  }
}

/** Row-level security and grants, stated again on every start so that they cannot drift. */
export async function secure(client: pg.Client | pg.PoolClient, database: string): Promise<void> {
  const role = (one: Role) => quote(roleName(database, one));
  const { rows: tables } = await client.query<{ name: string; tenant: boolean }>(
    `SELECT c.relname AS name, EXISTS (SELECT 1 FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped) AS tenant
       FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        AND c.relname ~ '^(es|rm|auth)_|^access_log$'`,
  );
  const statements: string[] = [];
  for (const { name, tenant } of tables) {
    const table = quote(name);
    const log = name.startsWith('es_');
    statements.push(`REVOKE ALL ON ${table} FROM PUBLIC`);
    if (tenant) {
      const policy = (to: string, title: string, rule: string) =>
        statements.push(
          `DROP POLICY IF EXISTS ${title} ON ${table}`,
          `CREATE POLICY ${title} ON ${table} TO ${to} USING (${rule}) WITH CHECK (${rule})`,
        );
      statements.push(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      statements.push(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
      policy(role('api'), 'tenant_api', tenantPolicy);
      if (log) policy(role('log'), 'log_writer', 'true');
      if (log) policy(role('feed'), 'feed_reader', 'true');
      if (name.startsWith('rm_')) policy(role('search'), 'search_reader', 'true');
      if (name.startsWith('rm_') || log) policy(role('projector'), 'projector_writer', 'true');
    }
    if (name.startsWith('rm_') || log)
      statements.push(`GRANT SELECT ON ${table} TO ${role('api')}`);
    if (log) statements.push(`GRANT SELECT ON ${table} TO ${role('feed')}, ${role('projector')}`);
    if (name.startsWith('rm_')) {
      statements.push(
        `GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${role('projector')}`,
        `GRANT SELECT ON ${table} TO ${role('search')}`,
      );
    }
    if (API_WRITES.includes(name)) {
      statements.push(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${role('api')}`);
    }
  }
  statements.push(
    `GRANT USAGE ON SCHEMA public TO ${ROLES.map(role).join(', ')}`,
    `GRANT SELECT, INSERT, UPDATE ON es_event, es_stream, es_command, es_subject_key TO ${role('log')}`,
    `GRANT SELECT ON es_epoch TO ${role('log')}`,
    `GRANT USAGE ON SEQUENCE es_pos TO ${role('log')}`,
    `GRANT INSERT ON es_tenant_key TO ${role('api')}`,
    `GRANT INSERT, UPDATE, DELETE ON es_snapshot TO ${role('api')}`,
    `GRANT INSERT, UPDATE, DELETE ON es_checkpoint, es_lease, es_dead_letter TO ${role('projector')}`,
    `GRANT CREATE ON SCHEMA public TO ${role('log')}`,
    `ALTER FUNCTION es_append OWNER TO ${role('log')}`,
    `ALTER FUNCTION es_append SET search_path = pg_catalog, public, pg_temp`,
    `REVOKE CREATE ON SCHEMA public FROM ${role('log')}`,
    `REVOKE ALL ON FUNCTION es_append, es_load FROM PUBLIC`,
    `GRANT EXECUTE ON FUNCTION es_append TO ${role('api')}`,
    `GRANT EXECUTE ON FUNCTION es_load TO ${role('api')}`,
  );
  await client.query(statements.join(';\n'));
}

async function pendingSteps(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ present: boolean }>(
    `SELECT to_regclass('public.schema_migration') IS NOT NULL AS present`,
  );
  if (!rows[0]?.present) return true;
  const done = await client.query('SELECT 1 FROM schema_migration');
  return (done.rowCount ?? 0) < steps.length;
}

async function runSteps(url: string): Promise<void> {
  // Loaded only when there is something to do: it is the largest import of a start.
  const { DataSource } = await import('typeorm');
  const migrations = steps.map(({ name, sql }) => {
    const step = class implements MigrationInterface {
      readonly name = name;
      async up(runner: QueryRunner): Promise<void> {
        await runner.query(sql);
      }
      down(): Promise<void> {
        return Promise.reject(new Error(`${name} has no way back; restore a backup instead`));
      }
    };
    return step;
  });
  const source = new DataSource({
    type: 'postgres',
    url,
    migrations,
    migrationsTableName: 'schema_migration',
    migrationsTransactionMode: 'each',
  });
  await source.initialize();
  try {
    await source.runMigrations();
  } finally {
    await source.destroy();
  }
}

const MIGRATION_LOCK = 733_101;

/** Brings a database up to date: roles, tables, then whatever `declare` adds, then the rights. */
export async function migrate(
  url: string,
  masterKey: Buffer,
  declare: (client: pg.Client, database: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const database = databaseName(url);
  const client = new pg.Client({ connectionString: url, application_name: 'clientforge-migrate' });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await ensureRoles(client, database, masterKey);
    if (await pendingSteps(client)) await runSteps(url);
    await declare(client, database);
    await secure(client, database);
  } finally {
    await client.end();
  }
}
