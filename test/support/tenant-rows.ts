import type { Installation } from './installation.js';

/** Every table that names tenants, but what a deleted workspace leaves: its log and marks of keys. */
export async function tenantTables({ query }: Installation): Promise<readonly string[]> {
  const found = await query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        AND c.relname NOT IN ('es_event', 'es_stream', 'es_command', 'es_pending',
          'es_pending_event', 'es_seal', 'es_tenant_key', 'es_subject_key')
      ORDER BY 1`,
  );
  return found.map(({ name }) => name);
}

/** Rows of a tenant by table, those without any left out. */
export async function rowsOf(one: Installation, tenantId: string) {
  const counts: Record<string, number> = {};
  for (const name of await tenantTables(one)) {
    const [row] = await one.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM "${name}" WHERE tenant_id = $1`,
      [tenantId],
    );
    if (row!.n > 0) counts[name] = row!.n;
  }
  return counts;
}

const VALUES: Readonly<Record<string, string>> = {
  uuid: 'gen_random_uuid()',
  text: `'x'`,
  bytea: `'\\x00'`,
  boolean: 'false',
  date: 'current_date',
  jsonb: `'{}'`,
  inet: `'203.0.113.1'`,
  xid8: `'0'`,
};

interface Column {
  readonly name: string;
  readonly type: string;
  /** The first value a check or a partition allows, where there is one. */
  readonly allowed: string | null;
}

/** Puts a row of a tenant into a table, with made-up values where it needs some. */
export async function plantRow(one: Installation, table: string, tenantId: string): Promise<void> {
  const columns = await one.query<Column>(
    `SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type,
        coalesce((SELECT substring(pg_get_constraintdef(k.oid) FROM $$'([a-z_]+)'::text$$)
           FROM pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'c'
            AND a.attnum = ANY (k.conkey) LIMIT 1),
          substring(pg_get_partition_constraintdef(a.attrelid)
            FROM a.attname || $$ = '([a-z_]+)'$$)) AS allowed
       FROM pg_attribute a
      WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND a.attnotnull AND NOT a.atthasdef
        AND NOT a.attisdropped AND a.attidentity = '' AND a.attname <> 'tenant_id'`,
    [`public.${table}`],
  );
  const valueOf = ({ type, allowed }: Column) => {
    if (allowed) return `'${allowed}'`;
    if (type.endsWith('[]')) return `'{}'`;
    if (type.startsWith('timestamp')) return 'now()';
    return VALUES[type] ?? '1';
  };
  const names = ['tenant_id', ...columns.map(({ name }) => name)].join(', ');
  const values = [`'${tenantId}'`, ...columns.map(valueOf)].join(', ');
  // What it refers to need not be there.
  await one.query(
    `SET session_replication_role = replica; INSERT INTO "${table}" (${names}) VALUES (${values})`,
  );
}
