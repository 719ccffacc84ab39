import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { totpCode } from '#platform/auth/totp';
import { forged } from '#test/support/forged';
import { startTestServer, type TestServer, type TestWorkspace } from '#test/support/server';

const password = 'violet kettle runs uphill';
let moved = 0;
const now = () => Date.now() + moved;
const pass = (seconds: number) => (moved += seconds * 1000);
const codeAt = (secret: string, seconds = 0) =>
  totpCode(secret, Math.floor((now() / 1000 + seconds) / 30));

describe('signing in with a second factor', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  beforeAll(async () => {
    const clock = () => new Date(now());
    // Each request may say where it comes from, so that no lock gets in the way of counting.
    server = await startTestServer({ trustedProxies: ['127.0.0.1'] }, {}, { clock });
    workspace = await server.workspace();
  });
  afterAll(() => server.close());

  const post = (path: string, body: unknown, token?: string, ip?: string) =>
    server.request(`/api/v1/auth/${path}`, {
      method: 'POST',
      body,
      ...(token ? { token } : {}),
      ...(ip ? { headers: { 'x-forwarded-for': ip } } : {}),
    });
  const login = async (email: string, given = password, ip?: string) =>
    post('login', { workspace: workspace.slug, email, password: given }, undefined, ip);
  const me = (token: string) => server.request('/api/v1/auth/me', { token });
  const verify = (challenge: string, code: string, ip?: string) =>
    post('mfa/verify', { challenge, code }, undefined, ip);
  const eventsOf = async (id: string) => {
    await server.settled();
    const { rows } = await server.test.admin((client) =>
      client.query<{ type: string }>(
        'SELECT type FROM es_event WHERE stream_id = $1 ORDER BY version',
        [`user-${id}`],
      ),
    );
    return rows.map(({ type }) => type).slice(1);
  };

  /** Somebody with an authenticator app, signed in. */
  async function withApp(role: 'member' | 'admin' = 'member') {
    const person = await workspace.withPassword(role, password);
    const first = (await login(person.email)).body.data;
    const begun = (await post('mfa/totp', { name: 'Phone' }, first.accessToken)).body.data;
    const done = await post('mfa/totp/confirm', { code: codeAt(begun.secret) }, first.accessToken);
    expect(done.status).toBe(200);
    const { recoveryCodes, factorId } = done.body.data as {
      recoveryCodes: string[];
      factorId: string;
    };
    pass(31);
    return {
      ...person,
      token: first.accessToken as string,
      secret: begun.secret as string,
      recoveryCodes,
      factorId,
    };
  }
  const challengeOf = async (email: string, ip?: string) => {
    const reply = await login(email, password, ip);
    expect(reply.status).toBe(200);
    return reply.body.data.challenge as string;
  };

  it('S13 adds an app by its first code, shows its secret once and gives ten codes', async () => {
    const { id, email } = await workspace.withPassword('member', password);
    const { accessToken, refreshToken } = (await login(email)).body.data;
    const other = (await login(email)).body.data;
    const begun = await post('mfa/totp', { name: 'Phone' }, accessToken);
    expect([begun.status, begun.headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(begun.body.data.uri).toContain(`secret=${begun.body.data.secret}`);
    // Not confirmed, it neither counts nor stands in the way.
    expect((await login(email)).body.data.accessToken).toBeDefined();
    const wrong = await post('mfa/totp/confirm', { code: '000000' }, accessToken);
    expect([wrong.status, wrong.body.error.code]).toEqual([403, 'FACTOR_REFUSED']);
    const code = codeAt(begun.body.data.secret);
    const done = await post('mfa/totp/confirm', { code }, accessToken);
    expect(new Set(done.body.data.recoveryCodes).size).toBe(10);
    expect(done.body.data.recoveryCodes[0]).toMatch(/^[a-z2-9]{5}-[a-z2-9]{5}$/);
    // S9: this session stays, the others end.
    expect((await me(accessToken)).status).toBe(200);
    expect((await post('refresh', { refreshToken })).status).toBe(200);
    expect((await me(other.accessToken)).status).toBe(401);
    expect((await post('refresh', { refreshToken: other.refreshToken })).status).toBe(401);
    const own = await server.request('/api/v1/auth/mfa', { token: accessToken });
    expect(own.body.data).toMatchObject({
      factors: [{ id: begun.body.data.factorId, kind: 'totp', name: 'Phone' }],
      recoveryCodesLeft: 10,
      required: false,
    });
    expect(own.text).not.toContain(begun.body.data.secret);
    expect(await eventsOf(id)).toEqual(
      expect.arrayContaining(['UserFactorProved', 'UserFactorAdded', 'UserRecoveryCodesIssued']),
    );
    const stored = await server.test.admin((client) =>
      client.query<{ row: string }>(
        `SELECT (SELECT string_agg(f::text, '') FROM auth_factor f) ||
                (SELECT string_agg(c::text, '') FROM auth_recovery_code c) ||
                (SELECT string_agg(data || meta, '') FROM es_event) AS row`,
      ),
    );
    const kept = stored.rows[0]!.row;
    expect(kept).not.toContain(begun.body.data.secret);
    expect(kept).not.toContain(done.body.data.recoveryCodes[0]);
    expect(kept).not.toContain(done.body.data.recoveryCodes[0].replace('-', ''));
  });

  it('S13 gives no session for the password alone, and one for a code of the app', async () => {
    const { email, secret, id } = await withApp();
    const reply = await login(email);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('set-cookie')).toBeNull();
    expect(Object.keys(reply.body.data).sort()).toEqual([
      'challenge',
      'challengeExpiresAt',
      'factors',
      'step',
    ]);
    expect(reply.body.data).toMatchObject({ step: 'factor', factors: ['totp', 'recovery_code'] });
    const { challenge } = reply.body.data;
    expect((await me(challenge)).status).toBe(401);
    expect((await post('refresh', { refreshToken: challenge })).status).toBe(401);
    const signed = await verify(challenge, codeAt(secret));
    expect(signed.status).toBe(200);
    expect((await me(signed.body.data.accessToken)).body.data.user.id).toBe(id);
    // A challenge is good once, with whatever code.
    pass(31);
    const again = await verify(challenge, codeAt(secret));
    expect([again.status, again.body.error.code]).toEqual([401, 'CHALLENGE_ENDED']);
    // A wrong password is told from a right one by nobody but who has it.
    const wrong = await login(email, 'not the password');
    const unknown = await login('nobody@hooli.example');
    expect(wrong.body.error).toEqual(unknown.body.error);
  });

  it('S13 takes each code once, also of two at the same moment', async () => {
    const { email, secret } = await withApp();
    const [one, two, three] = [
      await challengeOf(email),
      await challengeOf(email),
      await challengeOf(email),
    ];
    const code = codeAt(secret);
    const replies = await Promise.all([verify(one, code), verify(two, code)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 403]);
    expect((await verify(three, code)).status).toBe(403);
    pass(31);
    // An earlier step than the last one used is no good either, although it is within the drift.
    const later = codeAt(secret, 30);
    expect((await verify(three, later)).status).toBe(200);
    const fourth = await challengeOf(email);
    expect((await verify(fourth, codeAt(secret))).status).toBe(403);
  });

  it('S13 allows for clocks one step apart, not two', async () => {
    const { email, secret } = await withApp();
    for (const [drift, status] of [
      [-60, 403],
      [60, 403],
      [-30, 200],
      [30, 200],
    ] as const) {
      pass(90);
      const reply = await verify(await challengeOf(email), codeAt(secret, drift));
      expect([drift, reply.status]).toEqual([drift, status]);
    }
  });

  it('S13 ends a challenge after ten minutes', async () => {
    const { email, secret } = await withApp();
    const challenge = await challengeOf(email);
    pass(601);
    const late = await verify(challenge, codeAt(secret));
    expect([late.status, late.body.error.code]).toEqual([401, 'CHALLENGE_ENDED']);
    for (const token of ['x', `cfm_${'A'.repeat(86)}`, forged(challenge)]) {
      expect((await verify(token, codeAt(secret))).status).toBe(401);
    }
  });

  it('S13 locks codes after five wrong ones from one place, ten from anywhere', async () => {
    const { id, email, secret } = await withApp();
    const challenge = await challengeOf(email);
    const wrong = () => verify(challenge, '000000', '198.51.100.1');
    const all = await Promise.all(Array.from({ length: 20 }, wrong));
    const statuses = all.map(({ status }) => status);
    expect(statuses.filter((status) => status === 403)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(15);
    // From there not even the right one counts; from elsewhere it would until ten have failed.
    expect((await verify(challenge, codeAt(secret), '198.51.100.1')).status).toBe(429);
    expect((await verify(challenge, codeAt(secret), '198.51.100.2')).status).toBe(429);
    pass(901);
    const later = await challengeOf(email);
    expect((await verify(later, codeAt(secret), '198.51.100.1')).status).toBe(200);
    const events = await eventsOf(id);
    expect(events.filter((type) => type === 'UserFactorRefused').length).toBeLessThan(8);
  });

  it('S13 a recovery code stands in for the app once', async () => {
    const { id, email, recoveryCodes } = await withApp();
    const typed = recoveryCodes[0]!.toUpperCase().replace('-', ' ');
    expect((await verify(await challengeOf(email), typed)).status).toBe(200);
    expect((await verify(await challengeOf(email), recoveryCodes[0]!)).status).toBe(403);
    const [one, two] = [await challengeOf(email), await challengeOf(email)];
    const both = await Promise.all([
      verify(one, recoveryCodes[1]!),
      verify(two, recoveryCodes[1]!),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 403]);
    const { rows } = await server.test.admin((client) =>
      client.query<{ data: string }>(
        `SELECT data FROM es_event WHERE stream_id = $1 AND type = 'UserFactorProved'
          ORDER BY version DESC LIMIT 1`,
        [`user-${id}`],
      ),
    );
    expect(JSON.parse(rows[0]!.data)).toMatchObject({ kind: 'recovery_code', codesLeft: 8 });
  });

  it('S13 new recovery codes end the old ones', async () => {
    const { email, token, recoveryCodes } = await withApp();
    const reply = await post('mfa/recovery-codes', undefined, token);
    expect(reply.status).toBe(201);
    expect((await verify(await challengeOf(email), recoveryCodes[2]!)).status).toBe(403);
    const fresh = reply.body.data.recoveryCodes[2] as string;
    expect((await verify(await challengeOf(email), fresh)).status).toBe(200);
  });

  it('S13 nobody uses the factor or the challenge of another workspace', async () => {
    const other = await server.workspace();
    const mine = await withApp();
    const twin = await other.withPassword('member', password);
    const signed = await post('login', { workspace: other.slug, email: twin.email, password });
    const token = signed.body.data.accessToken as string;
    const removed = await server.request(`/api/v1/auth/mfa/factors/${mine.factorId}`, {
      method: 'DELETE',
      token,
    });
    expect(removed.status).toBe(404);
    const challenge = await challengeOf(mine.email);
    const body = Buffer.from(challenge.slice(4), 'base64url');
    Buffer.from(other.tenantId.replaceAll('-', ''), 'hex').copy(body);
    const forged = `cfm_${body.toString('base64url')}`;
    expect((await verify(forged, codeAt(mine.secret))).status).toBe(401);
    expect((await verify(challenge, codeAt(mine.secret))).status).toBe(200);
  });

  it('S9 S13 removing a factor takes a recent proof and ends other sessions', async () => {
    const { email, secret, token, factorId } = await withApp();
    const elsewhere = (await verify(await challengeOf(email), codeAt(secret))).body.data;
    const remove = () =>
      server.request(`/api/v1/auth/mfa/factors/${factorId}`, { method: 'DELETE', token });
    pass(601);
    const late = await remove();
    expect([late.status, late.body.error.code]).toEqual([403, 'STEP_UP_REQUIRED']);
    expect(late.body.error.details[0].remedy).toContain('/api/v1/auth/mfa/step-up');
    const byPassword = await post('mfa/step-up', { password }, token);
    expect([byPassword.status, byPassword.body.error.code]).toEqual([403, 'FACTOR_NEEDED']);
    expect((await post('mfa/step-up', { code: codeAt(secret) }, token)).status).toBe(200);
    expect((await remove()).status).toBe(204);
    expect((await me(token)).status).toBe(200);
    expect((await me(elsewhere.accessToken)).status).toBe(401);
    // Without a factor the password is enough again.
    expect((await login(email)).body.data.accessToken).toBeDefined();
  });

  it('S13 a step-up without a factor takes the password, throttled like a code', async () => {
    const { email } = await workspace.withPassword('member', password);
    const { accessToken: token } = (await login(email)).body.data;
    pass(601);
    expect((await post('mfa/totp', {}, token)).body.error.code).toBe('STEP_UP_REQUIRED');
    for (let n = 0; n < 5; n++) {
      expect((await post('mfa/step-up', { password: 'wrong' }, token)).status).toBe(403);
    }
    expect((await post('mfa/step-up', { password }, token)).status).toBe(429);
    pass(901);
    const fresh = (await login(email)).body.data.accessToken as string;
    pass(601);
    expect((await post('mfa/step-up', { password }, fresh)).status).toBe(200);
    expect((await post('mfa/totp', {}, fresh)).status).toBe(201);
  });

  it('S13 a role that needs a factor may only add one, until it has', async () => {
    const strict = await server.workspace();
    const owner = await strict.person('owner');
    const boss = await strict.withPassword('owner', password);
    const { email } = await strict.withPassword('member', password);
    const signIn = () => post('login', { workspace: strict.slug, email, password });
    const before = (await signIn()).body.data;
    const day = 86_400;
    const enforcedFrom = new Date(now() + day * 1000).toISOString();
    const change = await owner.patch('/tenant/mfa-policy', {
      requiredRoles: ['member'],
      enforcedFrom,
    });
    expect(change.status).toBe(200);
    // In the time of grace everything goes on, and the person is told.
    const grace = (await signIn()).body.data;
    expect(grace.accessToken).toBeDefined();
    const told = await server.request('/api/v1/auth/mfa', { token: grace.accessToken });
    expect(told.body.data).toMatchObject({
      required: true,
      requiredNow: false,
      policy: { enforcedFrom },
      proofs: ['password'],
    });
    pass(day + 1);
    const after = await post('refresh', { refreshToken: before.refreshToken });
    expect([after.status, after.body.error.code]).toEqual([401, 'SESSION_ENDED']);
    const asked = (await signIn()).body.data;
    expect(asked).toMatchObject({ step: 'enrolment', factors: ['totp', 'passkey'] });
    expect(asked).not.toHaveProperty('accessToken');
    // The challenge adds a factor and does nothing else.
    expect((await verify(asked.challenge, '000000')).status).toBe(401);
    expect((await me(asked.challenge)).status).toBe(401);
    const begun = (await post('mfa/enrolment', { challenge: asked.challenge })).body.data;
    const wrong = { challenge: asked.challenge, code: '000000' };
    expect((await post('mfa/enrolment/confirm', wrong)).status).toBe(403);
    const right = { challenge: asked.challenge, code: codeAt(begun.secret) };
    const signed = await post('mfa/enrolment/confirm', right);
    expect(signed.status).toBe(200);
    expect(signed.body.data.recoveryCodes).toHaveLength(10);
    const token = signed.body.data.accessToken as string;
    expect((await me(token)).status).toBe(200);
    // And it cannot be given up again.
    const removed = await server.request(`/api/v1/auth/mfa/factors/${begun.factorId}`, {
      method: 'DELETE',
      token,
    });
    expect([removed.status, removed.body.error.code]).toEqual([422, 'FACTOR_REQUIRED']);
    expect((await signIn()).body.data.step).toBe('factor');
    // Other roles are as they were.
    const free = await post('login', { workspace: strict.slug, email: boss.email, password });
    expect(free.body.data.accessToken).toBeDefined();
  });

  it('S13 dangerous actions take a recent proof in both APIs', async () => {
    const owner = await workspace.person('owner');
    const { id, token } = owner;
    const query = `mutation { eraseSubject(id: "${id}", confirm: "${id}", reason: request) {
      __typename ... on Refused { code } } }`;
    // The access token lasts fifteen minutes, a proof ten.
    pass(601);
    const rest = await owner.post(`/subjects/${id}/erase`, { confirm: id, reason: 'request' });
    expect([rest.status, rest.body.error.code]).toEqual([403, 'STEP_UP_REQUIRED']);
    const graphql = await server.request('/graphql', { method: 'POST', token, body: { query } });
    for (const { headers } of [rest, graphql]) {
      expect(headers.get('www-authenticate')).toContain('insufficient_user_authentication');
    }
    expect(graphql.body.data.eraseSubject).toEqual({
      __typename: 'Refused',
      code: 'STEP_UP_REQUIRED',
    });
    expect((await owner.get('/audit/export')).status).toBe(403);
    expect((await owner.patch('/tenant/mfa-policy', { requiredRoles: [] })).status).toBe(403);
    expect((await owner.get('/companies')).status).toBe(200);
  });
});
