import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SoftwarePasskey, type Departure } from '#test/support/authenticator';
import { startTestServer, type TestServer, type TestWorkspace } from '#test/support/server';

const password = 'violet kettle runs uphill';
const site = 'https://crm.example.com';
let moved = 0;
const now = () => Date.now() + moved;
const pass = (seconds: number) => (moved += seconds * 1000);

describe('passkeys', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  beforeAll(async () => {
    const clock = () => new Date(now());
    const config = { publicUrl: site, trustedProxies: ['127.0.0.1'] };
    server = await startTestServer(config, {}, { clock });
    workspace = await server.workspace();
  });
  afterAll(() => server.close());

  const post = (path: string, body?: unknown, token?: string) =>
    server.request(`/api/v1/auth/${path}`, { method: 'POST', body, ...(token ? { token } : {}) });
  const login = (email: string) => post('login', { workspace: workspace.slug, email, password });
  const optionsOf = async (path: string, token?: string, body?: object) =>
    (await post(path, body, token)).body.data;
  const enter = async (passkey: SoftwarePasskey, departure: Departure = {}) => {
    const options = await optionsOf('passkeys/sign-in/options');
    return post('passkeys/sign-in', { passkey: passkey.answer(options, departure) });
  };
  const own = async (token: string) =>
    (await server.request('/api/v1/auth/mfa', { token })).body.data;
  const logged = async (id: string) => {
    await server.settled();
    const { rows } = await server.test.admin((client) =>
      client.query<{ type: string; data: Record<string, unknown> }>(
        'SELECT type, data::jsonb AS data FROM es_event WHERE stream_id = $1 ORDER BY version',
        [`user-${id}`],
      ),
    );
    return rows;
  };
  const add = async (token: string, passkey: SoftwarePasskey, departure: Departure = {}) => {
    const options = await optionsOf('passkeys/options', token);
    return post('passkeys', { name: 'Laptop', passkey: passkey.make(options, departure) }, token);
  };

  /** Somebody with a passkey, signed in. */
  async function withPasskey() {
    const person = await workspace.withPassword('member', password);
    const token = (await login(person.email)).body.data.accessToken as string;
    const passkey = new SoftwarePasskey(site);
    const added = await add(token, passkey);
    expect(added.status).toBe(201);
    const { factorId, recoveryCodes } = added.body.data;
    return { ...person, token, passkey, factorId, recoveryCodes };
  }

  it('S13 a passkey that verified the person signs them in alone, without a password', async () => {
    const { id, token, passkey, factorId, recoveryCodes } = await withPasskey();
    expect(recoveryCodes).toHaveLength(10);
    const { factors, proofs } = await own(token);
    expect(factors).toMatchObject([{ id: factorId, kind: 'passkey', name: 'Laptop' }]);
    expect(proofs).toEqual(['passkey', 'recovery_code']);
    const signed = await enter(passkey);
    expect([signed.status, signed.body.data.userId]).toEqual([200, id]);
    const me = await server.request('/api/v1/auth/me', { token: signed.body.data.accessToken });
    expect(me.status).toBe(200);
    const events = await logged(id);
    expect(events.map(({ type }) => type)).toContain('UserFactorAdded');
    expect(events.at(-1)).toMatchObject({ type: 'UserSignedIn', data: { method: 'passkey' } });
    expect(JSON.stringify(events)).not.toContain(passkey.id);
  });

  it('S13 asks for verification and no attestation, and leaves out what is there', async () => {
    const { token, passkey } = await withPasskey();
    const offer = await optionsOf('passkeys/options', token);
    expect(offer).toMatchObject({
      rp: { id: 'crm.example.com' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: [{ id: passkey.id }],
    });
    const request = await optionsOf('passkeys/sign-in/options');
    expect(request).toMatchObject({ rpId: 'crm.example.com', userVerification: 'required' });
    expect(request.allowCredentials ?? []).toEqual([]);
  });

  const departures: readonly (readonly [string, Departure])[] = [
    ['another origin', { origin: 'https://crm.example.com.evil.example' }],
    ['the same name without TLS', { origin: 'http://crm.example.com' }],
    ['another site', { site: 'evil.example' }],
    ['a challenge nobody made', { challenge: Buffer.from('cfm_made-up').toString('base64url') }],
    ['a person who was not verified', { isVerified: false }],
    ['nobody at the device', { isPresent: false }],
  ];
  it.each(departures)('S13 refuses a passkey that signs for %s', async (_what, departure) => {
    const { id, token, passkey } = await withPasskey();
    const refused = await enter(passkey, departure);
    expect([refused.status, refused.body.error.code]).toEqual([403, 'FACTOR_REFUSED']);
    expect(refused.body.data).toBeUndefined();
    const made = await add(token, new SoftwarePasskey(site), departure);
    expect([made.status, made.body.error.code]).toEqual([422, 'PASSKEY_REFUSED']);
    expect((await own(token)).factors).toHaveLength(1);
    // Nobody fills the log of a person who has no part in it.
    expect((await logged(id)).map(({ type }) => type)).not.toContain('UserFactorRefused');
    expect((await enter(passkey)).status).toBe(200);
  });

  it('S13 refuses an answer to a creation, and a signature of another key', async () => {
    const { passkey } = await withPasskey();
    expect((await enter(passkey, { type: 'webauthn.create' })).status).toBe(403);
    const other = new SoftwarePasskey(site);
    const options = await optionsOf('passkeys/sign-in/options');
    const { response } = passkey.answer(options);
    const forged = { ...passkey.answer(options), response: other.answer(options).response };
    const stolen = { ...forged, response: { ...forged.response, userHandle: response.userHandle } };
    expect((await post('passkeys/sign-in', { passkey: stolen })).status).toBe(403);
  });

  it('S13 a challenge is good once, also when the answer was wrong, and for ten minutes', async () => {
    const { passkey } = await withPasskey();
    const options = await optionsOf('passkeys/sign-in/options');
    const answer = passkey.answer(options);
    const both = await Promise.all([1, 2].map(() => post('passkeys/sign-in', { passkey: answer })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 403]);
    const spoiled = await optionsOf('passkeys/sign-in/options');
    const wrong = passkey.answer(spoiled, { isVerified: false });
    expect((await post('passkeys/sign-in', { passkey: wrong })).status).toBe(403);
    const right = passkey.answer(spoiled);
    expect((await post('passkeys/sign-in', { passkey: right })).status).toBe(403);
    const late = await optionsOf('passkeys/sign-in/options');
    pass(601);
    expect((await post('passkeys/sign-in', { passkey: passkey.answer(late) })).status).toBe(403);
  });

  it('S13 a challenge holds only in the session and for the purpose it was asked in', async () => {
    const { email, token, passkey } = await withPasskey();
    const elsewhere = (await enter(passkey)).body.data.accessToken as string;
    const stepUp = async (from: string, to: string) => {
      const options = await optionsOf('mfa/step-up/passkey', from);
      return post('mfa/step-up', { passkey: passkey.answer(options) }, to);
    };
    expect((await stepUp(token, elsewhere)).status).toBe(403);
    expect((await stepUp(token, token)).status).toBe(200);
    const offer = await optionsOf('passkeys/options', token);
    const stray = new SoftwarePasskey(site).make(offer);
    expect((await post('passkeys', { passkey: stray }, elsewhere)).status).toBe(422);
    const own = await optionsOf('mfa/step-up/passkey', token);
    const signIn = await post('passkeys/sign-in', { passkey: passkey.answer(own) });
    expect(signIn.status).toBe(403);
    const [one, two] = [(await login(email)).body.data, (await login(email)).body.data];
    const second = await optionsOf('mfa/verify/passkey', undefined, { challenge: one.challenge });
    const swapped = { challenge: two.challenge, passkey: passkey.answer(second) };
    expect((await post('mfa/verify', swapped)).status).toBe(403);
  });

  it('S13 a counter that does not count on is refused as a copy, and kept in the log', async () => {
    const { id, passkey } = await withPasskey();
    expect((await enter(passkey, { counter: 7 })).status).toBe(200);
    for (const counter of [7, 3, 0]) {
      expect((await enter(passkey, { counter })).status).toBe(403);
    }
    const refused = (await logged(id)).filter(({ type }) => type === 'UserFactorRefused');
    expect(refused).toHaveLength(3);
    expect(refused[0]!.data).toMatchObject({ kind: 'passkey', reason: 'clone' });
    expect((await enter(passkey, { counter: 8 })).status).toBe(200);
  });

  it('S13 a passkey that does not count at all goes on signing', async () => {
    const { passkey } = await withPasskey();
    for (let n = 0; n < 2; n++) expect((await enter(passkey, { counter: 0 })).status).toBe(200);
  });

  it('S13 a passkey is a second factor after the password, and a proof for dangerous actions', async () => {
    const { id, email, passkey } = await withPasskey();
    const asked = (await login(email)).body.data;
    expect(asked).toMatchObject({ step: 'factor', factors: ['passkey', 'recovery_code'] });
    const options = await optionsOf('mfa/verify/passkey', undefined, {
      challenge: asked.challenge,
    });
    expect(options.allowCredentials).toMatchObject([{ id: passkey.id }]);
    const proof = { challenge: asked.challenge, passkey: passkey.answer(options) };
    const signed = await post('mfa/verify', proof);
    expect([signed.status, signed.body.data.userId]).toEqual([200, id]);
    const token = signed.body.data.accessToken as string;
    pass(601);
    const late = await post('passkeys/options', undefined, token);
    expect(late.body.error.code).toBe('STEP_UP_REQUIRED');
    const again = await optionsOf('mfa/step-up/passkey', token);
    expect((await post('mfa/step-up', { passkey: passkey.answer(again) }, token)).status).toBe(200);
    expect((await post('passkeys/options', undefined, token)).status).toBe(201);
  });

  it('S13 a person has several passkeys with names, and gives one up', async () => {
    const { token, passkey, factorId } = await withPasskey();
    const phone = new SoftwarePasskey(site);
    const added = await add(token, phone);
    expect([added.status, added.body.data.recoveryCodes]).toEqual([201, null]);
    const again = await add(token, phone);
    expect([again.status, again.body.error.code]).toEqual([422, 'PASSKEY_REFUSED']);
    const at = (id: string, method: string, body?: object) =>
      server.request(`/api/v1/auth/mfa/factors/${id}`, { method, body, token });
    expect((await at(added.body.data.factorId, 'PATCH', { name: 'Phone' })).status).toBe(204);
    const blank = await at(added.body.data.factorId, 'PATCH', { name: ' ' });
    expect([blank.status, blank.body.error.details[0].field]).toEqual([400, 'name']);
    expect((await own(token)).factors.map(({ name }: { name: string }) => name)).toEqual([
      'Laptop',
      'Phone',
    ]);
    expect((await at(factorId, 'DELETE')).status).toBe(204);
    expect((await enter(passkey)).status).toBe(403);
    expect((await enter(phone)).status).toBe(200);
  });

  it('S13 S17 nobody uses, renames or removes the passkey of somebody else or elsewhere', async () => {
    const mine = await withPasskey();
    const theirs = await withPasskey();
    const rename = await server.request(`/api/v1/auth/mfa/factors/${mine.factorId}`, {
      method: 'PATCH',
      body: { name: 'Mine now' },
      token: theirs.token,
    });
    expect(rename.status).toBe(404);
    const options = await optionsOf('mfa/step-up/passkey', theirs.token);
    const borrowed = { passkey: mine.passkey.answer(options) };
    expect((await post('mfa/step-up', borrowed, theirs.token)).status).toBe(403);
    const other = await server.workspace();
    const handle = Buffer.from(`${other.tenantId}${theirs.id}`.replaceAll('-', ''), 'hex').toString(
      'base64url',
    );
    expect((await enter(mine.passkey, { userHandle: handle })).status).toBe(403);
    const swapped = Buffer.from(`${workspace.tenantId}${theirs.id}`.replaceAll('-', ''), 'hex');
    const asThem = { userHandle: swapped.toString('base64url') };
    expect((await enter(mine.passkey, asThem)).status).toBe(403);
  });

  it('S2 S13 forced single sign-on refuses a passkey as it does a password', async () => {
    const where = await server.workspace();
    const boss = await where.withPassword('owner', password);
    const { email } = await where.withPassword('member', password);
    const signed = await post('login', { workspace: where.slug, email, password });
    const passkey = new SoftwarePasskey(site);
    expect((await add(signed.body.data.accessToken, passkey)).status).toBe(201);
    expect((await enter(passkey)).status).toBe(200);
    const made = await (
      await where.person('admin')
    ).post('/identityProviders', {
      name: 'Hooli',
      kind: 'oidc',
      domains: [`${where.slug}.example`],
      isForced: true,
      isActive: true,
      issuerUrl: 'https://login.hooli.com',
      clientId: 'clientforge',
      breakGlassIds: [boss.id],
    });
    expect(made.status).toBe(201);
    await server.settled();
    const refused = await enter(passkey);
    expect([refused.status, refused.body.error.code]).toEqual([403, 'SSO_REQUIRED']);
  });

  it('S10 S13 a page of another site begins and completes no sign-in', async () => {
    const { passkey } = await withPasskey();
    const headers = { 'sec-fetch-site': 'cross-site' };
    const from = (path: string, body?: object) =>
      server.request(`/api/v1/auth/passkeys/${path}`, { method: 'POST', body, headers });
    expect((await from('sign-in/options')).status).toBe(403);
    const options = await optionsOf('passkeys/sign-in/options');
    const stolen = await from('sign-in', { passkey: passkey.answer(options) });
    expect([stolen.status, stolen.body.error.code]).toEqual([403, 'CROSS_SITE']);
  });

  it('S13 no passkey signs in somebody who may not, and nothing but a passkey is looked at', async () => {
    const { id, passkey } = await withPasskey();
    const owner = await workspace.person('owner');
    expect((await owner.post(`/users/${id}/deactivate`, {})).status).toBeLessThan(300);
    const refused = await enter(passkey);
    expect([refused.status, refused.body.error.code]).toEqual([401, 'SIGN_IN_REFUSED']);
    for (const body of [{}, { passkey: {} }, { passkey: 'x' }, { passkey: null }]) {
      const odd = await post('passkeys/sign-in', body);
      expect([odd.status, odd.body.error.code]).toEqual([400, 'VALIDATION_ERROR']);
    }
  });
});
