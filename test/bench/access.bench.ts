import { argon2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { createApi } from '#apps/api/api.module';
import { Callers } from '#apps/api/http/request-context';
import { createWorkspace } from '#apps/composition/workspace';
import { scopeOf } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { AccessTokens } from '#platform/auth/tokens';
import { loadConfig } from '#platform/config/config';
import type { Queryable } from '#platform/postgres/database';
import { median, sideBySide, times, type Bench } from './bench.js';
import type { World } from './world.js';

const SIGN_INS = 20;
const CHECKS = 2_000;
const READS = 200;
const LISTS = 300;

/** What the product's own hash costs, asked of the runtime alone. */
const hash = promisify(argon2);
const COST = { memory: 46 * 1024, passes: 1, parallelism: 1, tagLength: 32 };

/** A statement as somebody's list asks it, and the same transaction where no policy applies. */
const LIST = `SELECT id, full_name, email, lead_status, updated_at FROM rm_contacts
   WHERE tenant_id = $1 AND full_name >= $2 ORDER BY full_name, id LIMIT 20`;

/** The API over the world's database, with a workspace of its own to sign in to. */
async function openApi({ platform }: World) {
  const owner = { email: 'owner@access.example', password: 'paper boats on quiet water' };
  const slug = `access-${uuidv7().slice(-8)}`;
  const made = await createWorkspace(platform, {
    ...{ name: 'Access', slug, ownerName: 'Owner', ownerEmail: owner.email },
    ownerPassword: owner.password,
  });
  if (isRefusal(made)) throw new Error(made.message);
  const config = loadConfig({ LOG_LEVEL: 'silent', RATE_LIMITS: 'false' });
  const app = await createApi({ platform, config, signInsPerMinute: 1_000_000 });
  const login = async (): Promise<string> => {
    const payload = { workspace: slug, ...owner };
    const answer = await app.inject({ method: 'POST', url: '/api/v1/auth/login', payload });
    if (answer.statusCode !== 200) throw new Error(answer.payload);
    return (answer.json() as { data: { accessToken: string } }).data.accessToken;
  };
  return { app, login, tenantId: made.tenantId };
}

/** Signing in, asking what somebody may do, and lists under row-level security. */
export function accessBenches(world: () => Promise<World>) {
  let opened: ReturnType<typeof openApi> | undefined;
  const api = async () => (opened ??= openApi(await world()));
  const timesOf = async (count: number, work: () => Promise<unknown>) =>
    median(await times(count, work));

  async function caller() {
    const { app, login, tenantId } = await api();
    const [callers, tokens, token] = [app.get(Callers), app.get(AccessTokens), await login()];
    const request = { headers: { authorization: `Bearer ${token}` }, id: uuidv7(), ip: '::1' };
    const may = async () => {
      const known = await callers.callerOf(request as never);
      if (isRefusal(known) || !scopeOf(known.grants!, 'contacts:read')) throw new Error('refused');
    };
    return { may, callers, tokens, token, tenantId };
  }

  const benches: readonly Bench[] = [
    {
      name: 'sign-in by password',
      unit: 'ms',
      run: async () => {
        const { login } = await api();
        const bare = () =>
          hash('argon2id', { message: 'a password', nonce: randomBytes(16), ...COST });
        return sideBySide(
          'one argon2id with 46 MiB',
          () => timesOf(SIGN_INS, bare),
          () => timesOf(SIGN_INS, login),
        );
      },
    },
    {
      name: 'permission check of a request',
      unit: 'µs',
      run: async () => {
        const { may, tokens, token } = await caller();
        return sideBySide(
          'the signature of the token alone',
          async () => 1000 * (await timesOf(CHECKS, () => tokens.verify(token))),
          async () => 1000 * (await timesOf(CHECKS, may)),
        );
      },
    },
    {
      name: 'permission check, rights read anew',
      unit: 'ms',
      run: async () => {
        const { may, callers, tenantId } = await caller();
        const { platform } = await world();
        const anew = () => {
          callers.forget(tenantId);
          return may();
        };
        return sideBySide(
          'SELECT 1 in a transaction',
          () =>
            timesOf(READS, () => platform.database.tenant(tenantId, (db) => db.query('SELECT 1'))),
          () => timesOf(READS, anew),
        );
      },
    },
    {
      name: 'list under row-level security',
      unit: 'ms',
      mostRatio: 1.3,
      run: async () => {
        const { platform, ctx, admin } = await world();
        const values = (n: number) => [ctx.tenantId, String.fromCharCode(65 + (n % 26))];
        const ask = (db: Queryable, n: number) => db.query(LIST, values(n));
        const under = (n: number) => platform.database.tenant(ctx.tenantId, (db) => ask(db, n));
        return admin((client) => {
          const db = client as unknown as Queryable;
          const without = async (n: number) => {
            await db.query(`BEGIN; SELECT set_config('app.tenant', '${ctx.tenantId}', true)`);
            await ask(db, n);
            await db.query('COMMIT');
          };
          return sideBySide(
            'the same as an administrator, whom no policy binds',
            async () => median(await times(LISTS, without)),
            async () => median(await times(LISTS, under)),
          );
        });
      },
    },
  ];
  return { benches, close: async () => void (await (await opened)?.app.close()) };
}
