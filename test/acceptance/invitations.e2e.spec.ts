import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { passwordHashOf } from '#platform/auth/credentials';
import { startMailingServer, type MailingServer } from '#test/support/mailbox';
import type { TestUser, TestWorkspace } from '#test/support/server';

const password = 'violet kettle runs uphill';

describe('inviting people', () => {
  let mailing: MailingServer;
  let workspace: TestWorkspace;
  let [owner, admin, member]: TestUser[] = [];
  beforeAll(async () => {
    mailing = await startMailingServer();
    workspace = await mailing.server.workspace();
    owner = await workspace.person('owner');
    admin = await workspace.person('admin');
    member = await workspace.person('member');
  });
  afterAll(() => mailing.close());

  let people = 0;
  const address = () => `guest${++people}@${workspace.slug}.example`;
  const auth = (path: string, body: object) =>
    mailing.server.request(`/api/v1/auth/${path}`, { method: 'POST', body });
  const tokenFor = (email: string) => mailing.token(workspace.tenantId, email, 'invitation');
  const accept = (token: string, more: object = {}) =>
    auth('accept-invitation', { token, firstName: 'Jared', lastName: 'Dunn', password, ...more });
  const invite = async (email: string, more: object = {}) =>
    (await admin!.post('/invitations', { email, role: 'member', ...more })).body.data;

  it('lets somebody in by mail, with role, team, name and password', async () => {
    const team = (await owner!.post('/teams', { name: 'Middle out' })).body.data;
    const email = address();
    const invited = await invite(email, { teamIds: [team.id] });
    expect(invited).toMatchObject({ email, status: 'pending', invitedById: admin!.id });
    const token = await tokenFor(email);
    const shown = await auth('invitation', { token });
    expect(shown.body.data).toMatchObject({
      workspace: { slug: workspace.slug },
      email,
      role: 'member',
      firstName: null,
    });
    const reply = await accept(token);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('set-cookie')).toBeNull();
    const { accessToken, userId } = reply.body.data;
    expect(userId).toBe(invited.id);
    const me = await mailing.server.request('/api/v1/auth/me', { token: accessToken });
    expect(me.body.data).toMatchObject({
      role: 'member',
      user: { email, fullName: 'Jared Dunn' },
    });
    const mails = await mailing.mails(workspace.tenantId, email);
    expect(mails.map(({ template }) => template)).toEqual(['welcome', 'invitation']);
    expect((await owner!.get(`/users/${userId}`)).body.data).toMatchObject({
      isActive: true,
      isVerified: true,
    });
    expect((await owner!.get(`/teams/${team.id}`)).body.data.memberIds).toEqual([userId]);
    const login = await auth('login', { workspace: workspace.slug, email, password });
    expect(login.status).toBe(200);
    const listed = await owner!.get(`/invitations?email=${encodeURIComponent(email)}`);
    expect(listed.body.data).toMatchObject([{ status: 'accepted' }]);
    const { entries } = (await owner!.get(`/invitations/${invited.id}/timeline`)).body.data ?? {};
    expect(JSON.stringify(entries ?? [])).not.toContain('cfo_');
  });

  it('gives no password to somebody who was shut out meanwhile', async () => {
    const email = address();
    const person = { firstName: 'Jian', lastName: 'Yang', email, role: 'member' };
    const { id } = (await owner!.post('/users', person)).body.data;
    expect((await owner!.post(`/users/${id}/invitation`, {})).status).toBeLessThan(300);
    const token = await tokenFor(email);
    expect((await owner!.post(`/users/${id}/deactivate`, {})).status).toBe(200);
    expect((await accept(token)).body.error.code).toBe('LINK_VOID');
    const { tenantId } = workspace;
    const hash = await mailing.server.platform.database.tenant(tenantId, (db) =>
      passwordHashOf(db, tenantId, id),
    );
    expect(hash).toBeNull();
  });

  it('is good once, and void when sent anew, revoked or expired', async () => {
    const email = address();
    const { id } = await invite(email);
    const first = await tokenFor(email);
    expect((await admin!.post(`/invitations/${id}/resend`, {})).status).toBe(200);
    const second = await tokenFor(email);
    expect(second).not.toBe(first);
    expect((await accept(first)).body.error.code).toBe('LINK_VOID');
    const both = await Promise.all([accept(second), accept(second)]);
    expect(both.map(({ status }) => status).sort()[0]).toBe(200);
    expect(both.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await accept(second)).body.error.code).toBe('LINK_VOID');

    const other = address();
    const revoked = await invite(other);
    const token = await tokenFor(other);
    expect((await admin!.post(`/invitations/${revoked.id}/revoke`, {})).status).toBe(200);
    expect((await accept(token)).body.error.code).toBe('LINK_VOID');
    // The address is free again.
    expect((await admin!.post('/invitations', { email: other, role: 'viewer' })).status).toBe(201);

    const late = address();
    await invite(late);
    const old = await tokenFor(late);
    await mailing.server.test.admin((client) =>
      client.query(`UPDATE auth_one_time_token SET expires_at = now() - interval '1 second'
        WHERE used_at IS NULL AND revoked_at IS NULL`),
    );
    expect((await accept(old)).body.error.code).toBe('LINK_VOID');
  });

  it('keeps the link while the password is weak', async () => {
    const email = address();
    await invite(email);
    const token = await tokenFor(email);
    const weak = await accept(token, { password: 'short' });
    expect([weak.status, weak.body.error.code]).toEqual([422, 'WEAK_PASSWORD']);
    expect(weak.body.error.details[0]).toMatchObject({ field: 'password', rule: 'length' });
    expect((await accept(token)).status).toBe(200);
  });

  it('is for administrators, and nobody gives a role above their own', async () => {
    const email = address();
    expect((await member!.post('/invitations', { email, role: 'member' })).status).toBe(403);
    expect((await member!.get('/invitations')).status).toBe(403);
    const above = await admin!.post('/invitations', { email, role: 'owner' });
    expect(above.body.error.code).toBe('ROLE_ABOVE_YOURS');
    const known = await admin!.post('/invitations', { email: member!.email, role: 'member' });
    expect([known.status, known.body.error.code]).toEqual([409, 'ALREADY_TAKEN']);
  });

  it('lets in somebody who owned records before', async () => {
    const email = address();
    const person = { firstName: 'Richard', lastName: 'H.', email, role: 'manager' };
    const { id } = (await owner!.post('/users', person)).body.data;
    expect((await owner!.post(`/users/${id}/invitation`, {})).body.data).toMatchObject({ id });
    const token = await tokenFor(email);
    expect((await auth('invitation', { token })).body.data.firstName).toBe('Richard');
    const reply = await accept(token, { firstName: 'Richard', lastName: 'Hendricks' });
    expect(reply.body.data.userId).toBe(id);
    await mailing.server.settled();
    expect((await owner!.get(`/users/${id}`)).body.data).toMatchObject({
      fullName: 'Richard Hendricks',
      role: 'manager',
      status: 'active',
    });
  });

  it('is found in no other workspace', async () => {
    const email = address();
    const { id } = await invite(email);
    const other = await (await mailing.server.workspace()).person('owner');
    expect((await other.get(`/invitations/${id}`)).status).toBe(404);
    expect((await other.post(`/invitations/${id}/revoke`, {})).status).toBe(404);
    expect((await other.get('/outbox')).body.data).toEqual([]);
  });

  it('leaves no token in the log or in jobs', async () => {
    const email = address();
    await invite(email);
    const token = await tokenFor(email);
    const { rows } = await mailing.server.test.admin((client) =>
      client.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM (
           SELECT data || meta AS t FROM es_event
           UNION ALL SELECT concat(title, input, result, checkpoint) FROM job
           UNION ALL SELECT content FROM mail_outbox
           UNION ALL SELECT encode(token_hash, 'hex') || coalesce(detail, '')
             FROM auth_one_time_token) AS x WHERE x.t LIKE '%' || $1 || '%'`,
        [token.slice(-40)],
      ),
    );
    expect(rows[0]!.n).toBe(0);
  });
});

describe('the outbox', () => {
  let mailing: MailingServer;
  let workspace: TestWorkspace;
  let [owner, admin, member]: TestUser[] = [];
  beforeAll(async () => {
    mailing = await startMailingServer();
    workspace = await mailing.server.workspace();
    owner = await workspace.person('owner');
    admin = await workspace.person('admin');
    member = await workspace.person('member');
  });
  afterAll(() => mailing.close());

  it('shows administrators what was captured, page by page', async () => {
    for (let n = 0; n < 3; n++) {
      await owner!.post('/invitations', { email: `p${n}@pied.example`, role: 'member' });
    }
    await mailing.mails(workspace.tenantId);
    const first = await admin!.get('/outbox?limit=2');
    expect(first.body.data).toHaveLength(2);
    expect(first.body.data[0]).toMatchObject({ template: 'invitation', status: 'captured' });
    expect(first.body.data[0]).not.toHaveProperty('text');
    const next = await admin!.get(`/outbox?limit=2&cursor=${first.body.pagination.nextCursor}`);
    expect(next.body.data).toHaveLength(1);
    expect(next.body.pagination.hasNext).toBe(false);
    const one = await admin!.get(`/outbox/${first.body.data[0].id}`);
    expect(one.body.data).toMatchObject({ withheld: false });
    expect(one.body.data.text).toContain('/invitation#cfo_');
    expect((await member!.get('/outbox')).status).toBe(403);
    expect((await admin!.get('/outbox/no-id')).status).toBe(404);
    expect((await admin!.get('/outbox?cursor=x')).status).toBe(400);
  });

  it('keeps links from those whom their reader ranks above', async () => {
    await owner!.post('/invitations', { email: 'boss@pied.example', role: 'owner' });
    const [mail] = await mailing.mails(workspace.tenantId, 'boss@pied.example');
    const forAdmin = await admin!.get(`/outbox/${mail!.id}`);
    expect(forAdmin.body.data).toMatchObject({ withheld: true, text: null, html: null });
    const forOwner = await owner!.get(`/outbox/${mail!.id}`);
    expect(forOwner.body.data.text).toContain('#cfo_');
  });
});
