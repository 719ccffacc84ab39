import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ENTERPRISE,
  found,
  GROUP,
  person,
  shown,
  startScim,
  USER,
  type DirectoryClient,
  type ScimTest,
} from './scim-client.js';

describe('SCIM', () => {
  let test: ScimTest;
  let scim: DirectoryClient;
  let admin: ScimTest['admin'];
  let add: ScimTest['add'];
  let address: ScimTest['address'];
  beforeAll(async () => {
    test = await startScim();
    ({ scim, admin, add, address } = test);
  });
  afterAll(() => test.server.close());

  it('S21 tells what it can do', async () => {
    const config = await scim.get('/ServiceProviderConfig');
    expect(config.headers.get('content-type')).toContain('application/scim+json');
    expect(config.body).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
      filter: { supported: true, maxResults: 200 },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: true },
    });
    expect((await scim.post('/Bulk', {})).status).toBe(501);
    expect((await scim.get('/Me')).status).toBe(501);
    expect(found(await scim.get('/ResourceTypes'))).toEqual(['User', 'Group']);
    expect((await scim.get('/ResourceTypes/Group')).body.endpoint).toBe('/Groups');
    expect(found(await scim.get('/Schemas'))).toEqual([USER, ENTERPRISE, GROUP]);
    const { body } = await scim.get(`/Schemas/${USER}`);
    expect(body.attributes.find((one: any) => one.name === 'userName')).toMatchObject({
      required: true,
      uniqueness: 'server',
      caseExact: false,
    });
    expect((await scim.filter('/Schemas', 'id pr')).status).toBe(403);
    const missing = await scim.get('/Schemas/urn:none');
    expect([missing.status, missing.body.schemas, missing.body.status]).toEqual([
      404,
      ['urn:ietf:params:scim:api:messages:2.0:Error'],
      '404',
    ]);
    expect((await scim.get('/Nothing')).status).toBe(404);
    const wrong = await scim.put('/Users', {});
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
  });

  it('S21 creates, reads, replaces and deletes people', async () => {
    const userName = address();
    const manager = await add();
    const made = await scim.post('/Users', {
      schemas: [USER, ENTERPRISE],
      externalId: 'e-1',
      userName,
      name: { givenName: 'Gavin', familyName: 'Belson', middleName: 'X' },
      displayName: 'Gavin B.',
      nickName: 'G',
      title: 'Chief',
      locale: 'en-US',
      timezone: 'Europe/Vienna',
      active: true,
      emails: [
        { value: 'other@hooli.com', type: 'home' },
        { value: 'gavin@hooli.com', type: 'work', primary: true },
      ],
      phoneNumbers: [{ value: '+1 555 0100', type: 'work' }],
      [ENTERPRISE]: { employeeNumber: '7', department: 'Board', manager: { value: manager.id } },
    });
    expect([made.status, made.body.detail]).toEqual([201, undefined]);
    const { id } = made.body;
    expect(made.headers.get('location')).toBe(made.body.meta.location);
    expect(made.headers.get('etag')).toBe(made.body.meta.version);
    expect(made.body).toMatchObject({
      schemas: [USER, ENTERPRISE],
      externalId: 'e-1',
      userName,
      name: { formatted: 'Gavin Belson', givenName: 'Gavin', familyName: 'Belson' },
      displayName: 'Gavin B.',
      title: 'Chief',
      locale: 'en-US',
      timezone: 'Europe/Vienna',
      active: true,
      emails: [{ value: 'gavin@hooli.com', type: 'work' }],
      phoneNumbers: [{ value: '+1 555 0100', type: 'work' }],
      roles: [{ value: 'viewer', primary: true }],
      [ENTERPRISE]: { employeeNumber: '7', department: 'Board', manager: { value: manager.id } },
      meta: { resourceType: 'User' },
    });
    expect((await scim.get(`/Users/${id}`)).body).toEqual(made.body);
    const replaced = await scim.put(`/Users/${id}`, {
      ...person(userName.toUpperCase()),
      emails: [{ value: 'gb@hooli.com' }],
    });
    expect(replaced.body).toMatchObject({
      userName: userName.toUpperCase(),
      emails: [{ value: 'gb@hooli.com' }],
      active: true,
    });
    for (const gone of ['title', 'displayName', 'externalId', 'phoneNumbers', ENTERPRISE]) {
      expect(replaced.body).not.toHaveProperty([gone]);
    }
    expect((await scim.delete(`/Users/${id}`)).status).toBe(204);
    for (const again of [
      await scim.get(`/Users/${id}`),
      await scim.delete(`/Users/${id}`),
      await scim.put(`/Users/${id}`, person(userName)),
      await scim.patch(`/Users/${id}`, { op: 'replace', path: 'title', value: 'x' }),
    ]) {
      expect(again.status).toBe(404);
    }
    expect(found(await scim.filter('/Users', `userName eq "${userName}"`))).toEqual([]);
    // In the workspace the person stays, shut out.
    expect((await admin.get(`/users/${id}`)).body.data).toMatchObject({ status: 'deactivated' });
    // Whoever the directory sends again is the same person, with the rights of somebody new.
    const back = await scim.post('/Users', person(userName));
    expect([back.status, back.body.id, back.body.active]).toEqual([201, id, true]);
  });

  it('S21 refuses what is wrong with the words of the RFC', async () => {
    const taken = await add();
    for (const [body, ...expected] of [
      [person(taken.userName), 409, 'uniqueness'],
      [person(taken.userName.toUpperCase()), 409, 'uniqueness'],
      [person(address(), { emails: [{ value: taken.userName }] }), 409, 'uniqueness'],
      [person('no address'), 400, 'invalidValue'],
      [person(address(), { active: 'perhaps' }), 400, 'invalidValue'],
      [person(address(), { title: 7 }), 400, 'invalidValue'],
      [person(address(), { emails: 'x@hooli.com' }), 400, 'invalidValue'],
      [person(address(), { title: 'a\u0000' }), 400, 'invalidValue'],
      [person(address(), { schemas: [USER, 'urn:other'] }), 400, 'invalidValue'],
      [person(address(), { timezone: 'Mars/Phobos' }), 400, 'invalidValue'],
      [{ schemas: [USER] }, 400, 'invalidValue'],
      [{ userName: address() }, 400, 'invalidSyntax'],
      [[], 400, 'invalidSyntax'],
    ] as const) {
      expect([body, ...shown(await scim.post('/Users', body))]).toEqual([body, ...expected]);
    }
    const raw = async (raw: string, type: string) =>
      shown(await scim.ask('/Users', { method: 'POST', raw, headers: { 'content-type': type } }));
    expect(await raw('{', 'application/scim+json')).toEqual([400, 'invalidSyntax']);
    expect(await raw('', 'application/json')).toEqual([400, 'invalidSyntax']);
    expect(await raw('<x/>', 'application/xml')).toEqual([415, undefined]);
    const other = await add();
    const moved = await scim.put(`/Users/${other.id}`, person(taken.userName));
    expect(shown(moved)).toEqual([409, 'uniqueness']);
    expect((await scim.get('/Users/not-an-id')).status).toBe(404);
  });

  it('S21 patches as the RFC and as Entra ID write it', async () => {
    const { id } = await add({ emails: [{ value: 'a1@hooli.com', type: 'work' }] });
    const boss = await add();
    const patch = async (...operations: object[]) => {
      const reply = await scim.patch(`/Users/${id}`, ...operations);
      expect([operations, reply.status, reply.body.detail]).toEqual([operations, 200, undefined]);
      return reply.body;
    };
    expect(await patch({ op: 'add', path: 'title', value: 'Coder' })).toMatchObject({
      title: 'Coder',
    });
    expect(
      await patch({ op: 'Replace', path: 'emails[type eq "work"].value', value: 'a2@hooli.com' }),
    ).toMatchObject({ emails: [{ value: 'a2@hooli.com', type: 'work' }] });
    expect(
      await patch({ op: 'Add', path: 'phoneNumbers[type eq "work"].value', value: '+1 555' }),
    ).toMatchObject({ phoneNumbers: [{ value: '+1 555' }] });
    expect(
      await patch({ op: 'Replace', path: `${ENTERPRISE}:department`, value: 'Platform' }),
    ).toMatchObject({ [ENTERPRISE]: { department: 'Platform' } });
    expect(await patch({ op: 'Add', path: `${ENTERPRISE}:manager`, value: boss.id })).toMatchObject(
      { [ENTERPRISE]: { manager: { value: boss.id } } },
    );
    const several = await patch({
      op: 'Replace',
      value: {
        displayName: 'Rich',
        'name.givenName': 'Rick',
        [`${ENTERPRISE}:costCenter`]: '42',
        [ENTERPRISE]: { division: 'West' },
        addresses: [{ type: 'work', country: 'US' }],
      },
    });
    expect(several).toMatchObject({
      displayName: 'Rich',
      name: { givenName: 'Rick', familyName: 'Hendricks' },
      [ENTERPRISE]: { costCenter: '42', division: 'West', department: 'Platform' },
    });
    expect(await patch({ op: 'Replace', path: 'active', value: 'False' })).toMatchObject({
      active: false,
    });
    // A directory goes on describing whom it has shut out.
    expect(await patch({ op: 'replace', path: 'name', value: { familyName: 'H' } })).toMatchObject({
      active: false,
      name: { familyName: 'H' },
    });
    expect(await patch({ op: 'replace', value: { active: 'True' } })).toMatchObject({
      active: true,
    });
    const removed = await patch(
      { op: 'remove', path: 'title' },
      { op: 'Remove', path: `${ENTERPRISE}:manager` },
      { op: 'remove', path: 'phoneNumbers[type eq "work"]' },
    );
    expect(removed).not.toHaveProperty('title');
    expect(removed).not.toHaveProperty('phoneNumbers');
    expect(removed[ENTERPRISE]).not.toHaveProperty('manager');
    for (const [operation, ...expected] of [
      [{ op: 'move', path: 'title', value: 'x' }, 400, 'invalidSyntax'],
      [{ op: 'replace', path: 'wings', value: 'x' }, 400, 'invalidPath'],
      [{ op: 'replace', path: 'emails[', value: 'x' }, 400, 'invalidPath'],
      [{ op: 'replace', path: 'emails[type xx "work"].value', value: 'x' }, 400, 'invalidFilter'],
      [{ op: 'replace', path: 'emails[value co "zz"].value', value: 'x' }, 400, 'noTarget'],
      [{ op: 'remove' }, 400, 'noTarget'],
      [{ op: 'replace', path: 'id', value: 'x' }, 400, 'mutability'],
      [{ op: 'replace', path: 'groups', value: [] }, 400, 'mutability'],
      [{ op: 'replace', path: 'roles', value: [{ value: 'owner' }] }, 400, 'mutability'],
      [{ op: 'remove', path: 'userName' }, 400, 'invalidValue'],
      [{ op: 'add', path: 'title' }, 400, 'invalidValue'],
      [
        { op: 'replace', path: `${ENTERPRISE}:manager.value`, value: id.replace(/^../, '00') },
        400,
        'invalidValue',
      ],
    ] as const) {
      const reply = await scim.patch(`/Users/${id}`, operation);
      expect([operation, ...shown(reply)]).toEqual([operation, ...expected]);
    }
    // Nothing of a request whose last operation is refused was done.
    await scim.patch(
      `/Users/${id}`,
      { op: 'replace', path: 'title', value: 'Half done' },
      { op: 'replace', path: 'wings', value: 'x' },
    );
    expect((await scim.get(`/Users/${id}`)).body).not.toHaveProperty('title');
    expect(
      shown(await scim.ask(`/Users/${id}`, { method: 'PATCH', body: { Operations: [] } })),
    ).toEqual([400, 'invalidSyntax']);
  });

  it('S21 keeps the whole name as it was written, until its parts change', async () => {
    const userName = address();
    const made = await add({ name: { formatted: 'Dr. Ada King, Countess' } }, userName);
    expect(made.name).toEqual({
      formatted: 'Dr. Ada King, Countess',
      givenName: 'Dr.',
      familyName: 'Ada King, Countess',
    });
    const name = async (operation: object) =>
      (await scim.patch(`/Users/${made.id}`, operation)).body.name;
    const replace = { op: 'replace', path: 'name' };
    expect(await name({ ...replace, value: { givenName: 'Ada', familyName: 'King' } })).toEqual({
      formatted: 'Ada King',
      givenName: 'Ada',
      familyName: 'King',
    });
    const formatted = 'Ada King III';
    const written = { formatted, givenName: 'Ada', familyName: 'King' };
    expect(await name({ ...replace, path: 'name.formatted', value: formatted })).toEqual(written);
    expect(await name({ op: 'add', path: 'title', value: 'Countess' })).toEqual(written);
    expect(await name({ ...replace, path: 'name.familyName', value: 'Byron' })).toEqual({
      formatted: 'Ada Byron',
      givenName: 'Ada',
      familyName: 'Byron',
    });
    await name({ ...replace, path: 'name.formatted', value: formatted });
    expect((await admin.patch(`/users/${made.id}`, { lastName: 'Lovelace' })).status).toBe(200);
    expect((await scim.get(`/Users/${made.id}`)).body.name.formatted).toBe('Ada Lovelace');
    const again = await name({ ...replace, path: 'name.formatted', value: formatted });
    expect(again.formatted).toBe(formatted);
  });
});
