import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { createApi } from '#apps/api/api.module';
import type { ApiConfig, ApiOptions } from '#apps/api/api-options';
import { SignIn } from '#apps/api/auth/sign-in';
import { AccessLog } from '#apps/api/http/access-log';
import { SessionEnds } from '#apps/composition/session-ends';
import type { Accepted } from '#kernel/command';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import type { UserRole } from '#event-schemas/identity/user.events';
import { setPasswordHash } from '#platform/auth/credentials';
import { hashPassword } from '#platform/auth/password';
import { startSession } from '#platform/auth/sessions';
import { AccessTokens } from '#platform/auth/tokens';
import { environment } from '#platform/config/environment';
import { loadConfig } from '#platform/config/config';
import { systemContext, type PlatformOptions } from '#platform/platform';
import { startTestPlatform, type TestPlatform } from './platform.js';

/** What came back, with its body read as far as it is JSON. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Specs look into bodies freely.
  readonly body: any;
}

export interface RequestOptions {
  readonly method?: string;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
}

/** A person of a workspace, signed in. */
export interface TestUser {
  readonly id: string;
  readonly tenantId: string;
  readonly email: string;
  readonly role: UserRole;
  readonly token: string;
  /** `GET` unless told otherwise; the path is below `/api/v1`. */
  request(path: string, options?: RequestOptions): Promise<Reply>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  patch(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  put(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  delete(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
}

export interface TestWorkspace {
  readonly tenantId: string;
  readonly slug: string;
  /** Adds a person with this role and signs them in. */
  person(role: UserRole): Promise<TestUser>;
  /** Adds a person who signs in with this password. */
  withPassword(role: UserRole, password: string): Promise<{ id: string; email: string }>;
  /** Names of the events of the workspace, oldest first, those of a person's own life left out. */
  events(after?: number): Promise<readonly string[]>;
}

/** The booted application on a free port of this machine, over a database of its own. */
export interface TestServer extends TestPlatform {
  readonly url: string;
  readonly app: NestFastifyApplication;
  workspace(timeZone?: string, sandbox?: boolean): Promise<TestWorkspace>;
  /** A request to any address of the server. */
  request(path: string, options?: RequestOptions): Promise<Reply>;
  /** Everything appended is in the read models, what is written beside answers is written. */
  settled(milliseconds?: number): Promise<void>;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function send(url: string, options: RequestOptions = {}): Promise<Reply> {
  const { method = 'GET', body, raw, headers, token } = options;
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    ...(payload === undefined ? {} : { body: payload as string }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: jsonOf(text) };
}

/** Boots the product; `config` changes single settings. */
export async function startTestServer(
  config: Partial<ApiConfig> = {},
  options: Partial<Pick<ApiOptions, 'signInsPerMinute' | 'pages' | 'sockets'>> = {},
  more: Pick<PlatformOptions, 'jobs' | 'effects' | 'seals' | 'clock' | 'kurrentDb'> = {},
): Promise<TestServer> {
  const test = await startTestPlatform(more.clock, more);
  const { platform } = test;
  const sessionEnds = new SessionEnds(platform);
  platform.projections.start();
  const app = await createApi({
    platform,
    signInsPerMinute: 10_000,
    ...options,
    config: {
      ...loadConfig({ LOG_LEVEL: environment['LOG_LEVEL'] ?? 'silent', RATE_LIMITS: 'false' }),
      ...config,
    },
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    ...test,
    url,
    app,
    request: (path, options) => send(`${url}${path}`, options),
    workspace: (timeZone, sandbox) => openWorkspace(test, app, url, timeZone, sandbox),
    settled: async (milliseconds = 20_000) => {
      await app.get(SignIn).journal.settled();
      await app.get(AccessLog).flush();
      await caughtUp(test, milliseconds);
      await sessionEnds.settled();
    },
    close: async () => {
      await app.close();
      await platform.projections.close();
      await sessionEnds.settled();
      await test.close();
    },
  };
}

/** Writes of other specs on the same server hold the feed back, so this may take a while. */
async function caughtUp({ platform, test }: TestPlatform, milliseconds: number): Promise<void> {
  const { rows } = await test.admin((client) =>
    client.query<{ position: string }>(
      `SELECT concat_ws('.', epoch, xid, pos, 0) AS position FROM es_event
        ORDER BY epoch DESC, xid DESC, pos DESC LIMIT 1`,
    ),
  );
  const models = [...platform.registry.readModels.keys()];
  const reached = await Promise.all(
    models.map((name) => platform.positions.wait(name, rows[0]!.position, milliseconds)),
  );
  if (reached.includes(false)) throw new Error('the read models did not catch up');
}

async function openWorkspace(
  { platform, test }: TestPlatform,
  app: NestFastifyApplication,
  url: string,
  timeZone = 'UTC',
  sandbox = false,
): Promise<TestWorkspace> {
  const tenantId = uuidv7();
  const slug = `spec-${tenantId.slice(-12)}`;
  const ctx = systemContext(tenantId, 'spec');
  const dispatch = async (command: string, input: object, id: string) => {
    const result = await platform.dispatch(command, input, ctx, { id });
    if (isRefusal(result)) throw new Error(JSON.stringify(result));
    return result as Accepted;
  };
  // Specs are about other things than limits and features of plans.
  const planType = 'enterprise';
  const workspace = { name: 'Pied Piper', slug, timeZone, sandbox, planType };
  await dispatch('CreateTenant', workspace, tenantId);
  let people = 0;
  const add = async (role: UserRole) => {
    const id = uuidv7();
    const email = `person${++people}@${slug}.example`;
    const person = { firstName: 'Person', lastName: role, email, role, status: 'active' };
    await dispatch('CreateUser', person, id);
    return { id, email };
  };
  return {
    tenantId,
    slug,
    person: async (role) => {
      const { id, email } = await add(role);
      const client = { ip: '127.0.0.1', userAgent: 'spec' };
      const { sessionId } = await platform.database.tenant(tenantId, (db) =>
        startSession(db, { tenantId, userId: id, client }, platform.clock()),
      );
      const claims = { tenantId, userId: id, sessionId };
      const { token } = await app.get(AccessTokens).sign(claims);
      return userOf({ id, tenantId, email, role, token }, url);
    },
    withPassword: async (role, password) => {
      const person = await add(role);
      const hash = await hashPassword(password);
      await platform.database.tenant(tenantId, (db) =>
        setPasswordHash(db, tenantId, person.id, hash, platform.clock()),
      );
      return person;
    },
    events: async (after = 0) => {
      const { rows } = await test.admin((client) =>
        client.query<{ type: string }>(
          `SELECT type FROM es_event WHERE tenant_id = $1
              AND type NOT IN ('TenantCreated', 'UserCreated', 'ReservationTaken')
            ORDER BY epoch, xid, pos OFFSET $2`,
          [tenantId, after],
        ),
      );
      return rows.map(({ type }) => type);
    },
  };
}

function userOf(
  known: Pick<TestUser, 'id' | 'tenantId' | 'email' | 'role' | 'token'>,
  url: string,
): TestUser {
  const { token } = known;
  const request = (path: string, options: RequestOptions = {}) =>
    send(`${url}/api/v1${path}`, { token, ...options });
  const write =
    (method: string) => (path: string, body?: unknown, headers?: RequestOptions['headers']) =>
      request(path, { method, body, ...(headers ? { headers } : {}) });
  return {
    ...known,
    request,
    get: (path, headers) => request(path, headers ? { headers } : {}),
    post: write('POST'),
    patch: write('PATCH'),
    put: write('PUT'),
    delete: write('DELETE'),
  };
}
