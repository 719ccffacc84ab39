import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';
import { totpCode } from '#platform/auth/totp';

const password = 'violet kettle runs uphill';
let moved = 0;
const now = () => Date.now() + moved;
const pass = (seconds: number) => (moved += seconds * 1000);

describe('a code by e-mail', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let owner: TestUser;
  beforeAll(async () => {
    server = await startTestServer({}, {}, { clock: () => new Date(now()) });
    workspace = await server.workspace();
    owner = await workspace.person('owner');
    await allow(true);
  });
  afterAll(() => server.close());

  const allow = async (emailCodes: boolean, who = owner) => {
    const given = { requiredRoles: ['member'], emailCodes };
    expect((await who.patch('/tenant/mfa-policy', given)).status).toBe(200);
  };
  const post = (path: string, body: unknown, token?: string) =>
    server.request(`/api/v1/auth/${path}`, { method: 'POST', body, ...(token ? { token } : {}) });
  const login = async (email: string, slug = workspace.slug) =>
    (await post('login', { workspace: slug, email, password })).body.data;
  const member = () => workspace.withPassword('member', password);
  const sent = async (challenge: string) => {
    const reply = await post('mfa/verify/email', { challenge });
    expect(reply.status).toBe(204);
    const [mail] = await server.platform.mail.list(workspace.tenantId, 1);
    return /\b\d{6}\b/.exec(mail!.text!)![0];
  };
  const verify = (challenge: string, code: string) => post('mfa/verify', { challenge, code });

  it('S13 is off until a workspace allows it', async () => {
    const strict = await server.workspace();
    const boss = await strict.person('owner');
    await boss.patch('/tenant/mfa-policy', { requiredRoles: ['member'] });
    const { email } = await strict.withPassword('member', password);
    const { step, challenge } = await login(email, strict.slug);
    expect(step).toBe('enrolment');
    expect((await post('mfa/verify/email', { challenge })).status).toBe(401);
    await allow(true, boss);
    expect(await login(email, strict.slug)).toMatchObject({ factors: ['email_code'] });
  });

  it('S13 completes a sign-in once, for that sign-in and for ten minutes', async () => {
    const { id, email } = await member();
    const [one, two] = [await login(email), await login(email)];
    expect(one).toMatchObject({ step: 'factor', factors: ['email_code'] });
    const code = await sent(one.challenge);
    expect((await verify(two.challenge, code)).status).toBe(403);
    const signed = await verify(one.challenge, code);
    expect([signed.status, signed.body.data.userId]).toEqual([200, id]);
    expect((await verify(one.challenge, code)).status).toBe(401);
    const later = (await post('refresh', { refreshToken: signed.body.data.refreshToken })).status;
    expect(later).toBe(200);
    const third = await login(email);
    const [first, second] = [await sent(third.challenge), await sent(third.challenge)];
    if (first !== second) expect((await verify(third.challenge, first)).status).toBe(403);
    pass(601);
    expect((await verify(third.challenge, second)).status).toBe(401);
    await server.settled();
    const { rows } = await server.test.admin((client) =>
      client.query<{ data: string }>(
        `SELECT data FROM es_event WHERE stream_id = $1 AND type = 'UserFactorProved'`,
        [`user-${id}`],
      ),
    );
    expect(rows.map(({ data }) => JSON.parse(data).kind)).toEqual(['email_code']);
    expect(JSON.stringify(rows)).not.toContain(code);
  });

  it('S11 S13 is sent five times in an hour, and guessed five times', async () => {
    const { email } = await member();
    const { challenge } = await login(email);
    const code = await sent(challenge);
    const wrong = code === '000000' ? '111111' : '000000';
    for (let n = 0; n < 5; n++) expect((await verify(challenge, wrong)).status).toBe(403);
    expect((await verify(challenge, code)).status).toBe(429);
    for (let n = 0; n < 4; n++) await sent(challenge);
    const sixth = await post('mfa/verify/email', { challenge });
    expect([sixth.status, sixth.body.error.code]).toEqual([429, 'TOO_MANY_ATTEMPTS']);
  });

  it('S13 stands in for no factor that somebody has, and proves nothing for dangerous actions', async () => {
    const { email } = await member();
    const { challenge } = await login(email);
    const code = await sent(challenge);
    const token = (await verify(challenge, code)).body.data.accessToken as string;
    pass(601);
    const asked = await post('mfa/totp', {}, token);
    expect(asked.body.error.code).toBe('STEP_UP_REQUIRED');
    const mailed = await sent((await login(email)).challenge);
    expect((await post('mfa/step-up', { code: mailed }, token)).status).toBe(403);
    expect((await post('mfa/step-up', { password }, token)).status).toBe(200);
    const { secret } = (await post('mfa/totp', {}, token)).body.data;
    const typed = totpCode(secret, Math.floor(now() / 30_000));
    expect((await post('mfa/totp/confirm', { code: typed }, token)).status).toBe(200);
    const next = await login(email);
    expect(next.factors).toEqual(['totp', 'recovery_code']);
    const refused = await post('mfa/verify/email', { challenge: next.challenge });
    expect([refused.status, refused.body.error.code]).toEqual([422, 'EMAIL_CODE_REFUSED']);
  });

  it('S13 what a workspace forbids again no longer counts, and ends its sessions', async () => {
    const { email } = await member();
    const { challenge } = await login(email);
    const code = await sent(challenge);
    const other = await login(email);
    const signed = (await verify(challenge, code)).body.data;
    const unused = await sent(other.challenge);
    const renewed = await workspace.person('owner');
    await allow(false, renewed);
    expect((await verify(other.challenge, unused)).status).toBe(403);
    const gone = await post('refresh', { refreshToken: signed.refreshToken });
    expect(gone.body.error.code).toBe('SESSION_ENDED');
    expect((await login(email)).step).toBe('enrolment');
  });
});
