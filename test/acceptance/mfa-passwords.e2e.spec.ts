import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { issueToken } from '#platform/auth/one-time-tokens';
import { totpCode } from '#platform/auth/totp';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const long = 'violet kettle runs uphill';
const short = 'kv9!plum';
let moved = 0;
const now = () => Date.now() + moved;

describe('how long a password has to be', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let owner: TestUser;
  beforeAll(async () => {
    server = await startTestServer({}, {}, { clock: () => new Date(now()) });
    workspace = await server.workspace();
    owner = await workspace.person('owner');
    await enforce(['member']);
  });
  afterAll(() => server.close());

  const enforce = async (requiredRoles: readonly string[], enforcedFrom?: string) => {
    const given = { requiredRoles, enforcedFrom: enforcedFrom ?? null };
    expect((await owner.patch('/tenant/mfa-policy', given)).status).toBe(200);
  };
  const ask = (path: string, body: unknown, token?: string, method = 'POST') =>
    server.request(`/api/v1/auth/${path}`, { method, body, ...(token ? { token } : {}) });
  const login = async (email: string, password: string) =>
    (await ask('login', { workspace: workspace.slug, email, password })).body;
  const codeOf = (secret: string) => {
    // Each code is good once.
    moved += 31_000;
    return totpCode(secret, Math.floor(now() / 30_000));
  };
  const change = (token: string, currentPassword: string, password: string) =>
    ask('password', { currentPassword, password }, token, 'PUT');

  /** A member who added the app their role needs. */
  async function enrolled() {
    const person = await workspace.withPassword('member', long);
    const { challenge } = (await login(person.email, long)).data;
    const { secret } = (await ask('mfa/enrolment', { challenge })).body.data;
    const code = codeOf(secret);
    const signed = (await ask('mfa/enrolment/confirm', { challenge, code })).body.data;
    return { ...person, secret, token: signed.accessToken as string };
  }
  /** The same with a password of eight characters. */
  async function withShort() {
    const person = await enrolled();
    const changed = await change(person.token, long, short);
    expect(changed.status).toBe(200);
    return { ...person, token: changed.body.data.accessToken as string };
  }
  const asked = async (email: string) => (await login(email, short)).data;

  it('S12 eight characters do beside a second factor that is enforced, seven do not', async () => {
    const { email, secret, token } = await enrolled();
    const own = (await server.request('/api/v1/auth/mfa', { token })).body.data;
    expect(own.passwordMinimum).toBe(8);
    const seven = await change(token, long, short.slice(1));
    expect([seven.status, seven.body.error.code]).toEqual([422, 'WEAK_PASSWORD']);
    expect(seven.body.error.message).toContain('at least 8');
    expect((await change(token, long, 'password')).body.error.code).toBe('WEAK_PASSWORD');
    expect((await change(token, long, short)).status).toBe(200);
    const { step, challenge } = await asked(email);
    expect(step).toBe('factor');
    const done = await ask('mfa/verify', { challenge, code: codeOf(secret) });
    expect(done.status).toBe(200);
  });

  it('S12 fifteen are needed where no factor is there, is not enforced, or not yet', async () => {
    const { email } = await workspace.withPassword('manager', long);
    const token = (await login(email, long)).data.accessToken as string;
    const alone = await change(token, long, 'kv9!plum-dusk5'.slice(0, 14));
    expect([alone.status, alone.body.error.details[0].rule]).toEqual([422, 'length']);
    const { secret } = (await ask('mfa/totp', {}, token)).body.data;
    expect((await ask('mfa/totp/confirm', { code: codeOf(secret) }, token)).status).toBe(200);
    const free = await change(token, long, short);
    expect(free.body.error.message).toContain('at least 15');
    await enforce(['member', 'manager'], new Date(now() + 86_400_000).toISOString());
    expect((await change(token, long, short)).body.error.code).toBe('WEAK_PASSWORD');
    await enforce(['member']);
  });

  it('S12 who loses the factor and need not have one sets a longer password first', async () => {
    const { id, email, token } = await withShort();
    await enforce([]);
    const { factors } = (await server.request('/api/v1/auth/mfa', { token })).body.data;
    // While the factor is there it is asked for, enforced or not.
    expect((await asked(email)).step).toBe('factor');
    const removed = await ask(`mfa/factors/${factors[0].id}`, undefined, token, 'DELETE');
    expect(removed.status).toBe(204);
    const refused = await login(email, short);
    expect(refused.error).toMatchObject({ code: 'PASSWORD_TOO_SHORT' });
    expect(refused.error.details[0].remedy).toContain('/api/v1/auth/forgot-password');
    expect((await login(email, 'wrong')).error.code).toBe('SIGN_IN_REFUSED');
    const { tenantId } = workspace;
    const detail = await server.platform.keys.sealForTenant(tenantId, email, `link:${id}`);
    const link = await server.platform.database.tenant(tenantId, (db) =>
      issueToken(
        db,
        {
          tenantId,
          purpose: 'password-reset',
          subjectId: id,
          detail,
          expiresAt: new Date(now() + 3_600_000),
        },
        new Date(now()),
      ),
    );
    const again = await ask('reset-password', { token: link, password: `${short}-more` });
    expect(again.body.error.message).toContain('at least 15');
    expect((await ask('reset-password', { token: link, password: long })).status).toBeLessThan(300);
    expect((await login(email, long)).data.accessToken).toBeDefined();
    await enforce(['member']);
  });

  it('S12 S13 whose factor an administrator took away adds another before anything else', async () => {
    const { id, email } = await withShort();
    // The log has the time of the database, which the clock of this spec runs ahead of.
    await server.platform.database.tenant(workspace.tenantId, (db) =>
      db.query(`UPDATE auth_factor SET created_at = now() - interval '1 hour' WHERE user_id = $1`, [
        id,
      ]),
    );
    expect((await owner.post(`/users/${id}/reset-factors`, {})).status).toBeLessThan(300);
    await server.settled();
    const { step, accessToken } = await asked(email);
    expect([step, accessToken]).toEqual(['enrolment', undefined]);
  });
});
