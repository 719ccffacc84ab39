import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { buildSchema, printSchema } from 'graphql';
import { forged } from '#test/support/forged';
import {
  startGraphql,
  type GraphqlAnswer,
  type GraphqlTest,
  type Person,
} from '#test/support/graphql';

const ME = '{ me { id } }';
const code = ({ status, errors }: GraphqlAnswer) => [status, errors?.[0]?.extensions.code];

describe('what GraphQL refuses', () => {
  let test: GraphqlTest;
  let owner: Person;
  let hooli: { id: string; position: string };
  beforeAll(async () => {
    test = await startGraphql();
    owner = await test.workspace();
    const { data } = await test.ask(
      owner,
      'mutation { createCompany(input: { name: "Hooli" }) { ... on Accepted { id position } } }',
    );
    hooli = data.createCompany;
    await list('');
  });
  afterAll(() => test.close());

  const list = (given: string, variables: object = {}, who: Person | null = owner) =>
    test.ask(
      who,
      `query L($at: String, $text: String, $n: Int) {
        me @include(if: false) { id @skip(if: true) }
        companies(atLeast: $at ${given}) { totalCount nodes { id name } } t: __typename
        unused: company(id: "x") @skip(if: true) { history(first: $n) { nodes { id } } label }
        again: companies(search: $text) @skip(if: true) { totalCount } }`,
      { at: hooli.position, ...variables },
    );
  const post = async (body: string, headers: Record<string, string> = {}) => {
    const response = await test.send({
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${owner.token}`,
        ...headers,
      },
      body,
    });
    const text = await response.text();
    // Nothing of the inside: no stack, no file, no statement.
    expect(text).not.toMatch(/\bat \w+ \(|node_modules|\.ts:|SELECT /);
    return { status: response.status, ...(JSON.parse(text) as Omit<GraphqlAnswer, 'status'>) };
  };

  it('callers without a valid token', async () => {
    expect((await test.ask(owner, ME)).data.me.id).toBe(owner.userId);
    expect(code(await test.ask(null, ME))).toEqual([401, 'UNAUTHENTICATED']);
    const stranger = { ...owner, token: forged(owner.token) };
    expect(code(await test.ask(stranger, ME))).toEqual([401, 'UNAUTHENTICATED']);
    const refused = await test.ask(null, 'mutation { deleteCompany(id: "1") { __typename } }');
    expect(code(refused)).toEqual([401, 'UNAUTHENTICATED']);
    expect(refused.errors![0]!.extensions['requestId']).toEqual(expect.any(String));
  });

  it('another workspace', async () => {
    const stranger = await test.workspace();
    const query = `query One($id: ID!) { company(id: $id) { name history { nodes { id } } } }`;
    expect((await test.ask(owner, query, { id: hooli.id })).data.company.name).toBe('Hooli');
    expect((await test.ask(stranger, query, { id: hooli.id })).data).toEqual({ company: null });
    expect((await list('', {}, stranger)).data.companies.totalCount).toBe(0);
    const change = `mutation Change($id: ID!) { changeCompany(id: $id, input: { name: "X" }) {
      ... on Refused { code category } ... on Accepted { id } } }`;
    expect((await test.ask(stranger, change, { id: hooli.id })).data.changeCompany).toEqual({
      code: 'NOT_FOUND',
      category: 'missing',
    });
    const story =
      'query S($id: ID!) { timeline(filter: { recordType: company, recordId: $id }) { nodes { id } } }';
    expect((await test.ask(stranger, story, { id: hooli.id })).data.timeline.nodes).toEqual([]);
    const taken = `mutation Point($id: ID!) { createCompany(input: { name: "Y", parentId: $id }) {
      ... on Refused { code } ... on Accepted { id } } }`;
    expect((await test.ask(stranger, taken, { id: hooli.id })).data.createCompany).toEqual({
      code: 'REFERENCE_NOT_FOUND',
    });
  });

  it('a role without the right', async () => {
    const viewer = await test.join(owner, 'viewer');
    const create =
      'mutation { createCompany(input: { name: "X" }) { __typename ... on Refused { code category } } }';
    expect((await test.ask(viewer, create)).data.createCompany).toEqual({
      __typename: 'Refused',
      code: 'FORBIDDEN',
      category: 'forbidden',
    });
    expect((await list('', {}, viewer)).data.companies.totalCount).toBe(1);
    // A member changes what is their own, and nothing else.
    const member = await test.join(owner, 'member');
    const change = `mutation Change($id: ID!) { changeCompany(id: $id, input: { industry: "x" }) {
      ... on Refused { code } ... on Accepted { revision } } }`;
    expect((await test.ask(member, change, { id: hooli.id })).data.changeCompany).toEqual({
      code: 'FORBIDDEN',
    });
    const { data } = await test.ask(
      member,
      'mutation { createCompany(input: { name: "Mine" }) { ... on Accepted { id } } }',
    );
    expect((await test.ask(member, change, data.createCompany)).data.changeCompany).toEqual({
      revision: 2,
    });
    const deny = `mutation Delete($id: ID!) { changeUserRole(id: $id, input: { role: owner }) {
      ... on Refused { code } ... on Accepted { id } } }`;
    expect((await test.ask(member, deny, { id: member.userId })).data.changeUserRole).toEqual({
      code: 'FORBIDDEN',
    });
  });

  it('S19 fields and arguments nobody declared, without telling which exist', async () => {
    const unknown = await test.ask(owner, '{ companies { nodes { nam } } }');
    expect(code(unknown)).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
    expect(unknown.errors![0]!.message).not.toContain('Did you mean');
    const injected = async (field: string, value: unknown) =>
      test.ask(
        owner,
        `mutation C($input: CreateCompanyInput!) { createCompany(input: $input) {
          ... on Accepted { id } ... on Refused { code } } }`,
        { input: { name: 'X', [field]: value } },
      );
    expect((await injected('industry', 'software')).data.createCompany.id).toBeDefined();
    for (const field of [
      'id',
      'tenantId',
      'role',
      'version',
      'createdBy',
      'revision',
      '__proto__x',
    ]) {
      const answer = await injected(field, '1');
      expect([field, ...code(answer)]).toEqual([field, 400, 'BAD_USER_INPUT']);
      expect(answer.errors![0]!.message).not.toContain('Did you mean');
    }
    expect(code(await list(', secret: 1'))).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
    expect(code(await list(', filter: { description: { eq: "x" } }'))).toEqual([
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ]);
  });

  it('text that no database stores', async () => {
    const search = async (text: string) => list(', search: $text', { text });
    expect((await search('ool')).data.companies.nodes).toEqual([{ id: hooli.id, name: 'Hooli' }]);
    for (const text of ['a\u0000b', '\ud800']) {
      const answer = await search(text);
      expect(code(answer)).toEqual([200, 'BAD_USER_INPUT']);
      expect(answer.errors![0]!.extensions['details']).toMatchObject([{ field: 'search' }]);
    }
    expect(code(await list(', filter: { name: { eq: "a\\u0000" } }'))).toEqual([
      200,
      'BAD_USER_INPUT',
    ]);
    const { data } = await test.ask(
      owner,
      `mutation { createCompany(input: { name: "a\\u0000b" }) {
        ... on Accepted { id } ... on Refused { code details { field rule } } } }`,
    );
    expect(data.createCompany).toEqual({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'name', rule: 'text' }],
    });
  });

  it('SQL in place of values', async () => {
    const sql = `x'; DROP TABLE rm_companies; --`;
    const names = async (given: string) => {
      const { data } = await list(given, { text: sql });
      return data.companies.nodes.map((node: { name: string }) => node.name);
    };
    expect(await names(', filter: { name: { eq: $text } }')).toEqual([]);
    expect(await names(`, filter: { tags: { all: [${JSON.stringify(sql)}] } }`)).toEqual([]);
    expect(await names(', search: $text')).toEqual([]);
    const sort = await list(', sort: { field: "name; DROP TABLE rm_companies" }');
    expect(code(sort)).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
    expect(code(await list(', filter: { ownerId: { eq: $text } }', { text: sql }))[1]).toMatch(
      /BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED/,
    );
    expect(code(await list(', asOf: $text', { text: sql }))).toEqual([200, 'BAD_USER_INPUT']);
    expect(code(await list(', after: $text', { text: sql }))).toEqual([200, 'BAD_USER_INPUT']);
    expect(
      code(await list(', atLeast: $text'.replace('atLeast', 'knownAt'), { text: sql })),
    ).toEqual([200, 'BAD_USER_INPUT']);
    expect(await names(', filter: { name: { eq: "Hooli" } }')).toEqual(['Hooli']);
  });

  it('S19 pages of more than a hundred, positions and nulls that mean nothing', async () => {
    expect((await list(', first: 100')).status).toBe(200);
    for (const first of [100_000, 101, 0, -1]) {
      const answer = await list(', first: $n', { n: first });
      expect(code(answer)).toEqual([200, 'BAD_USER_INPUT']);
      expect(answer.errors![0]!.message).toBe('first must be a whole number from 1 to 100.');
    }
    expect(code(await list(', first: 100000'))).toEqual([200, 'BAD_USER_INPUT']);
    expect(code(await list('', { at: 'yesterday' }))).toEqual([200, 'BAD_USER_INPUT']);
    const ahead = await test.ask(owner, '{ companies(atLeast: "999.1.1.0") { totalCount } }');
    expect(code(ahead)).toEqual([200, 'NOT_CAUGHT_UP']);
    const nothing = await list(', filter: { name: { eq: $text } }', { text: null });
    expect(code(nothing)).toEqual([200, 'BAD_USER_INPUT']);
    const absent = await list(', filter: { name: { eq: $text } }');
    expect(absent.data.companies.totalCount).toBeGreaterThan(0);
  });

  it('S19 operations that ask for too much', async () => {
    const aliases = (n: number) =>
      `{ ${Array.from({ length: n }, (_, i) => `a${i}: me { id }`).join(' ')} }`;
    expect((await test.ask(owner, aliases(15))).status).toBe(200);
    expect(code(await test.ask(owner, aliases(16)))).toEqual([400, 'TOO_MANY_ALIASES']);

    const nested = (n: number): string => (n === 0 ? 'name' : `parent { ${nested(n - 1)} }`);
    const deep = (n: number) => `{ company(id: "${hooli.id}") { ${nested(n)} } }`;
    expect((await test.ask(owner, deep(4))).status).toBe(200);
    expect(code(await test.ask(owner, deep(5)))).toEqual([400, 'QUERY_TOO_DEEP']);

    const story = (first: number) =>
      `{ companies(first: 100) { nodes { history(first: ${first}) { nodes { id } } } } }`;
    expect((await test.ask(owner, story(10))).status).toBe(200);
    expect(code(await test.ask(owner, story(100)))).toEqual([400, 'QUERY_TOO_COSTLY']);

    const tokens = (n: number) =>
      `{ companies(filter: { name: { in: [${'"x" '.repeat(n)}] } }) { totalCount } }`;
    expect((await test.ask(owner, tokens(900))).status).toBe(200);
    expect(code(await test.ask(owner, tokens(1000)))).toEqual([400, 'GRAPHQL_PARSE_FAILED']);
    // The same field over and over is compared pair by pair, which graphql itself cuts off.
    const repeated = `{ me { ${'id '.repeat(900)} } }`;
    expect((await test.ask(owner, repeated)).status).toBe(400);
    const cycle = '{ company(id: "1") { ...A } } fragment A on Company { parent { ...A } }';
    expect((await test.ask(owner, cycle)).status).toBe(400);
  });

  it('S19 questions about the schema itself', async () => {
    const introspect = '{ __schema { queryType { name } } }';
    expect(code(await test.ask(owner, introspect))).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
    expect((await test.ask(owner, '{ __typename }')).data).toEqual({ __typename: 'Query' });
  });

  it('S19 requests that are no GraphQL requests', async () => {
    const good = JSON.stringify({ query: ME });
    expect((await post(good)).data.me.id).toBe(owner.userId);
    const charset = { 'content-type': 'application/json; charset=utf-8' };
    expect((await post(good, charset)).status).toBe(200);
    for (const type of ['text/plain', 'application/graphql', 'multipart/form-data', '']) {
      const answer = await post(good, { 'content-type': type });
      expect([type, ...code(answer)]).toEqual([type, 415, 'UNSUPPORTED_MEDIA_TYPE']);
    }
    expect(code(await post('{ "query": "{ me'))).toEqual([400, 'MALFORMED_JSON']);
    expect((await post('')).status).toBe(400);
    for (const body of ['[]', `[${good},${good}]`, '"x"', 'null', '1', '{}', '{"query":7}']) {
      expect([body, (await post(body)).status]).toEqual([body, 400]);
    }
    const unknown = { query: 'query A { me { id } }', operationName: 'B' };
    expect((await post(JSON.stringify(unknown))).status).toBe(400);
    const json = JSON.stringify({ query: '{"kind":"Document","definitions":[]}' });
    expect(code(await post(json))).toEqual([400, 'GRAPHQL_PARSE_FAILED']);
    const large = JSON.stringify({ query: ME, variables: { a: 'x'.repeat(100_000) } });
    expect(code(await post(large))).toEqual([413, 'BODY_TOO_LARGE']);
    expect(
      (await post(JSON.stringify({ query: ME, variables: { a: 'x'.repeat(9_000) } }))).status,
    ).toBe(200);
  });

  it('the schema file without a token', async () => {
    const file = (headers: Record<string, string>) => test.send({ headers }, '/schema.graphql');
    const served = await file({ authorization: `Bearer ${owner.token}` });
    expect(printSchema(buildSchema(await served.text()))).toContain(
      'type Company implements Record',
    );
    expect((await file({})).status).toBe(401);
  });

  it('changes by GET', async () => {
    const get = async (query: string) => {
      const path = `?query=${encodeURIComponent(query)}`;
      const response = await test.send(
        { headers: { authorization: `Bearer ${owner.token}` } },
        path,
      );
      return {
        status: response.status,
        ...((await response.json()) as Omit<GraphqlAnswer, 'status'>),
      };
    };
    expect((await get(ME)).data.me.id).toBe(owner.userId);
    const change = 'mutation { createCompany(input: { name: "By GET" }) { __typename } }';
    expect(code(await get(change))).toEqual([405, 'METHOD_NOT_ALLOWED']);
    expect((await list(', search: "By GET"')).data.companies.totalCount).toBe(0);
  });

  it('a persisted query it does not know, until it has been sent', async () => {
    const sha256Hash = createHash('sha256').update(ME).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    const hashed = JSON.stringify({ extensions });
    expect(code(await post(hashed))).toEqual([400, 'PERSISTED_QUERY_NOT_FOUND']);
    expect((await post(JSON.stringify({ query: ME, extensions }))).status).toBe(200);
    expect((await post(hashed)).data.me.id).toBe(owner.userId);
    const wrong = { query: '{ me { user { id } } }', extensions };
    expect((await post(JSON.stringify(wrong))).status).toBe(400);
  });
});

describe('GraphQL with introspection', () => {
  it('describes itself and suggests names', async () => {
    const test = await startGraphql({ introspection: true });
    try {
      const owner = await test.workspace();
      const { data } = await test.ask(owner, '{ __schema { queryType { name } } }');
      expect(data).toEqual({ __schema: { queryType: { name: 'Query' } } });
      const { errors } = await test.ask(owner, '{ companies { nodes { nam } } }');
      expect(errors![0]!.message).toContain('Did you mean "name"');
    } finally {
      await test.close();
    }
  });
});
