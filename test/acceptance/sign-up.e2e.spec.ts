import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignIn } from '#apps/api/auth/sign-in';
import { createWorkspace } from '#apps/composition/workspace';
import { PLATFORM_TENANT, uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { removePassword } from '#platform/auth/credentials';
import { systemContext } from '#platform/platform';
import { startTestServer, type TestServer } from '#test/support/server';

const password = 'paper boats on quiet water';

describe('signing up', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ signUp: 'open' });
  });
  afterAll(() => server.close());

  const post = (path: string, body: object, at = server) =>
    at.request(`/api/v1/auth/${path}`, { method: 'POST', body });
  const mails = async (to: string) =>
    (await server.platform.mail.list(PLATFORM_TENANT, 100)).filter((mail) => mail.to === to);
  /** Asks for a link and takes its token out of the mail. */
  async function linkFor(email: string): Promise<string> {
    const asked = await post('sign-up', { email });
    expect([asked.status, asked.body.data]).toEqual([202, { accepted: true }]);
    await server.app.get(SignIn).journal.settled();
    return /\/sign-up#(\S+)/.exec((await mails(email))[0]!.text!)![1]!;
  }
  const told = ({ status, body }: { status: number; body: any }) => [status, body.error.code];

  const isOpen = async (at = server) => (await at.request('/api/v1/auth/sign-up')).body.data;

  it('B1 makes a workspace for whoever holds the address, once by one link', async () => {
    const email = 'gavin@hooli.example';
    expect(await isOpen()).toEqual({ open: true });
    const token = await linkFor(email);
    const given = { token, name: 'Hooli', ownerName: 'Gavin Belson', password };
    const weak = await post('sign-up/complete', { ...given, password: 'short' });
    expect(told(weak)).toEqual([422, 'WEAK_PASSWORD']);
    expect(weak.text).not.toContain(token);
    const reserved = await post('sign-up/complete', { ...given, slug: 'admin' });
    expect(told(reserved)).toEqual([422, 'SLUG_RESERVED']);
    const made = await post('sign-up/complete', given);
    expect([made.status, made.body.data]).toMatchObject([201, { workspace: 'hooli', email }]);
    expect(told(await post('sign-up/complete', { ...given, name: 'Again' }))).toEqual([
      422,
      'LINK_VOID',
    ]);
    const signedIn = await post('login', { workspace: 'hooli', email, password });
    expect(signedIn.status).toBe(200);
    const { accessToken } = signedIn.body.data;
    const usage = await server.request('/api/v1/tenant/usage', { token: accessToken });
    expect(usage.body.data).toMatchObject({ planType: 'starter', seats: { used: 1, limit: 5 } });
  });

  it('B1 makes one workspace of one link, however many come with it at once', async () => {
    const token = await linkFor('jian@hooli.example');
    const all = await Promise.all(
      [1, 2, 3, 4].map((n) => post('sign-up/complete', { token, name: `Aviato ${n}`, password })),
    );
    expect(all.map(({ status }) => status).sort()).toEqual([201, 422, 422, 422]);
  });

  it('B1 comes before workspaces of others that added the address', async () => {
    const email = 'richard@hooli.example';
    for (let n = 0; n < 5; n++) {
      const tenantId = `00000000-0000-7000-8000-00000000000${n}`;
      const ctx = systemContext(tenantId, 'spec');
      const add = (command: string, input: object, id: string) =>
        server.platform.dispatch(command, input, ctx, { id });
      await add('CreateTenant', { name: 'Crowd', slug: `crowd-${n}` }, tenantId);
      const person = { firstName: 'Not', lastName: 'Him', email, role: 'member' };
      await add('CreateUser', { ...person, status: 'active' }, uuidv7());
    }
    const given = { token: await linkFor(email), name: 'Pied Piper', password };
    expect((await post('sign-up/complete', given)).status).toBe(201);
    await server.settled();
    const signedIn = await post('login', { email, password });
    expect(signedIn.status).toBe(200);
    const { accessToken: token } = signedIn.body.data;
    const me = await server.request('/api/v1/auth/me', { token });
    expect(me.body.data.user).toMatchObject({ email, isVerified: true });
  });

  it('B1 opens no workspace that is there, even to the address it was made for', async () => {
    const owner = { name: 'Raviga', slug: 'raviga-capital', ownerEmail: 'monica@raviga.example' };
    const made = await createWorkspace(server.platform, { ...owner, ownerPassword: password });
    if (isRefusal(made)) throw new Error(made.message);
    const { tenantId, ownerId } = made;
    // Who signs in through an identity provider alone has no password.
    await server.platform.database.tenant(tenantId, (db) => removePassword(db, tenantId, ownerId));
    const token = await linkFor(owner.ownerEmail);
    const { name, slug } = owner;
    const taken = await post('sign-up/complete', { token, name, slug, password });
    expect(told(taken)).toEqual([409, 'ALREADY_TAKEN']);
    const login = { workspace: slug, email: owner.ownerEmail, password };
    expect((await post('login', login)).status).toBe(401);
  });

  it('B1 names the field of a short name that is taken, and leaves the link good', async () => {
    const token = await linkFor('peter@hooli.example');
    const given = { token, name: 'Hooli', ownerName: 'Peter Gregory', password };
    const taken = await post('sign-up/complete', given);
    expect([...told(taken), taken.body.error.details[0].field]).toEqual([
      409,
      'ALREADY_TAKEN',
      'slug',
    ]);
    const other = await post('sign-up/complete', { ...given, slug: 'raviga' });
    expect([other.status, other.body.data.workspace]).toEqual([201, 'raviga']);
  });

  it('answers alike for known and unknown addresses, and fills nobody’s mailbox', async () => {
    const known = await post('sign-up', { email: 'gavin@hooli.example' });
    const unknown = await post('sign-up', { email: 'nobody@hooli.example' });
    expect([known.status, known.body.data]).toEqual([unknown.status, unknown.body.data]);
    for (let n = 0; n < 8; n++) {
      await post('sign-up', { email: 'often@hooli.example' });
      await server.app.get(SignIn).journal.settled();
    }
    expect(await mails('often@hooli.example')).toHaveLength(5);
  });

  it('takes no token that is made up or of another kind', async () => {
    const given = { name: 'Hooli', ownerName: 'Gavin Belson', password };
    for (const token of ['nonsense', `cfo_${'A'.repeat(60)}`]) {
      expect(told(await post('sign-up/complete', { ...given, token }))).toEqual([422, 'LINK_VOID']);
    }
  });

  it('is closed unless it was opened', async () => {
    const shut = await startTestServer();
    try {
      expect(await isOpen(shut)).toEqual({ open: false });
      const refused = await post('sign-up', { email: 'gavin@hooli.example' }, shut);
      expect(told(refused)).toEqual([403, 'SIGN_UP_CLOSED']);
      const body = { token: 'x', name: 'Hooli', password };
      expect(told(await post('sign-up/complete', body, shut))).toEqual([403, 'SIGN_UP_CLOSED']);
    } finally {
      await shut.close();
    }
  });
});
