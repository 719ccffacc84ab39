import type { UserRole } from '#event-schemas/identity/user.events';
import type { Platform } from '#platform/platform';
import { startTestServer, type TestServer, type TestUser, type TestWorkspace } from './server.js';

/** Somebody of a workspace who is signed in. */
export interface Person extends Pick<TestUser, 'tenantId' | 'token'> {
  readonly userId: string;
  readonly workspace: TestWorkspace;
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
  join(person: Person, role: UserRole): Promise<Person>;
  /**
   * Sends an operation; without a person there is no token. A variable that is a position is waited
   * for, because writes of other specs on the same server hold the feed back.
   */
  ask(person: Person | null, query: string, variables?: object): Promise<GraphqlAnswer>;
  /** Sends any request. */
  send(init: RequestInit, path?: string): Promise<Response>;
  /** Everything appended is in the read models. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const POSITION = /^\d+\.\d+\.\d+\.\d+$/;
const PATIENCE_MS = 20_000;

async function personOf(
  server: TestServer,
  workspace: TestWorkspace,
  role: UserRole,
): Promise<Person> {
  const { id: userId, tenantId, token } = await workspace.person(role);
  await server.settled();
  return { userId, tenantId, token, workspace };
}

/** The whole API, listening, on a database of its own; read models follow by themselves. */
export async function startGraphql(
  settings: { readonly introspection?: boolean } = {},
): Promise<GraphqlTest> {
  const server = await startTestServer({
    bodyLimitBytes: 100_000,
    graphqlIntrospection: settings.introspection ?? false,
  });
  const { platform } = server;
  const url = `${server.url}/graphql`;
  const visible = async (position: string) => {
    const models = [...platform.registry.readModels.keys()];
    await Promise.all(models.map((name) => platform.positions.wait(name, position, PATIENCE_MS)));
  };
  const send = (init: RequestInit, path = '') => fetch(`${url}${path}`, init);
  return {
    url,
    platform,
    send,
    workspace: async () => personOf(server, await server.workspace(), 'owner'),
    join: ({ workspace }, role) => personOf(server, workspace, role),
    ask: async (who, query, variables = {}) => {
      const positions = Object.values(variables).filter((value) => POSITION.test(String(value)));
      await Promise.all(positions.map((position) => visible(String(position))));
      const response = await send({
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(who ? { authorization: `Bearer ${who.token}` } : {}),
        },
        body: JSON.stringify({ query, variables }),
      });
      const body = (await response.json()) as Omit<GraphqlAnswer, 'status'>;
      return { status: response.status, ...body };
    },
    settled: () => server.settled(),
    close: () => server.close(),
  };
}
