import { expect } from '@jest/globals';
import {
  startTestServer,
  type Reply,
  type RequestOptions,
  type TestServer,
  type TestUser,
} from '#test/support/server';

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** A directory that asks with the token of a connection of its own. */
export async function connectDirectory(server: TestServer, admin: TestUser, fields: object = {}) {
  const made = await admin.post('/scimConnections', { name: 'Hooli Entra ID', ...fields });
  if (made.status !== 201) throw new Error(made.text);
  const id = made.body.data.id as string;
  const given = await admin.post(`/scimConnections/${id}/token`, {});
  if (given.status !== 201) throw new Error(given.text);
  return { id, ...directory(server, given.body.data.token as string) };
}

/** Asks the SCIM service with a token. */
export function directory(server: TestServer, token: string) {
  const ask = (path: string, options: RequestOptions = {}) =>
    server.request(`/scim/v2${path}`, {
      token,
      ...options,
      headers: {
        ...(options.body === undefined ? {} : { 'content-type': 'application/scim+json' }),
        ...options.headers,
      },
    });
  const send =
    (method: string) => (path: string, body?: unknown, headers?: RequestOptions['headers']) =>
      ask(path, { method, body, ...(headers ? { headers } : {}) });
  return {
    token,
    ask,
    get: (path: string, headers?: RequestOptions['headers']) =>
      ask(path, headers ? { headers } : {}),
    filter: (path: string, filter: string) =>
      ask(`${path}?filter=${encodeURIComponent(filter)}&count=200`),
    post: send('POST'),
    put: send('PUT'),
    delete: send('DELETE'),
    patch: (path: string, ...operations: object[]) =>
      send('PATCH')(path, { schemas: [PATCH], Operations: operations }),
  };
}
export type DirectoryClient = Awaited<ReturnType<typeof connectDirectory>>;

/** A person as directories send one. */
export function person(userName: string, more: object = {}) {
  return {
    schemas: [USER],
    userName,
    name: { givenName: 'Richard', familyName: 'Hendricks' },
    ...more,
  };
}

/** Status and keyword of an answer. */
export const shown = ({ status, body }: Reply) => [status, body?.scimType];

/** Ids of a list that has to be there. */
export function found({ status, body }: Reply): string[] {
  expect([status, body.detail]).toEqual([200, undefined]);
  return body.Resources.map(({ id }: { id: string }) => id);
}

/** A workspace with a directory that is connected to it. */
export async function startScim(clock: () => Date = () => new Date()) {
  const server = await startTestServer({}, {}, { clock });
  const workspace = await server.workspace();
  const admin = await workspace.person('admin');
  const scim = await connectDirectory(server, admin, {
    defaultRole: 'viewer',
    groupRoles: [
      { group: 'crm-admins', role: 'admin' },
      { group: 'crm-sellers', role: 'manager' },
    ],
  });
  let counter = 0;
  const unique = (start: string) => `${start}${++counter}`;
  const address = () => `${unique('person-')}@hooli.com`;
  const made = (reply: Reply) => {
    expect([reply.status, reply.body.detail]).toEqual([201, undefined]);
    return reply.body;
  };
  const add = async (more: object = {}, userName = address()) =>
    made(await scim.post('/Users', person(userName, more)));
  const group = async (displayName: string, ...members: { id: string }[]) => {
    const ids = members.map(({ id }) => ({ value: id }));
    return made(await scim.post('/Groups', { schemas: [GROUP], displayName, members: ids }));
  };
  return { server, workspace, admin, scim, unique, address, add, group };
}
export type ScimTest = Awaited<ReturnType<typeof startScim>>;
