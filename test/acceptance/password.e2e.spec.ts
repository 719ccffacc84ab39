import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignIn } from '#apps/api/auth/sign-in';
import { startMailingServer, type MailingServer } from '#test/support/mailbox';
import type { TestWorkspace } from '#test/support/server';

const password = 'violet kettle runs uphill';
const next = 'seven quiet lamps at noon';

describe('a forgotten password', () => {
  let mailing: MailingServer;
  let workspace: TestWorkspace;
  beforeAll(async () => {
    mailing = await startMailingServer();
    workspace = await mailing.server.workspace();
  });
  afterAll(() => mailing.close());
  const auth = (path: string, body: object, token?: string, method = 'POST') =>
    mailing.server.request(`/api/v1/auth/${path}`, { method, body, ...(token ? { token } : {}) });
  const forgot = (email: string) => auth('forgot-password', { workspace: workspace.slug, email });
  const login = async (email: string, given: string) => {
    const { status, body } = await auth('login', {
      workspace: workspace.slug,
      email,
      password: given,
    });
    return { status, token: body.data?.accessToken as string };
  };
  const tokenFor = (email: string) => mailing.token(workspace.tenantId, email, 'password-reset');
  const eventsOf = async (id: string) => {
    await mailing.server.settled();
    const { rows } = await mailing.server.test.admin((client) =>
      client.query<{ type: string }>(
        'SELECT type FROM es_event WHERE stream_id = $1 ORDER BY version',
        [`user-${id}`],
      ),
    );
    return rows.map(({ type }) => type).slice(1);
  };
  const isLive = async (token: string) =>
    (await mailing.server.request('/api/v1/auth/me', { token })).status === 200;

  it('is replaced by a link, which ends all sessions and is good once', async () => {
    const { id, email } = await workspace.withPassword('member', password);
    const before = await login(email, password);
    expect((await forgot(email)).status).toBe(202);
    const token = await tokenFor(email);
    const weak = await auth('reset-password', { token, password: 'Person member password' });
    expect([weak.status, weak.body.error.code]).toEqual([422, 'WEAK_PASSWORD']);
    expect((await auth('reset-password', { token, password: next })).status).toBe(204);
    expect(await isLive(before.token)).toBe(false);
    expect((await login(email, password)).status).toBe(401);
    expect((await login(email, next)).status).toBe(200);
    const again = await auth('reset-password', { token, password });
    expect([again.status, again.body.error.code]).toEqual([422, 'LINK_VOID']);
    expect(await eventsOf(id)).toEqual([
      'UserSignedIn',
      'UserPasswordResetRequested',
      'UserPasswordChanged',
      'UserSignInFailed',
      'UserSignedIn',
    ]);
    const mails = await mailing.mails(workspace.tenantId, email);
    expect(mails.map(({ template }) => template)).toEqual(['password-changed', 'password-reset']);
  });

  it('S11 asking for a link is answered alike for known and unknown addresses', async () => {
    const { id, email } = await workspace.withPassword('member', password);
    const replies = [
      await forgot(email),
      await forgot('nobody@hooli.example'),
      await auth('forgot-password', { workspace: 'no-such-workspace', email }),
    ];
    for (const { status, body, headers } of replies) {
      expect([status, body.data]).toEqual([202, { accepted: true }]);
      expect([...headers.keys()]).toEqual([...replies[0]!.headers.keys()]);
    }
    expect(await eventsOf(id)).toEqual(['UserPasswordResetRequested']);
  });

  it('S11 asking for a link takes as long for an unknown address', async () => {
    const { email } = await workspace.withPassword('member', password);
    const unknown = 'nobody@hooli.example';
    const times = new Map([email, unknown].map((address) => [address, [] as number[]]));
    const ask = async (address: string) => {
      const begin = performance.now();
      expect((await forgot(address)).status).toBe(202);
      const took = performance.now() - begin;
      // What is done after the answer is over before the next is timed.
      await mailing.server.app.get(SignIn).journal.settled();
      return took;
    };
    for (let n = 0; n < 10; n++) await ask(email);
    await mailing.mails(workspace.tenantId);
    for (let n = 0; n < 200; n++) {
      for (const address of n % 2 ? [email, unknown] : [unknown, email]) {
        times.get(address)!.push(await ask(address));
      }
    }
    const median = (address: string) => times.get(address)!.sort((a, b) => a - b)[100]!;
    expect(median(email) / median(unknown)).toBeGreaterThan(0.7);
    expect(median(email) / median(unknown)).toBeLessThan(1.43);
  }, 120_000);

  it('sends nobody more than five links in an hour, and none to who may not sign in', async () => {
    const { email } = await workspace.withPassword('member', password);
    for (let n = 0; n < 7; n++) {
      await forgot(email);
      await mailing.mails(workspace.tenantId);
    }
    expect(await mailing.mails(workspace.tenantId, email)).toHaveLength(5);
    const closed = await workspace.withPassword('member', password);
    const owner = await workspace.person('owner');
    await owner.post(`/users/${closed.id}/deactivate`, {});
    await forgot(closed.email);
    expect(await mailing.mails(workspace.tenantId, closed.email)).toEqual([]);
  });

  it('takes no made-up link', async () => {
    for (const token of ['x', `cfo_${'A'.repeat(86)}`]) {
      const reply = await auth('reset-password', { token, password: next });
      expect([reply.status, reply.body.error.code]).toEqual([422, 'LINK_VOID']);
      expect((await auth('confirm-email', { token })).body.error.code).toBe('LINK_VOID');
    }
  });

  it('S9 one’s own change asks for the present password and ends the other sessions', async () => {
    const { email } = await workspace.withPassword('member', password);
    const [here, elsewhere] = [await login(email, password), await login(email, password)];
    const change = (currentPassword: string, given: string) =>
      auth('password', { currentPassword, password: given }, here.token, 'PUT');
    const wrong = await change('not the password', next);
    expect([wrong.status, wrong.body.error.code]).toEqual([422, 'WRONG_PASSWORD']);
    expect((await change(password, 'short')).body.error.code).toBe('WEAK_PASSWORD');
    const reply = await change(password, next);
    expect(reply.status).toBe(200);
    await mailing.server.settled();
    expect(await isLive(here.token)).toBe(false);
    expect(await isLive(elsewhere.token)).toBe(false);
    expect(await isLive(reply.body.data.accessToken)).toBe(true);
    expect((await login(email, next)).status).toBe(200);
  });

  it('locks after five wrong present passwords', async () => {
    const { email } = await workspace.withPassword('member', password);
    const { token } = await login(email, password);
    const body = { currentPassword: 'not the password', password: next };
    for (let n = 0; n < 5; n++) {
      expect((await auth('password', body, token, 'PUT')).status).toBe(422);
    }
    expect((await auth('password', body, token, 'PUT')).status).toBe(429);
  });
});

