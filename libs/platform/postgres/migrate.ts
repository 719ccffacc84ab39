import { createHash } from 'node:crypto';
import pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { apiKeyTables } from '../auth/api-keys.sql.js';
import { factorTables } from '../auth/factors.sql.js';
import { oneTimeTokenTables } from '../auth/one-time-tokens.sql.js';
import { authTables, providerSessions } from '../auth/tables.sql.js';
import { scimTables } from '../auth/scim-tokens.sql.js';
import { ssoTables } from '../auth/sso-tables.sql.js';
import { JOB_API_COLUMNS, jobTables } from '../jobs/tables.sql.js';
import { mailTables } from '../mail/tables.sql.js';
import { kurrentDbFunctions, kurrentDbTables } from '../event-store/kurrentdb/tables.sql.js';
import { LOG_TABLES } from '../erasure/tenant-tables.js';
import { appendFunction } from '../event-store/append.sql.js';
import {
  closedStreams,
  destroyedTenantKeys,
  eventStoreFunctions,
  eventStoreTables,
} from '../event-store/tables.sql.js';
import { discardTables } from '../projections/discards.js';
import { passedTables, shardedCheckpoints } from '../projections/places.js';
import { rebuildTables } from '../projections/rebuild-notes.js';
import { listIndexExtension, projectionTables } from '../projections/tables.sql.js';
import { rateLimitTables } from '../rate-limits/tables.sql.js';
import { sealTables } from '../seals/tables.sql.js';
import { presenceEdits, presenceTables } from '../sockets/presence.sql.js';
import { standstillTables } from '../sagas/standstills.sql.js';
import { sagaTables } from '../sagas/tables.sql.js';
import { usageTables } from '../usage/tables.sql.js';
import {
  databaseName,
  roleName,
  rolePassword,
  ROLES,
  type LoginRole,
  type Role,
} from './database.js';

/** The platform's own tables, in the order they came. A published step is never edited. */
const steps: readonly { readonly name: string; readonly sql: string }[] = [
  { name: 'EventStore1763700000001', sql: eventStoreTables + eventStoreFunctions },
  { name: 'Projections1763700000002', sql: projectionTables },
  { name: 'Authentication1763700000003', sql: authTables },
  { name: 'ListIndexes1763700000004', sql: listIndexExtension },
  { name: 'Jobs1763700000005', sql: jobTables },
  { name: 'ClosedStreams1763700000006', sql: closedStreams },
  { name: 'Seals1763700000007', sql: sealTables },
  { name: 'Sagas1763700000008', sql: sagaTables },
  { name: 'Rebuilds1763700000010', sql: rebuildTables },
  { name: 'Discards1763700000011', sql: discardTables },
  { name: 'Shards1763700000012', sql: shardedCheckpoints },
  { name: 'SingleSignOn1763700000033', sql: ssoTables },
  { name: 'Factors1763700000041', sql: factorTables },
  { name: 'ApiKeys1763700000042', sql: apiKeyTables },
  { name: 'Mail1763700000060', sql: oneTimeTokenTables + mailTables },
  { name: 'RateLimits1763700000061', sql: rateLimitTables },
  { name: 'KurrentDb1763700000051', sql: kurrentDbTables },
  { name: 'Scim1763700000074', sql: scimTables },
  { name: 'Presence1763700000072', sql: presenceTables },
  { name: 'Standstills1763700000092', sql: standstillTables },
  { name: 'PresenceEdits1763700000093', sql: presenceEdits },
  { name: 'Usage1763700000090', sql: usageTables },
  { name: 'DestroyedTenantKeys1763700000094', sql: destroyedTenantKeys },
  { name: 'ProviderSessions1763700000095', sql: providerSessions },
  { name: 'Passed1763700000096', sql: passedTables },
  // Times of recording are rounded down.
  { name: 'Recorded1763700000097', sql: appendFunction },
];

/** Tenant tables the api role may change itself: no events, only secrets and access records. */
const API_WRITES = [
  'auth_credential',
  'auth_session',
  'auth_failure',
  'auth_factor',
  'auth_recovery_code',
  'auth_challenge',
  'auth_proof',
  'auth_api_key',
  'auth_one_time_token',
  'access_log',
  'mail_outbox',
  'rate_limit',
  'socket_presence',
  'socket_process',
  'usage_counter',
  'usage_storage',
  'auth_sso_request',
  'auth_sso_assertion',
  'auth_sso_secret',
  'auth_scim_token',
  'auth_scim_request',
];

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
export const tenantPolicy = `tenant_id = NULLIF(current_setting('app.tenant', true), '')::uuid`;

/**
 * How long a transaction may wait for its process. One that was frozen holds locks that keep others
 * from taking over its work, and any open one keeps the feed back.
 */
