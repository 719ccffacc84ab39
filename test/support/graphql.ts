import { createApi } from '#apps/api/api.module';
import { AUDIENCE } from '#apps/api/api-options';
import type { Accepted } from '#kernel/command';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import type { UserRole } from '#event-schemas/identity/user.events';
import { startSession } from '#platform/auth/sessions';
import { AccessTokens } from '#platform/auth/tokens';
import { systemContext, type Platform } from '#platform/platform';
import { startTestPlatform } from './platform.js';

/** Somebody of a workspace who is signed in. */
export interface Person {
  readonly tenantId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly token: string;
}

export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly [more: string]: unknown };
}
// The shape of an answer is what the query of the spec asked for.
type Loose = any;
export interface GraphqlAnswer {
  readonly status: number;
  readonly data: Loose;
  readonly errors?: readonly GraphqlError[];
}

export interface GraphqlTest {
  readonly url: string;
  readonly platform: Platform;
  /** A new workspace with its owner. */
  workspace(): Promise<Person>;
  /** One more person of a workspace. */
  join(workspace: Person, role: UserRole): Promise<Person>;
  /** Sends an operation; without a person there is no token. */
  ask(person: Person | null, query: string, variables?: object): Promise<GraphqlAnswer>;
  /** Sends any request. */
  send(init: RequestInit, path?: string): Promise<Response>;
  close(): Promise<void>;
}

const PUBLIC_URL = 'http://localhost:3000';

/** The whole API, listening, on a database of its own; read models follow by themselves. */
export async function startGraphql(
  settings: { readonly introspection?: boolean } = {},
): Promise<GraphqlTest> {
  const { platform, close } = await startTestPlatform();
  platform.projections.start();
  const app = await createApi({
    platform,
    config: {
      publicUrl: PUBLIC_URL,
      trustedProxies: [],
      bodyLimitBytes: 100_000,
      graphqlIntrospection: settings.introspection ?? false,
      logLevel: 'silent',
      environment: 'test',
    },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = `${(await app.getUrl()).replace('[::1]', '127.0.0.1')}/graphql`;
  const { clock, options } = platform;
  const tokens = new AccessTokens({
    masterKey: options.masterKey,
    issuer: PUBLIC_URL,
    audience: AUDIENCE,
    clock,
  });

  const dispatch = async (name: string, tenantId: string, input: object, id?: string) => {
    const ctx = systemContext(tenantId, 'spec');
    const result = await platform.dispatch(name, input, ctx, id ? { id } : {});
    if (isRefusal(result)) throw new Error(JSON.stringify(result));
    const { id: made, position } = result as Accepted;
    await platform.positions.wait('users', position, 5_000);
    return made;
  };
  const person = async (tenantId: string, role: UserRole): Promise<Person> => {
    const email = `${uuidv7()}@example.com`;
    const input = { firstName: 'Ada', lastName: role, email, role, status: 'active' };
    const userId = await dispatch('CreateUser', tenantId, input);
    const { sessionId } = await platform.database.tenant(tenantId, (db) =>
      startSession(db, { tenantId, userId, client: {} }, clock()),
    );
    const { token } = await tokens.sign({ tenantId, userId, sessionId });
    return { tenantId, userId, sessionId, token };
  };
  const send = (init: RequestInit, path = '') => fetch(`${url}${path}`, init);

  return {
    url,
    platform,
    send,
    workspace: async () => {
      const id = uuidv7();
      const input = { name: 'Hooli', slug: `hooli-${id}`, planType: 'enterprise' };
      await dispatch('CreateTenant', id, input, id);
      return person(id, 'owner');
    },
    join: ({ tenantId }, role) => person(tenantId, role),
    ask: async (who, query, variables) => {
      const response = await send({
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(who ? { authorization: `Bearer ${who.token}` } : {}),
        },
        body: JSON.stringify({ query, ...(variables ? { variables } : {}) }),
      });
      return {
        status: response.status,
        ...((await response.json()) as Omit<GraphqlAnswer, 'status'>),
      };
    },
    close: async () => {
      await app.close();
      await close();
    },
  };
}