describe('a new address', () => {
  let mailing: MailingServer;
  let workspace: TestWorkspace;
  beforeAll(async () => {
    mailing = await startMailingServer();
    workspace = await mailing.server.workspace();
  });
  afterAll(() => mailing.close());
  const confirm = (token: string) =>
    mailing.server.request('/api/v1/auth/confirm-email', { method: 'POST', body: { token } });

  it('counts once its link was opened, and the former one is told', async () => {
    const user = await workspace.person('member');
    const email = `new@${workspace.slug}.example`;
    expect((await user.patch(`/users/${user.id}`, { email })).body.error.code).toBe(
      'EMAIL_UNPROVEN',
    );
    expect((await user.post('/auth/email-changes', { email })).status).toBe(202);
    const token = await mailing.token(workspace.tenantId, email, 'confirm-address');
    expect((await user.get('/auth/me')).body.data.user.email).toBe(user.email);
    expect((await confirm(token)).status).toBe(204);
    await mailing.server.settled();
    expect((await user.get('/auth/me')).body.data.user).toMatchObject({ email, isVerified: true });
    const told = await mailing.mails(workspace.tenantId, user.email);
    expect(told.map(({ template }) => template)).toEqual(['address-changed']);
    expect((await confirm(token)).body.error.code).toBe('LINK_VOID');
    // The former address is free for somebody else, the new one is not.
    const owner = await workspace.person('owner');
    const add = (address: string) => owner.post('/invitations', { email: address, role: 'member' });
    expect((await add(user.email)).status).toBe(201);
    expect((await add(email)).status).toBe(409);
  });

  it('S13 takes a recent proof, so that a stolen session does not take the account over', async () => {
    const user = await workspace.person('member');
    await mailing.server.test.admin((client) =>
      client.query(
        `UPDATE auth_session SET signed_in_at = signed_in_at - interval '1 hour' WHERE user_id = $1`,
        [user.id],
      ),
    );
    const email = `thief@${workspace.slug}.example`;
    const refused = await user.post('/auth/email-changes', { email });
    expect([refused.status, refused.body.error.code]).toEqual([403, 'STEP_UP_REQUIRED']);
    expect(await mailing.mails(workspace.tenantId, email)).toEqual([]);
  });

  it('S13 is void with the password it was asked for under, and a link to it with the address', async () => {
    const { server, token } = mailing;
    const { tenantId, slug } = workspace;
    const auth = (path: string, body: object, bearer?: string) =>
      server.request(`/api/v1/auth/${path}`, {
        method: 'POST',
        body,
        ...(bearer && { token: bearer }),
      });
    const { email } = await workspace.withPassword('member', password);
    const signIn = (given: string) => auth('login', { workspace: slug, email, password: given });
    const forgot = async () => {
      await auth('forgot-password', { workspace: slug, email });
      return token(tenantId, email, 'password-reset');
    };
    const stolen = (await signIn(password)).body.data.accessToken;
    const thief = `thief2@${slug}.example`;
    expect((await auth('email-changes', { email: thief }, stolen)).status).toBe(202);
    const change = await token(tenantId, thief, 'confirm-address');
    const mended = { token: await forgot(), password: next };
    expect((await auth('reset-password', mended)).status).toBe(204);
    expect((await confirm(change)).body.error.code).toBe('LINK_VOID');

    const left = await forgot();
    const own = (await signIn(next)).body.data.accessToken;
    const other = `other@${slug}.example`;
    await auth('email-changes', { email: other }, own);
    expect((await confirm(await token(tenantId, other, 'confirm-address'))).status).toBe(204);
    const late = await auth('reset-password', { token: left, password });
    expect([late.status, late.body.error.code]).toEqual([422, 'LINK_VOID']);
  });

  it('is refused when somebody has it, before and after the link was sent', async () => {
    const [one, other] = [await workspace.person('member'), await workspace.person('member')];
    const taken = await one.post('/auth/email-changes', { email: other.email });
    expect([taken.status, taken.body.error.code]).toEqual([409, 'ALREADY_TAKEN']);
    const email = `race@${workspace.slug}.example`;
    await one.post('/auth/email-changes', { email });
    const token = await mailing.token(workspace.tenantId, email, 'confirm-address');
    const owner = await workspace.person('owner');
    expect((await owner.post('/invitations', { email, role: 'member' })).status).toBe(201);
    const late = await confirm(token);
    expect([late.status, late.body.error.code]).toEqual([409, 'ALREADY_TAKEN']);
    expect((await one.get('/auth/me')).body.data.user.email).toBe(one.email);
  });
});
