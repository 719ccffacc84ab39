import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SCIM_TOKEN_PATTERN } from '#platform/auth/api-keys-text';
import { forged } from '#test/support/forged';
import type { TestServer, TestUser, TestWorkspace } from '#test/support/server';
import {
  connectDirectory,
  directory,
  found,
  GROUP,
  person,
  shown,
  startScim,
  type DirectoryClient,
  type ScimTest,
} from './scim-client.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let moved = 0;

describe('SCIM and the workspace', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let admin: TestUser;
  let scim: DirectoryClient;
  let add: ScimTest['add'];
  let group: ScimTest['group'];
  beforeAll(async () => {
    const test = await startScim(() => new Date(Date.now() + moved));
    ({ server, workspace, admin, scim, add, group } = test);
  });
  afterAll(() => server.close());

  it('S21 keeps versions: If-Match and If-None-Match', async () => {
    const { id, meta } = await add();
    const at = `/Users/${id}`;
    const same = await scim.get(at, { 'if-none-match': meta.version });
    expect([same.status, same.text]).toEqual([304, '']);
    const body = (title: string) => ({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'title', value: title }],
    });
    const change = (title: string, version: string) =>
      scim.ask(at, { method: 'PATCH', body: body(title), headers: { 'if-match': version } });
    const first = await change('One', meta.version);
    expect(first.status).toBe(200);
    expect(first.body.meta.version).not.toBe(meta.version);
    expect((await change('Two', meta.version)).status).toBe(412);
    expect((await scim.put(at, person('x@hooli.com'), { 'if-match': 'W/"none"' })).status).toBe(
      412,
    );
    expect((await scim.delete(at, undefined, { 'if-match': meta.version })).status).toBe(412);
    expect((await scim.get(at, { 'if-none-match': meta.version })).status).toBe(200);
    expect((await change('Three', `"other", ${first.body.meta.version}`)).status).toBe(200);
    expect((await change('Four', '*')).status).toBe(200);
    expect((await scim.get(at)).body.title).toBe('Four');
  });

  it('S21 keeps groups as teams, and gives roles by them', async () => {
    const [one, two] = [await add(), await add()];
    const role = async ({ id }: { id: string }) =>
      (await scim.get(`/Users/${id}`)).body.roles[0].value as string;
    const sellers = await group('crm-sellers', one);
    expect(sellers.members).toEqual([{ value: one.id, $ref: one.meta.location, type: 'User' }]);
    expect([await role(one), await role(two)]).toEqual(['manager', 'viewer']);
    const at = `/Groups/${sellers.id}`;
    const patch = async (...operations: object[]) => {
      const reply = await scim.patch(at, ...operations);
      expect([operations, reply.status, reply.body.detail]).toEqual([operations, 200, undefined]);
      return ((reply.body.members ?? []) as { value: string }[]).map(({ value }) => value);
    };
    expect(await patch({ op: 'Add', path: 'members', value: [{ value: two.id }] })).toEqual([
      one.id,
      two.id,
    ]);
    expect(await role(two)).toBe('manager');
    // The first mapping wins while somebody is in both.
    const admins = await group('crm-admins', two);
    expect(await role(two)).toBe('admin');
    expect((await scim.get(`/Users/${two.id}`)).body.groups).toEqual(
      expect.arrayContaining([
        { value: sellers.id, $ref: sellers.meta.location, display: 'crm-sellers' },
        { value: admins.id, $ref: admins.meta.location, display: 'crm-admins' },
      ]),
    );
    expect(found(await scim.filter('/Users', `groups.value eq "${admins.id}"`))).toEqual([two.id]);
    expect(found(await scim.filter('/Groups', `members.value eq "${one.id}"`))).toEqual([
      sellers.id,
    ]);
    expect(found(await scim.filter('/Groups', 'displayName eq "CRM-admins"'))).toEqual([admins.id]);
    expect((await scim.delete(`/Groups/${admins.id}`)).status).toBe(204);
    expect((await scim.get(`/Groups/${admins.id}`)).status).toBe(404);
    expect(await role(two)).toBe('manager');
    expect(await patch({ op: 'remove', path: `members[value eq "${one.id}"]` })).toEqual([two.id]);
    expect(await role(one)).toBe('viewer');
    expect(await patch({ op: 'Remove', path: 'members', value: [{ value: two.id }] })).toEqual([]);
    expect(await role(two)).toBe('viewer');
    const replaced = await scim.put(at, {
      schemas: [GROUP],
      displayName: 'sellers',
      externalId: 'g-1',
      members: [{ value: two.id }],
    });
    expect(replaced.body).toMatchObject({ displayName: 'sellers', externalId: 'g-1' });
    expect((await admin.get(`/teams/${sellers.id}`)).body.data).toMatchObject({
      name: 'sellers',
      memberIds: [two.id],
    });
    expect(await role(two)).toBe('viewer');
    await patch({ op: 'replace', value: { displayName: 'crm-sellers', id: sellers.id } }).catch(
      () => undefined,
    );
    for (const [body, ...expected] of [
      [{ schemas: [GROUP] }, 400, 'invalidValue'],
      [{ schemas: [GROUP], displayName: 'x', members: [{ value: 'x' }] }, 400, 'invalidValue'],
      [
        { schemas: [GROUP], displayName: 'x', members: [{ value: sellers.id }] },
        400,
        'invalidValue',
      ],
      [
        { schemas: [GROUP], displayName: 'x', members: [{ value: sellers.id, type: 'Group' }] },
        400,
        'invalidValue',
      ],
    ] as const) {
      expect([body, ...shown(await scim.post('/Groups', body))]).toEqual([body, ...expected]);
    }
    // Whom the directory deletes is in no team any more.
    expect((await scim.delete(`/Users/${two.id}`)).status).toBe(204);
    expect((await admin.get(`/teams/${sellers.id}`)).body.data.memberIds).toEqual([]);
  });

  it('S21 leaves owners to the workspace', async () => {
    const owner = await workspace.person('owner');
    await server.settled();
    const at = `/Users/${owner.id}`;
    expect(found(await scim.filter('/Users', `userName eq "${owner.email}"`))).toEqual([owner.id]);
    const email = { op: 'replace', path: 'emails[type eq "work"].value', value: 'evil@hooli.com' };
    for (const reply of [
      await scim.patch(at, { op: 'replace', path: 'active', value: false }),
      await scim.patch(at, email),
      await scim.delete(at),
    ]) {
      expect(reply.status).toBe(403);
    }
    await group('crm-admins', owner);
    expect((await scim.get(at)).body).toMatchObject({
      active: true,
      roles: [{ value: 'owner' }],
      emails: [{ value: owner.email }],
    });
    expect((await scim.patch(at, { op: 'add', path: 'title', value: 'Founder' })).status).toBe(200);
  });

  it('S9 S21 a person the directory deactivates is signed out everywhere', async () => {
    for (const shutOut of [
      (id: string) => scim.patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: 'False' }),
      (id: string) => scim.delete(`/Users/${id}`),
    ]) {
      const member = await workspace.person('member');
      expect((await member.get('/companies')).status).toBe(200);
      expect((await shutOut(member.id)).status).toBeLessThan(300);
      expect((await member.get('/companies')).status).toBe(401);
      await server.settled();
      const { rows } = await server.test.admin((client) =>
        client.query('SELECT 1 FROM auth_session WHERE user_id = $1 AND revoked_at IS NULL', [
          member.id,
        ]),
      );
      expect(rows).toEqual([]);
    }
  });

  it('S21 a token sees its workspace only', async () => {
    const mine = await add();
    const team = await group('only mine', mine);
    const other = await server.workspace();
    const elsewhere = await connectDirectory(server, await other.person('admin'));
    for (const path of [`/Users/${mine.id}`, `/Groups/${team.id}`]) {
      expect((await elsewhere.get(path)).status).toBe(404);
      expect((await elsewhere.delete(path)).status).toBe(404);
    }
    const patch = { op: 'replace', path: 'displayName', value: 'stolen' };
    expect((await elsewhere.patch(`/Groups/${team.id}`, patch)).status).toBe(404);
    expect(found(await elsewhere.filter('/Users', `userName eq "${mine.userName}"`))).toEqual([]);
    expect((await elsewhere.get('/Users')).body.totalResults).toBe(1);
    const body = { schemas: [GROUP], displayName: 'x', members: [{ value: mine.id }] };
    expect(shown(await elsewhere.post('/Groups', body))).toEqual([400, 'invalidValue']);
    // The same person may be in both: addresses are unique within a workspace.
    expect((await elsewhere.post('/Users', person(mine.userName))).status).toBe(201);
  });

  it('S21 a token is a secret of its own: hashed, replaced, ended, good for nothing else', async () => {
    const { id, token } = await connectDirectory(server, admin);
    expect(token).toMatch(SCIM_TOKEN_PATTERN);
    const status = async (text: string) => (await directory(server, text).get('/Users')).status;
    expect(await status(token)).toBe(200);
    expect((await server.request('/api/v1/companies', { token })).status).toBe(401);
    expect(await status(admin.token)).toBe(401);
    const anonymous = await server.request('/scim/v2/Users');
    expect([anonymous.status, anonymous.body.status]).toEqual([401, '401']);
    expect(anonymous.headers.get('www-authenticate')).toContain('Bearer');
    expect(await status(forged(token))).toBe(401);
    const { rows } = await server.test.admin((client) =>
      client.query<{ kept: string }>(
        `SELECT (SELECT string_agg(k::text, '') FROM auth_scim_token k) ||
                (SELECT string_agg(data || meta, '') FROM es_event) AS kept`,
      ),
    );
    expect(rows[0]!.kept).not.toContain(token.slice(-49));
    const next = await admin.post(`/scimConnections/${id}/token`, { overlapHours: 2 });
    expect(await status(next.body.data.token)).toBe(200);
    expect(await status(token)).toBe(200);
    const listed = await admin.get(`/scimConnections/${id}/setup`);
    expect(listed.text).not.toContain(next.body.data.token.slice(-49));
    expect(listed.body.data).toMatchObject({
      baseUrl: expect.stringMatching(/\/scim\/v2$/),
      token: { status: 'active', lastUsedIp: '127.0.0.1' },
    });
    expect(listed.body.data.requests[0]).toMatchObject({
      method: 'GET',
      path: '/Users',
      status: 200,
      problem: null,
    });
    moved += 3 * HOUR;
    const later = await workspace.person('admin');
    expect([await status(token), await status(next.body.data.token)]).toEqual([401, 200]);
    for (const expiresAt of [new Date(Date.now() - HOUR), new Date(Date.now() + 400 * 24 * HOUR)]) {
      const bad = await later.post(`/scimConnections/${id}/token`, { expiresAt });
      expect([bad.status, bad.body.error.details[0].field]).toEqual([400, 'expiresAt']);
    }
    const manager = await workspace.person('manager');
    expect((await manager.get(`/scimConnections/${id}/setup`)).status).toBe(403);
    expect((await manager.post(`/scimConnections/${id}/token`, {})).status).toBe(403);
    const stranger = await (await server.workspace()).person('owner');
    expect((await stranger.post(`/scimConnections/${id}/token`, {})).status).toBe(404);
    expect((await later.delete(`/scimConnections/${id}/token`)).status).toBe(204);
    expect(await status(next.body.data.token)).toBe(401);
    // A proof of who asks is needed once some time has passed.
    const late = await workspace.person('admin');
    moved += 11 * MINUTE;
    const stale = await late.post(`/scimConnections/${id}/token`, {});
    expect([stale.status, stale.body.error.code]).toEqual([403, 'STEP_UP_REQUIRED']);
  });

  it('S21 a connection that is set aside answers no more', async () => {
    const fresh = await workspace.person('admin');
    const { id, get } = await connectDirectory(server, fresh);
    expect((await get('/Users')).status).toBe(200);
    await fresh.post(`/scimConnections/${id}/archive`, {});
    expect((await get('/Users')).status).toBe(401);
  });

  it('S21 whatever a directory does stands in the timeline, with the connection as actor', async () => {
    const { id } = await add();
    const team = await group('told', { id });
    await scim.patch(`/Users/${id}`, { op: 'replace', path: 'title', value: 'Told' });
    await scim.delete(`/Users/${id}`);
    await server.settled();
    const fresh = await workspace.person('admin');
    const actions = async (path: string) => {
      const { body } = await fresh.get(`/timeline/${path}?limit=50`);
      for (const { actor } of body.data) {
        expect(actor).toEqual({ type: 'system', id: `scim:${scim.id}` });
      }
      return body.data.map(({ action }: { action: string }) => action).reverse();
    };
    expect(await actions(`users/${id}`)).toEqual([
      'created',
      'directory_changed',
      'updated',
      'deactivated',
      'directory_removed',
    ]);
    expect(await actions(`teams/${team.id}`)).toEqual([
      'created',
      'member_added',
      'member_removed',
    ]);
  });
});