const IDLE_TRANSACTION: Readonly<Record<LoginRole, string>> = {
  projector: '15s',
  api: '60s',
  feed: '60s',
  search: '60s',
};

async function ensureRoles(client: pg.Client, database: string, masterKey: Buffer): Promise<void> {
  for (const role of ROLES) {
    const name = roleName(database, role);
    const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
    const login =
      role === 'log' ? 'NOLOGIN' : `LOGIN PASSWORD '${rolePassword(masterKey, database, role)}'`;
    await client.query(`${rowCount ? 'ALTER' : 'CREATE'} ROLE ${quote(name)} ${login}`);
    if (role === 'log') continue;
    const idle = `idle_in_transaction_session_timeout = '${IDLE_TRANSACTION[role]}'`;
    await client.query(`ALTER ROLE ${quote(name)} SET ${idle}`);
  }
  const { rows } = await client.query<{ super: boolean }>(
    'SELECT rolsuper AS super FROM pg_roles WHERE rolname = current_user',
  );
  if (rows[0]?.super) {
    // To tell who holds the feed back; without it only that somebody does.
    await client.query(`GRANT pg_read_all_stats TO ${quote(roleName(database, 'feed'))}`);
    return;
  }
  // Only a superuser may act as any role; others become members of the ones they just made.
  for (const role of ROLES) {
    await client.query(`GRANT ${quote(roleName(database, role))} TO CURRENT_USER`);
  }
}

interface SecuredTable {
  readonly oid: string;
  readonly name: string;
  readonly tenant: boolean;
  /** A partition is reached through its parent only; nobody but the projector may name it. */
  readonly partition: boolean;
}

