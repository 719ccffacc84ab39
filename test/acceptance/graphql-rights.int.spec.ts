import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { graphql } from 'graphql';
import { mayKnow } from '#apps/api/graphql/change-part';
import { graphqlContext, type GraphqlCaller } from '#apps/api/graphql/context';
import { graphqlSchema } from '#apps/api/graphql/schema';
import type { Accepted } from '#kernel/command';
import { everything, type Grants } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

/** Rights no system role has, but a role of a workspace may. */
describe('GraphQL under narrow rights', () => {
  let test: TestPlatform;
  let caller: GraphqlCaller;
  let schema: ReturnType<typeof graphqlSchema>;
  let mine: Accepted;
  let theirs: Accepted;
  beforeAll(async () => {
    test = await startTestPlatform();
    const { platform } = test;
    schema = graphqlSchema(platform.registry);
    const made = test.caller();
    caller = { ...made, actor: { type: 'system', id: 'spec' }, timeZone: 'UTC' };
    const user = async (lastName: string) => {
      const input = { firstName: 'Ada', lastName, role: 'member' };
      return (await platform.dispatch('CreateUser', input, caller)) as Accepted;
    };
    const [me, other] = [await user('Mine'), await user('Other')];
    const company = async (name: string, ownerId: string, parentId?: string) =>
      (await platform.dispatch(
        'CreateCompany',
        { name, ownerId, ...(parentId ? { parentId } : {}) },
        caller,
      )) as Accepted;
    theirs = await company('Theirs', other.id);
    mine = await company('Mine', me.id, theirs.id);
    await platform.projections.catchUp();
    caller = { ...caller, actor: { type: 'user', id: me.id } };
  });
  afterAll(() => test.close());

  const ask = async (grants: Grants, source: string, variableValues: object = {}) => {
    const contextValue = graphqlContext(test.platform, { ...caller, grants });
    const answer = await graphql({
      schema,
      source,
      contextValue,
      variableValues: variableValues as Record<string, unknown>,
    });
    const codes = answer.errors?.map(({ extensions, message }) => extensions['code'] ?? message);
    return { data: answer.data as any, codes };
  };
  const own: Grants = { 'companies:read': 'own', 'users:read': 'all' };
  const LIST = '{ companies { totalCount nodes { name owner { lastName } parent { name } } } }';

  it('lists the own records, and nothing of others beneath them', async () => {
    const all = await ask(everything, LIST);
    expect(all.data.companies.totalCount).toBe(2);
    expect(all.data.companies.nodes).toContainEqual({
      name: 'Mine',
      owner: { lastName: 'Mine' },
      parent: { name: 'Theirs' },
    });
    expect((await ask(own, LIST)).data.companies).toEqual({
      totalCount: 1,
      nodes: [{ name: 'Mine', owner: { lastName: 'Mine' }, parent: null }],
    });
    const past = LIST.replace('companies', `companies(asOf: "${new Date().toISOString()}")`);
    expect((await ask(own, past)).data.companies.nodes).toEqual([
      { name: 'Mine', owner: { lastName: 'Mine' }, parent: null },
    ]);
    const team = { 'companies:read': 'team' } as const;
    expect((await ask(team, LIST)).data.companies.nodes).toEqual([
      { name: 'Mine', owner: null, parent: null },
    ]);
  });

  it('shows one record only with the right', async () => {
    const one = 'query One($id: ID!) { company(id: $id) { name } }';
    expect((await ask(own, one, { id: mine.id })).data.company).toEqual({ name: 'Mine' });
    expect((await ask(own, one, { id: theirs.id })).data.company).toBeNull();
    expect(await ask({}, one, { id: mine.id })).toEqual({
      data: { company: null },
      codes: ['FORBIDDEN'],
    });
    expect(await ask({}, LIST)).toEqual({ data: null, codes: ['FORBIDDEN'] });
  });

  it('keeps the history of what may not be read to itself', async () => {
    const story = '{ timeline { nodes { recordType recordLabel } } }';
    const labels = async (grants: Grants) =>
      (await ask(grants, story)).data.timeline.nodes.map(
        (node: { recordLabel: string }) => node.recordLabel,
      );
    expect(await labels(everything)).toEqual(
      expect.arrayContaining(['Mine', 'Theirs', 'Ada Mine']),
    );
    const companiesOnly = { 'timeline:read': 'all', 'companies:read': 'all' } as const;
    expect((await labels(companiesOnly)).toSorted()).toEqual(['Mine', 'Theirs']);
    expect(await labels({ ...companiesOnly, 'timeline:read': 'own' })).toEqual(['Mine']);
    expect((await ask(own, story)).codes).toEqual(['FORBIDDEN']);
  });

  it('answers a command without the record where it may not be read', async () => {
    const change = `mutation Change($id: ID!) { changeCompany(id: $id, input: { industry: "x" }) {
      ... on CompanyAccepted { revision record { name } } ... on Refused { code } } }`;
    const write = { 'companies:update': 'all' } as const;
    expect((await ask(write, change, { id: theirs.id })).data.changeCompany).toEqual({
      revision: 2,
      record: null,
    });
    const { data } = await ask({ ...write, 'companies:read': 'own' }, change, { id: mine.id });
    expect(data.changeCompany).toEqual({ revision: 2, record: { name: 'Mine' } });
  });

  it('tells subscribers only of what they may read', async () => {
    const { platform } = test;
    const know = (grants: Grants, id: string, type = 'company', tenantId = caller.tenantId) => {
      const who = { ...caller, grants };
      const change = { tenantId, type, id, revision: 1 } as Parameters<typeof mayKnow>[3];
      return mayKnow(platform.registry, graphqlContext(platform, who), who, change);
    };
    expect(await know(everything, theirs.id)).toBe(true);
    expect(await know(own, mine.id)).toBe(true);
    expect(await know(own, theirs.id)).toBe(false);
    expect(await know({}, mine.id)).toBe(false);
    expect(await know(everything, mine.id, 'company', uuidv7())).toBe(false);
    expect(await know(everything, mine.id, 'unheard')).toBe(false);
  });
});
