import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { totpCode } from '#platform/auth/totp';
import { SoftwarePasskey } from '#test/support/authenticator';
import { startTestServer, type TestServer, type TestWorkspace } from '#test/support/server';

const password = 'violet kettle runs uphill';
const site = 'https://crm.example.com';

describe('a passkey as the first factor, on the way in', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  beforeAll(async () => {
    server = await startTestServer({ publicUrl: site });
    workspace = await server.workspace();
    const owner = await workspace.person('owner');
    const policy = { requiredRoles: ['member'] };
    expect((await owner.patch('/tenant/mfa-policy', policy)).status).toBe(200);
  });
  afterAll(() => server.close());

  const post = (path: string, body: object) =>
    server.request(`/api/v1/auth/${path}`, { method: 'POST', body });
  const confirm = (body: object) => post('mfa/enrolment/confirm', body);
  const refusal = ({ status, body }: Awaited<ReturnType<typeof post>>) => [
    status,
    body.error?.code,
  ];
  /** Somebody whose password was right and who needs a factor now. */
  const arriving = async () => {
    const { id, email } = await workspace.withPassword('member', password);
    const login = async () =>
      (await post('login', { workspace: workspace.slug, email, password })).body.data;
    const asked = await login();
    expect(asked).toMatchObject({ step: 'enrolment', factors: ['totp', 'passkey'] });
    return { id, login, challenge: asked.challenge as string };
  };
  const offered = async (challenge: string) => {
    const reply = await post('mfa/enrolment/passkey', { challenge });
    expect(reply.status).toBe(201);
    return reply.body.data;
  };

  it('S13 signs in and gives recovery codes; the next sign-in asks for it', async () => {
    const { id, login, challenge } = await arriving();
    const device = new SoftwarePasskey(site);
    const signed = await confirm({ challenge, passkey: device.make(await offered(challenge)) });
    expect([signed.status, signed.body.data.userId]).toEqual([200, id]);
    expect(signed.body.data.recoveryCodes).toHaveLength(10);
    const token = signed.body.data.accessToken as string;
    const own = await server.request('/api/v1/auth/mfa', { token });
    expect(own.body.data).toMatchObject({ factors: [{ kind: 'passkey' }], requiredNow: true });
    const again = await login();
    expect(again).toMatchObject({ step: 'factor', factors: ['passkey', 'recovery_code'] });
    const options = (await post('mfa/verify/passkey', { challenge: again.challenge })).body.data;
    const proof = { challenge: again.challenge, passkey: device.answer(options) };
    expect((await post('mfa/verify', proof)).status).toBe(200);
    // The sign-in it was made in is over.
    expect(refusal(await post('mfa/enrolment/passkey', { challenge }))).toEqual([
      401,
      'CHALLENGE_ENDED',
    ]);
  });

  it('S13 is refused from another site, unverified, or made in another sign-in', async () => {
    const { login, challenge } = await arriving();
    const device = new SoftwarePasskey(site);
    for (const departure of [
      { origin: 'https://crm.example.com.evil.example' },
      { isVerified: false },
      { challenge: Buffer.from('cfm_made-up').toString('base64url') },
    ]) {
      const passkey = device.make(await offered(challenge), departure);
      expect(refusal(await confirm({ challenge, passkey }))).toEqual([422, 'PASSKEY_REFUSED']);
    }
    const other = (await login()).challenge as string;
    const passkey = device.make(await offered(other));
    expect(refusal(await confirm({ challenge, passkey }))).toEqual([422, 'PASSKEY_REFUSED']);
    const right = device.make(await offered(challenge));
    const both = [{ challenge }, { challenge, passkey: right, code: '000000' }];
    for (const body of both) {
      expect(refusal(await confirm(body))).toEqual([400, 'VALIDATION_ERROR']);
    }
    expect((await confirm({ challenge, passkey: right })).status).toBe(200);
  });

  it('S13 is the first one only: a sign-in that began before it adds no other', async () => {
    const { login, challenge } = await arriving();
    const earlier = (await login()).challenge as string;
    const app = (await post('mfa/enrolment', { challenge: earlier })).body.data;
    const device = new SoftwarePasskey(site);
    expect(
      (await confirm({ challenge, passkey: device.make(await offered(challenge)) })).status,
    ).toBe(200);
    const stray = new SoftwarePasskey(site).make(await offered(earlier));
    expect(refusal(await confirm({ challenge: earlier, passkey: stray }))).toEqual([
      422,
      'PASSKEY_REFUSED',
    ]);
    const code = totpCode(app.secret, Math.floor(Date.now() / 30_000));
    expect(refusal(await confirm({ challenge: earlier, code }))).toEqual([403, 'FACTOR_REFUSED']);
    expect((await login()).factors).toEqual(['passkey', 'recovery_code']);
  });
});
