import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { product } from '#apps/composition/product';
import type { Accepted } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { Platform, systemContext } from '#platform/platform';
import { parseListQuery } from '#platform/projections/list-query';
import type { Page } from '#platform/projections/reader';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';
import { PgBouncer, withoutPgBouncer } from './pgbouncer.js';

const TENANTS = 20;
const REQUESTS = 500;
/** Requests that wait for one of the two connections at the same time. */
const AT_ONCE = 40;

interface Tenant {
  readonly ctx: RequestContext;
  readonly companyIds: readonly string[];
}

/** What becomes of a request: it ends well, or is broken off in the middle of its transaction. */
type Ending = 'well' | 'broken';

describe('tenants on two connections', () => {
  let test: TestPlatform;
  let tenants: readonly Tenant[];
  let bouncer: PgBouncer | undefined;
  const open: Platform[] = [];
  beforeAll(async () => {
    test = await startTestPlatform();
    tenants = await Promise.all(
      Array.from({ length: TENANTS }, async (_, n): Promise<Tenant> => {
        const ctx = systemContext(uuidv7(), 'spec');
        const create = (name: string) => test.platform.dispatch('CreateCompany', { name }, ctx);
        const made = [await create(`First of ${n}`), await create(`Second of ${n}`)];
        return { ctx, companyIds: made.map((one) => (one as Accepted).id) };
      }),
    );
    await test.platform.projections.catchUp();
  });
  afterAll(async () => {
    await Promise.all(open.map((one) => one.close()));
    await bouncer?.close();
    await test.close();
  });

  const onTwoConnections = async (url: string) => {
    const platform = await Platform.open({
      url,
      directUrl: test.test.url,
      masterKey: test.test.masterKey,
      poolSize: 2,
      allowUnsafeDurability: true,
      migrate: false,
      product,
    });
    open.push(platform);
    return platform;
  };

  /** Rows a tenant sees that are not its own. */
  const foreign = ({ companyIds }: Tenant, ids: readonly unknown[]) =>
    ids.filter((id) => !companyIds.includes(String(id))).length;

  /** One request of a tenant; answers how many foreign rows it saw. */
  async function request(platform: Platform, n: number): Promise<number> {
    const tenant = tenants[n % TENANTS]!;
    const stranger = tenants[(n + 7) % TENANTS]!;
    const { tenantId } = tenant.ctx;
    const model = platform.registry.readModel('companies');
    /** Reads everything there is, then ends the transaction like this. */
    const bare = async (ending: string) => {
      let ids: readonly string[] = [];
      const ended = platform.database.tenant(tenantId, async (db) => {
        const { rows } = await db.query<{ id: string }>('SELECT id FROM rm_companies');
        ids = rows.map(({ id }) => id);
        if (ending) await db.query(ending);
      });
      await (ending ? expect(ended).rejects.toThrow() : ended);
      expect(ids).toHaveLength(2);
      return foreign(tenant, ids);
    };
    switch (Math.floor(n / TENANTS) % 8) {
      case 0: {
        const query = parseListQuery(model, {}, 'UTC');
        if (isRefusal(query)) throw new Error(query.message);
        const page = (await platform.reader.list(tenant.ctx, model, query)) as Page;
        expect(page.rows).toHaveLength(2);
        return foreign(
          tenant,
          page.rows.map(({ id }) => id),
        );
      }
      case 1: {
        const theirs = await platform.reader.get(tenant.ctx, model, stranger.companyIds[0]!);
        return isRefusal(theirs) ? 0 : 1;
      }
      case 2: {
        const change = { industry: `Industry ${n}` };
        const id = tenant.companyIds[0]!;
        const mine = await platform.dispatch('ChangeCompany', change, tenant.ctx, { id });
        expect(isRefusal(mine)).toBe(false);
        const other = { id: stranger.companyIds[1]! };
        const theirs = await platform.dispatch('ChangeCompany', change, tenant.ctx, other);
        return isRefusal(theirs) && theirs.category === 'missing' ? 0 : 1;
      }
      case 3:
        return bare('');
      case 4:
        return bare('SELECT 1 / 0');
      case 5:
        return bare('SET LOCAL statement_timeout = 5; SELECT pg_sleep(5)');
      case 6:
        return bare('SELECT pg_terminate_backend(pg_backend_pid())');
      default:
        // The caller gives up in the middle: nothing of the transaction is left on the connection.
        await expect(
          platform.database.tenant(tenantId, async (db) => {
            await db.query('SELECT id FROM rm_companies');
            throw new Error('given up');
          }),
        ).rejects.toThrow('given up');
        return 0;
    }
  }

  async function storm(platform: Platform): Promise<Record<Ending | 'foreign', number>> {
    let next = 0;
    const seen = { well: 0, broken: 0, foreign: 0 };
    const worker = async () => {
      while (next < REQUESTS) {
        const n = next++;
        seen.foreign += await request(platform, n);
        seen[Math.floor(n / TENANTS) % 8 < 4 ? 'well' : 'broken']++;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return seen;
  }

  /** What the connections of the pool know once their requests are over. */
  async function leftOver(platform: Platform): Promise<number> {
    const pool = platform.database.pool('api');
    expect(pool.totalCount).toBeLessThanOrEqual(2);
    const found = await Promise.all(
      Array.from({ length: 10 }, () =>
        pool.query<{ tenant: string }>(
          `SELECT coalesce(current_setting('app.tenant', true), '') AS tenant,
              (SELECT count(*) FROM rm_companies)::int AS rows`,
        ),
      ),
    );
    return found.filter(({ rows }) => rows[0]!.tenant !== '' || Number((rows[0] as never)['rows']))
      .length;
  }

  it('S15 500 interleaved requests of 20 tenants, a half of them broken off, see no foreign row', async () => {
    const platform = await onTwoConnections(test.test.url);
    expect(await storm(platform)).toEqual({ well: 260, broken: 240, foreign: 0 });
    expect(await leftOver(platform)).toBe(0);
  });

  (withoutPgBouncer ? it.skip : it)(
    `S15 the same behind pgbouncer in transaction mode ${withoutPgBouncer}`.trim(),
    async () => {
      bouncer = await PgBouncer.start(test.test);
      const platform = await onTwoConnections(bouncer.url);
      expect(await storm(platform)).toEqual({ well: 260, broken: 240, foreign: 0 });
      expect(await leftOver(platform)).toBe(0);
    },
  );
});
