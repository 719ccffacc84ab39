import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { databaseName, roleName, type Role } from '#platform/postgres/database';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

/** Every table with a tenant obeys the pitfalls table of the security design. */
describe('S14 catalogue', () => {
  let test: TestPlatform;
  const role = (one: Role) => roleName(databaseName(test.test.url), one);
  const rows = <Row extends object>(text: string, values: unknown[] = []) =>
    test.test.admin(async (client) => (await client.query<Row>(text, values)).rows);

  beforeAll(async () => {
    test = await startTestPlatform();
  });
  afterAll(() => test.close());

  const violations = (table = '%') =>
    rows<{ name: string; problem: string }>(
      `WITH t AS (
         SELECT c.oid, c.relname AS name, c.relrowsecurity, c.relforcerowsecurity, c.relkind
           FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
            AND c.relkind IN ('r', 'p', 'm', 'v') AND c.relname LIKE $1
            AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'))
       SELECT name, 'no row-level security' AS problem FROM t WHERE NOT relrowsecurity
       UNION ALL SELECT name, 'not forced on the owner' FROM t WHERE NOT relforcerowsecurity
       UNION ALL SELECT name, 'a materialized view or plain view' FROM t WHERE relkind IN ('m', 'v')
       UNION ALL SELECT t.name, 'unique index without tenant first: ' || i.indexrelid::regclass::text
         FROM t JOIN pg_index i ON i.indrelid = t.oid AND i.indisunique
        WHERE (SELECT attname FROM pg_attribute WHERE attrelid = t.oid AND attnum = i.indkey[0]) <> 'tenant_id'
          AND t.name <> 'es_dead_letter'
       UNION ALL SELECT t.name, 'policy of the api role is not the tenant: ' || p.polname
         FROM t JOIN pg_policy p ON p.polrelid = t.oid
        WHERE $2::regrole = ANY (p.polroles)
          AND (pg_get_expr(p.polqual, p.polrelid) NOT LIKE '%app.tenant%'
            OR pg_get_expr(p.polwithcheck, p.polrelid) NOT LIKE '%app.tenant%')
       UNION ALL SELECT t.name, 'a policy for everybody: ' || p.polname
         FROM t JOIN pg_policy p ON p.polrelid = t.oid WHERE 0 = ANY (p.polroles)
       UNION ALL SELECT name, 'truncate is granted' FROM t
        WHERE has_table_privilege($2, oid, 'TRUNCATE') OR has_table_privilege($3, oid, 'TRUNCATE')
       UNION ALL SELECT name, 'everybody may read it' FROM t, LATERAL aclexplode(
         (SELECT relacl FROM pg_class WHERE oid = t.oid)) a WHERE a.grantee = 0`,
      [table, role('api'), role('projector')],
    );

  it('S14 every tenant table is closed', async () => {
    expect(await violations()).toEqual([]);
  });

  it('S14 the gate sees a table that is open', async () => {
    await test.test.admin((client) =>
      client.query('CREATE TABLE rm_open (tenant_id uuid, id uuid PRIMARY KEY)'),
    );
    const found = (await violations('rm_open')).map(({ problem }) => problem);
    await test.test.admin((client) => client.query('DROP TABLE rm_open'));
    expect(found).toEqual([
      'no row-level security',
      'not forced on the owner',
      expect.stringContaining('unique index without tenant first'),
    ]);
  });

  it('S14 roles own nothing, bypass nothing, and cannot become another', async () => {
    const roles = (['log', 'api', 'projector', 'feed', 'search'] as const).map(role);
    const found = await rows(
      `SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
          (SELECT count(*)::int FROM pg_class c WHERE c.relowner = r.oid) AS owned,
          -- To read statistics is not to become somebody who owns anything.
          (SELECT count(*)::int FROM pg_auth_members m WHERE m.member = r.oid
              AND m.roleid <> 'pg_read_all_stats'::regrole) AS memberships
         FROM pg_roles r WHERE rolname = ANY ($1)`,
      [roles],
    );
    expect(found).toHaveLength(5);
    for (const one of found) {
      expect(one).toMatchObject({
        rolsuper: false,
        rolbypassrls: false,
        rolcreaterole: false,
        rolcreatedb: false,
        owned: 0,
        memberships: 0,
      });
    }
  });

  it('S14 only writers of the log have their owner’s rights, and their search path is pinned', async () => {
    const found = await rows<{ name: string; config: string[]; owner: string }>(
      `SELECT proname AS name, proconfig AS config, pg_get_userbyid(proowner) AS owner
         FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef ORDER BY 1`,
    );
    expect(found).toEqual(
      ['es_append', 'es_claim', 'es_copy', 'es_release', 'es_settle'].map((name) => ({
        name,
        config: expect.arrayContaining([
          expect.stringContaining('search_path=pg_catalog, public, pg_temp'),
        ]) as unknown,
        owner: role('log'),
      })),
    );
  });

  it('S14 filterable columns have leakproof types only', async () => {
    const found = await rows<{ type: string }>(
      `SELECT DISTINCT format_type(a.atttypid, NULL) AS type FROM pg_attribute a
         JOIN pg_class c ON c.oid = a.attrelid WHERE c.relname LIKE 'rm\\_%' AND a.attnum > 0
          AND c.relkind = 'r' AND (a.atttypid = 'numeric'::regtype OR format_type(a.atttypid, NULL) LIKE '%range')`,
    );
    expect(found).toEqual([]);
  });

  it('S14 without a tenant nothing is visible, and with one only its own rows', async () => {
    const { platform } = test;
    const [a, b] = [test.caller(), test.caller()];
    const as = (ctx: typeof a) => ({ ...ctx, actor: { type: 'system' as const, id: 'spec' } });
    await platform.dispatch('CreateCompany', { name: 'Only A' }, as(a));
    await platform.dispatch('CreateCompany', { name: 'Only B' }, as(b));
    await platform.projections.catchUp();
    const pool = platform.database.pool('api');
    for (const table of [
      'es_event',
      'es_stream',
      'rm_companies',
      'rm_companies_history',
      'rm_timeline',
    ]) {
      const none = await pool.query(`SELECT 1 FROM ${table}`);
      expect([table, none.rowCount]).toEqual([table, 0]);
      const own = await platform.database.tenant(a.tenantId, (db) =>
        db.query(`SELECT DISTINCT tenant_id FROM ${table}`),
      );
      expect(own.rows).toEqual([{ tenant_id: a.tenantId }]);
    }
    await expect(pool.query('DELETE FROM rm_companies')).rejects.toThrow('permission denied');
    await expect(pool.query('UPDATE es_event SET data = data')).rejects.toThrow(
      'permission denied',
    );
  });
});
