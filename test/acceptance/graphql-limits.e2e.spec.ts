import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { loadConfig } from '#platform/config/config';
import { startGraphql, type GraphqlTest, type Person } from '#test/support/graphql';
import { graphqlSocket, type GraphqlSocket } from '#test/support/graphql-socket';

interface Told {
  readonly status?: number;
  readonly codes: readonly unknown[];
  readonly text: string;
}

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_one, index) => text(index)).join(' ');

/** What is let through to the last of a limit, and what is one more. */
const LIMITS: Readonly<
  Record<
    string,
    { readonly of: (n: number) => string; readonly most: number; readonly code: string }
  >
> = {
  'aliases, at most 15': {
    of: (n) => `{ ${times(n, (i) => `a${i}: me { id }`)} }`,
    most: 15,
    code: 'TOO_MANY_ALIASES',
  },
  'directives, at most 50': {
    of: (n) => `{ me { ${times(n, () => 'id @skip(if: false)')} } }`,
    most: 50,
    code: 'TOO_MANY_DIRECTIVES',
  },
  'levels, at most 6': {
    // The record is the first level and its name the last.
    of: (n) => `{ company(id: "1") { ${'parent { '.repeat(n - 2)} name ${'} '.repeat(n - 2)} } }`,
    most: 6,
    code: 'QUERY_TOO_DEEP',
  },
  'levels through fragments': {
    of: (n) =>
      `{ company(id: "1") { ...A } } fragment A on Company {
        ${'parent { '.repeat(n - 2)} name ${'} '.repeat(n - 2)} }`,
    most: 6,
    code: 'QUERY_TOO_DEEP',
  },
  'tokens, at most 1000': {
    // Twenty tokens are around the values.
    of: (n) => `{ companies(filter: { name: { in: [${'"x" '.repeat(n - 20)}] } }) { totalCount } }`,
    most: 1000,
    code: 'GRAPHQL_PARSE_FAILED',
  },
};

describe('S19 limits of GraphQL', () => {
  let test: GraphqlTest;
  let owner: Person;
  let socket: GraphqlSocket;
  beforeAll(async () => {
    test = await startGraphql({ introspection: loadConfig({}).graphqlIntrospection });
    owner = await test.workspace();
    socket = await graphqlSocket(test.url);
    expect(await socket.init({ authorization: `Bearer ${owner.token}` })).toBe('connection_ack');
  });
  afterAll(async () => {
    socket.close();
    await test.close();
  });

  const told = (status: number, text: string): Told => {
    const { errors = [] } = JSON.parse(text) as { errors?: { extensions?: { code: string } }[] };
    return { status, text, codes: errors.map(({ extensions }) => extensions?.code) };
  };
  const authorization = () => ({ authorization: `Bearer ${owner.token}` });
  const post = async (body: unknown): Promise<Told> => {
    const headers = { 'content-type': 'application/json', ...authorization() };
    const reply = await test.send({ method: 'POST', headers, body: JSON.stringify(body) });
    return told(reply.status, await reply.text());
  };
  const get = async (query: string): Promise<Told> => {
    const reply = await test.send(
      { headers: authorization() },
      `?${new URLSearchParams({ query })}`,
    );
    return told(reply.status, await reply.text());
  };
  const subscribed = async (query: string) => JSON.stringify(await socket.subscribe(query).next());

  for (const [name, { of, most, code }] of Object.entries(LIMITS)) {
    it(`S19 ${name}`, async () => {
      for (const ask of [(query: string) => post({ query }), get]) {
        expect((await ask(of(most))).codes).not.toContain(code);
        const more = await ask(of(most + 1));
        expect([more.status, more.codes]).toEqual([400, [code]]);
      }
    });
  }

  it('S19 the cost, at most 5000, whatever a variable says', async () => {
    const query = (outer: string, inner: string) =>
      `query Q($n: Int = 1) { me @include(if: false) { id }
        companies(first: ${outer}) { nodes { history(first: ${inner}) { nodes { id } } } }
        unused: companies(first: $n) @skip(if: true) { totalCount } }`;
    expect((await post({ query: query('10', '10') })).status).toBe(200);
    for (const [outer, inner] of [
      ['100', '100'],
      ['$n', '100'],
      ['100', '$n'],
    ] as const) {
      const answer = await post({ query: query(outer, inner), variables: { n: 1 } });
      expect([outer, inner, answer.status, answer.codes]).toEqual([
        outer,
        inner,
        400,
        ['QUERY_TOO_COSTLY'],
      ]);
    }
  });

  it('S19 pages of at most a hundred', async () => {
    for (const first of [0, -1, 101, 1_000_000]) {
      const { codes } = await post({ query: `{ companies(first: ${first}) { totalCount } }` });
      expect([first, codes]).toEqual([first, ['BAD_USER_INPUT']]);
    }
    expect((await post({ query: '{ companies(first: 100) { totalCount } }' })).codes).toEqual([]);
  });

  it('S19 several operations in one request, and fragments in circles', async () => {
    const me = { query: '{ me { id } }' };
    expect((await post([me, me])).status).toBe(400);
    expect((await post([])).status).toBe(400);
    for (const circle of [
      '{ company(id: "1") { ...A } } fragment A on Company { parent { ...A } }',
      `{ company(id: "1") { ...A } } fragment A on Company { parent { ...B } }
       fragment B on Company { parent { ...A } }`,
    ]) {
      expect((await post({ query: circle })).status).toBe(400);
    }
  });

  it('S19 neither the schema nor suggestions, by default', async () => {
    for (const query of [
      '{ __schema { queryType { name } } }',
      '{ __type(name: "User") { name } }',
    ]) {
      for (const answer of [await post({ query }), await get(query)]) {
        expect(answer.status).toBe(400);
        expect([...new Set(answer.codes)]).toEqual(['GRAPHQL_VALIDATION_FAILED']);
      }
      expect(await subscribed(query)).toContain('Invalid operation');
    }
    for (const query of [
      '{ companie { totalCount } }',
      '{ companies { totalCoun } }',
      '{ companies(frst: 1) { totalCount } }',
      '{ me { id @skp(if: true) } }',
      'mutation { createCompany(input: { nam: "x" }) { __typename } }',
    ]) {
      const { status, text } = await post({ query });
      expect([query, status]).toEqual([query, 400]);
      expect(text).not.toMatch(/did you mean/i);
    }
  });

  it('S19 the same for subscriptions', async () => {
    const aliases = `subscription { recordChanged { ${times(16, (i) => `a${i}: id`)} } }`;
    expect(await subscribed(aliases)).toContain('TOO_MANY_ALIASES');
    expect(await subscribed(`subscription { recordChanged { ${'id '.repeat(1000)} } }`)).toContain(
      'GRAPHQL_PARSE_FAILED',
    );
    expect(await subscribed('subscription { recordChangd { id } }')).not.toMatch(/did you mean/i);
  });

  it('S19 no stack trace when something breaks', async () => {
    const inside = new Error('SELECT secret FROM rm_users at /srv/libs/reader.ts:7');
    const broken = jest.spyOn(test.platform.reader, 'list').mockRejectedValue(inside);
    try {
      for (const answer of [
        await post({ query: '{ companies { totalCount } }' }),
        await get('{ companies { totalCount } }'),
      ]) {
        expect(answer.codes).toEqual(['INTERNAL_ERROR']);
        expect(answer.text).not.toMatch(/SELECT|rm_users|\.ts|at \/|stack/i);
      }
    } finally {
      broken.mockRestore();
    }
  });
});
