import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { isInputObjectType, type GraphQLInputObjectType } from 'graphql';
import { declaredMatrix, matrixCsv, operationsOf, type MatrixRow } from '#apps/api/access-matrix';
import { Endpoints } from '#apps/api/rest/endpoints';
import type { Accepted } from '#kernel/command';
import { uuidv7 } from '#kernel/ids';
import { systemContext } from '#platform/platform';
import { graphqlSocket } from '#test/support/graphql-socket';
import type { TestUser } from '#test/support/server';
import { GraphqlMatrix } from './matrix/graphql.js';
import { bodyOf, commandOf, least, pathOf } from './matrix/inputs.js';
import { RestMatrix } from './matrix/rest.js';
import { each, startStand, type Stand } from './matrix/stand.js';

const ADVICE = 'npm run generate -- access-matrix, and have the change reviewed';
const linesOf = (csv: string) => csv.trim().split('\n');
const golden = linesOf(readFileSync(new URL('matrix/golden.csv', import.meta.url), 'utf8'));
/** What the product decides about a record itself; no caller says it. */
const DECIDED = ['id', 'tenantId', 'ownerId', 'role', 'version', 'createdBy'];

describe('who may do what', () => {
  let stand: Stand;
  let owner: TestUser;
  let endpoints: Endpoints['all'];
  let graphql: GraphqlMatrix;
  let rows: readonly MatrixRow[];
  beforeAll(async () => {
    stand = await startStand();
    owner = stand.askers.get('owner')!.person;
    endpoints = stand.server.app.get(Endpoints).all;
    graphql = new GraphqlMatrix(stand);
    rows = declaredMatrix(operationsOf(endpoints, stand.server.platform.registry));
  });
  afterAll(() => stand?.server.close());

  /** The lines of the golden table for these rows, and those the product answers with. */
  const compared = (asked: readonly MatrixRow[], observed: readonly MatrixRow[]) => {
    const names = new Set(asked.map(({ operation }) => operation.name));
    const expected = golden.filter((line) => names.has(line.split(',', 1)[0]!));
    return { expected, observed: linesOf(matrixCsv(observed)).slice(1) };
  };

  it('S17 is declared for every route and field, as the reviewed table has it', () => {
    expect({ table: linesOf(matrixCsv(rows)), advice: ADVICE }).toEqual({
      table: golden,
      advice: ADVICE,
    });
  });

  it('S17 every REST route answers nobody, a stranger, each role and each owner as the table says', async () => {
    const matrix = new RestMatrix(stand);
    const asked = endpoints.map((endpoint, index) => ({ endpoint, row: rows[index]! }));
    const found: MatrixRow[] = [];
    // In order: those who own most ask last in each row, and nothing they ask changes anything.
    for (const one of asked) found.push(await matrix.observed(one));
    const { expected, observed } = compared(
      asked.map(({ row }) => row),
      found,
    );
    expect(observed).toEqual(expected);
  });

  it('S17 every GraphQL field answers nobody, a stranger, each role and each owner as the table says', async () => {
    const asked = rows.filter(({ operation }) => /^(Query|Mutation)\./.test(operation.name));
    const found = await each(asked, (row) => graphql.observed(row));
    const { expected, observed } = compared(asked, found);
    expect(observed).toEqual(expected);
  });

  it('S16 S17 a socket tells its own workspace of a change, and nobody else', async () => {
    const { server, askers, stranger, workspace } = stand;
    const url = `${server.url}/graphql`;
    const nameless = await graphqlSocket(url);
    expect(await nameless.init()).not.toBe('connection_ack');
    nameless.close();
    const id = askers.get('owner')!.records.get('companies')!.own;
    const QUERY = 'subscription($id: ID!) { recordChanged(type: company, id: $id) { id } }';
    const listen = async ({ token }: TestUser) => {
      const socket = await graphqlSocket(url);
      expect(await socket.init({ Authorization: `Bearer ${token}` })).toBe('connection_ack');
      return { socket, changes: socket.subscribe(QUERY, { id }) };
    };
    const inside = await Promise.all([...askers.values()].map(({ person }) => listen(person)));
    const outside = await listen(stranger);
    const change = async (n: number) => {
      const input = { industry: `Industry ${n}` };
      const ctx = systemContext(workspace.tenantId, 'spec');
      return (await server.platform.dispatch('ChangeCompany', input, ctx, { id })) as Accepted;
    };
    // A subscription begins a moment after it was asked for: change until everybody was told.
    const told = inside.map(({ changes }) => changes.next());
    let done = false;
    const all = Promise.all(told).finally(() => (done = true));
    for (let n = 0; !done && n < 100; n++) {
      await change(n);
      await Promise.race([all, new Promise((resolve) => setTimeout(resolve, 200))]);
    }
    for (const message of await all) expect(message.data.recordChanged).toEqual({ id });
    await expect(outside.changes.next(300)).rejects.toThrow('nothing came');
    for (const { socket } of [...inside, outside]) socket.close();
  });

  it('S18 no REST body takes what the product decides', async () => {
    const { server } = stand;
    const { registry } = server.platform;
    const { records } = stand.askers.get('owner')!;
    const before = await server.test.admin((db) => db.query('SELECT count(*) FROM es_event'));
    const writing = endpoints.filter(
      (one) => one.file !== 'only' && (one.body ?? commandOf(one, registry)),
    );
    const problems = await each(writing, async (endpoint) => {
      const command = commandOf(endpoint, registry);
      const body = (!command && endpoint.example) || bodyOf(endpoint, registry);
      const schema = command?.input ?? (endpoint.body as { readonly properties?: object });
      const known = new Set(Object.keys(schema.properties ?? {}));
      const injected = DECIDED.filter((name) => !known.has(name));
      const wrong: string[] = [];
      for (const name of injected) {
        const collection = endpoint.path.split('/')[1]!;
        const id = records.get(collection)?.own ?? uuidv7();
        const path = `/api/v1${pathOf(endpoint, id)}`;
        const reply = await server.request(path, {
          method: endpoint.method,
          body: { ...(body as object), [name]: uuidv7() },
          token: owner.token,
        });
        if (reply.status !== 400)
          wrong.push(`${endpoint.method} ${endpoint.path} ${name}: ${reply.status}`);
      }
      return wrong;
    });
    expect(problems.flat()).toEqual([]);
    const after = await server.test.admin((db) => db.query('SELECT count(*) FROM es_event'));
    expect(after.rows).toEqual(before.rows);
  });

  it('S18 no GraphQL input takes what the product decides', async () => {
    const { registry } = stand.server.platform;
    const inputs = Object.values(graphql.schema.getTypeMap()).filter(isInputObjectType);
    expect(inputs.length).toBeGreaterThan(50);
    const mutations = Object.values(graphql.schema.getMutationType()!.getFields());
    const taking = mutations.flatMap((field) => {
      const type = String(field.args.find(({ name }) => name === 'input')?.type ?? '');
      return type ? [{ field, type }] : [];
    });
    const problems = await each(taking, async ({ field, type }) => {
      const known = (
        graphql.schema.getType(type.replace('!', '')) as GraphQLInputObjectType
      ).getFields();
      const command = registry.commands.get(type.replace(/Input!$/, ''));
      const id = field.args.some(({ name }) => name === 'id') ? `id: "${uuidv7()}", ` : '';
      const wrong: string[] = [];
      for (const name of DECIDED.filter((one) => !(one in known))) {
        const input = { ...(command ? (least(command.input) as object) : {}), [name]: uuidv7() };
        const { status, errors } = await graphql.ask(
          owner,
          `mutation($input: ${type}) { ${field.name}(${id}input: $input) { __typename } }`,
          { input },
        );
        const code = errors[0]?.extensions?.code;
        if (status !== 400 || code !== 'BAD_USER_INPUT')
          wrong.push(`${field.name} ${name}: ${status} ${code}`);
      }
      return wrong;
    });
    expect(problems.flat()).toEqual([]);
  });

  it('S18 no list filters by what is not declared', async () => {
    const lists = endpoints.filter(
      ({ method, anyQuery, path }) => method === 'GET' && anyQuery && !path.includes(':'),
    );
    const problems = await each(lists, async ({ path, query = [] }) => {
      const known = new Set(query.map(({ name }) => name.replace(/\[.*/, '')));
      const wrong: string[] = [];
      for (const name of DECIDED.filter((one) => !known.has(one))) {
        const { status } = await owner.get(`${path}?${name}=${uuidv7()}`);
        if (status !== 400) wrong.push(`${path} ${name}: ${status}`);
      }
      return wrong;
    });
    expect(problems.flat()).toEqual([]);
  });
});