/** Row-level security, policies and grants of one table. */
function tableRights({ name, tenant, partition }: SecuredTable, database: string): string[] {
  const role = (one: Role) => quote(roleName(database, one));
  const table = quote(name);
  const log = name.startsWith('es_');
  const rows = name.startsWith('rm_');
  const jobs = name === 'job';
  const statements = [`REVOKE ALL ON ${table} FROM PUBLIC`];
  const policy = (to: Role, title: string, rule: string) =>
    statements.push(
      `DROP POLICY IF EXISTS ${title} ON ${table}`,
      `CREATE POLICY ${title} ON ${table} TO ${role(to)} USING (${rule}) WITH CHECK (${rule})`,
    );
  const grant = (rights: string, ...to: readonly Role[]) =>
    statements.push(`GRANT ${rights} ON ${table} TO ${to.map(role).join(', ')}`);
  if (tenant) {
    statements.push(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
    statements.push(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
    policy('api', 'tenant_api', tenantPolicy);
    if (log) policy('log', 'log_writer', 'true');
    if (log) policy('feed', 'feed_reader', 'true');
    if (rows) policy('search', 'search_reader', 'true');
    if (rows || log || jobs) policy('projector', 'projector_writer', 'true');
    else policy('projector', 'tenant_end', tenantPolicy);
    // What a deleted workspace leaves goes everywhere but in the log; background work does it.
    if (!LOG_TABLES.includes(name)) grant('DELETE, SELECT (tenant_id, ctid)', 'projector');
  }
  if (log) grant('SELECT', 'api', 'feed', 'projector');
  if (rows) grant('SELECT, INSERT, UPDATE, DELETE', 'projector');
  if (jobs) grant('SELECT, UPDATE, DELETE', 'projector');
  if (jobs) grant(`SELECT, INSERT, UPDATE (${JOB_API_COLUMNS})`, 'api');
  if (rows && !partition) grant('SELECT', 'api', 'search');
  if (API_WRITES.includes(name)) grant('SELECT, INSERT, UPDATE, DELETE', 'api');
  return statements;
}

/** Tables the platform made, or those of these names. */
async function securedTables(
  client: pg.Client,
  names: readonly string[] | null,
): Promise<readonly SecuredTable[]> {
  const { rows } = await client.query<SecuredTable>(
    `SELECT c.oid::bigint AS oid, c.relname AS name, c.relispartition OR c.relname ~ '_timeline__' AS partition,
        EXISTS (SELECT 1 FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped) AS tenant
       FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        AND CASE WHEN $1::text[] IS NULL THEN c.relname ~ '^(es|rm|auth|socket|usage)_|^(access_log|job|mail_outbox|rate_limit)$'
            ELSE c.relname = ANY ($1) END
      ORDER BY 1`,
    [names],
  );
  return rows;
}

/** Tenant tables that do not keep tenants apart; there should be none. */
export async function unsecuredTables(client: pg.Client): Promise<readonly string[]> {
  const tables = (await securedTables(client, null)).filter(({ tenant }) => tenant);
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c
      WHERE c.oid = ANY ($1::oid[]) AND NOT (c.relrowsecurity AND c.relforcerowsecurity
        AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant_api'))
      ORDER BY 1`,
    [tables.map(({ oid }) => oid)],
  );
  return rows.map(({ name }) => name);
}

/** States the rights of tables made just now, before anything is written to them. */
export async function secureTables(
  client: pg.Client,
  database: string,
  names: readonly string[],
): Promise<void> {
  const tables = await securedTables(client, names);
  await client.query(tables.flatMap((table) => tableRights(table, database)).join(';\n'));
}

/**
 * States the rights of every table and function, when they differ from what was stated last:
 * policies take locks that a process starting beside a running one must not ask for.
 */
async function secure(client: pg.Client, database: string): Promise<void> {
  const role = (one: Role) => quote(roleName(database, one));
  const tables = await securedTables(client, null);
  const statements = [
    ...tables.flatMap((table) => tableRights(table, database)),
    `GRANT USAGE ON SCHEMA public TO ${ROLES.map(role).join(', ')}`,
    `GRANT SELECT, INSERT ON es_event, es_stream, es_command, es_subject_key TO ${role('log')}`,
    `GRANT UPDATE ON es_stream TO ${role('log')}`,
    `GRANT SELECT ON es_epoch TO ${role('log')}`,
    `GRANT USAGE ON SEQUENCE es_pos TO ${role('log')}`,
    `GRANT SELECT, UPDATE ON es_log TO ${role('log')}`,
    `GRANT SELECT, INSERT, DELETE ON es_pending, es_pending_event TO ${role('log')}`,
    `GRANT INSERT ON es_tenant_key TO ${role('api')}`,
    // Erasure and rotation are background work; a request never changes a key.
    `GRANT UPDATE (wrapped, destroyed_at) ON es_subject_key TO ${role('projector')}`,
    `GRANT UPDATE (result) ON es_command TO ${role('projector')}`,
    `GRANT INSERT, UPDATE, DELETE ON es_tenant_key TO ${role('projector')}`,
    `GRANT UPDATE (closed) ON es_stream TO ${role('api')}`,
    `GRANT INSERT, UPDATE, DELETE ON es_snapshot TO ${role('api')}`,
    `GRANT INSERT, UPDATE, DELETE ON es_checkpoint, es_passed, es_lease, es_dead_letter, es_discarded TO ${role('projector')}`,
    `GRANT SELECT ON rm_declaration, rm_rebuild TO ${role('feed')}`,
    `GRANT INSERT, UPDATE, DELETE ON es_timer, es_test_clock, es_standstill TO ${role('projector')}`,
    `GRANT INSERT ON es_seal TO ${role('projector')}`,
    `GRANT INSERT, UPDATE, DELETE ON es_seal_place TO ${role('projector')}`,
    `GRANT CREATE ON SCHEMA public TO ${role('log')}`,
    `ALTER FUNCTION es_append OWNER TO ${role('log')}`,
    `ALTER FUNCTION es_append SET search_path = pg_catalog, public, pg_temp`,
    ...kurrentDbFunctions.flatMap(([name, ...callers]) => [
      `ALTER FUNCTION ${name} OWNER TO ${role('log')}`,
      `REVOKE ALL ON FUNCTION ${name} FROM PUBLIC`,
      `GRANT EXECUTE ON FUNCTION ${name} TO ${callers.map(role).join(', ')}`,
    ]),
    `REVOKE CREATE ON SCHEMA public FROM ${role('log')}`,
    `REVOKE ALL ON FUNCTION es_append, es_load FROM PUBLIC`,
    `GRANT EXECUTE ON FUNCTION es_append TO ${role('api')}`,
    `GRANT EXECUTE ON FUNCTION es_load TO ${role('api')}`,
  ];
  const text = statements.join(';\n');
  // A table made anew under its old name has none of the old rights.
  const oids = tables.map(({ oid }) => oid).join();
  const hash = createHash('sha256').update(text).update(oids).digest('hex');
  const { rowCount } = await client.query(
    `SELECT 1 FROM rm_declaration WHERE name = '#rights' AND hash = $1`,
    [hash],
  );
  if (rowCount) return;
  await client.query(text);
  await client.query(
    `INSERT INTO rm_declaration (name, version, hash) VALUES ('#rights', 0, $1)
     ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, declared_at = clock_timestamp()`,
    [hash],
  );
}

/** Whether steps of this release were not taken yet. */
export async function pendingSteps(client: pg.Client): Promise<boolean> {
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
  declare: (client: pg.Client) => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  const database = databaseName(url);
  const client = new pg.Client({ connectionString: url, application_name: 'clientforge-migrate' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await ensureRoles(client, database, masterKey);
    if (await pendingSteps(client)) await runSteps(url);
    await declare(client);
    await secure(client, database);
  } finally {
    await client.end();
  }
}
