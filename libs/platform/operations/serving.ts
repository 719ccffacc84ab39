import pg from 'pg';

/**
 * Whether another process projects this database right now: then it has migrated as well, and the
 * tables are its to change. False where there is nothing yet.
 */
export async function isServed(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ present: boolean }>(
      `SELECT to_regclass('public.es_lease') IS NOT NULL AS present`,
    );
    if (!rows[0]?.present) return false;
    const { rowCount } = await client.query(
      `SELECT 1 FROM es_lease WHERE name LIKE 'projections/%' AND expires_at > clock_timestamp() LIMIT 1`,
    );
    return rowCount === 1;
  } finally {
    await client.end();
  }
}
