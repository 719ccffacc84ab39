import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Accepted } from '#kernel/command';
import { uuidv7 } from '#kernel/ids';
import { systemContext } from '#platform/platform';
import { startGraphql, type GraphqlTest, type Person } from '#test/support/graphql';

const CREATE = `mutation Create($input: CreateCompanyInput!, $key: String) {
  createCompany(input: $input, idempotencyKey: $key) {
    __typename
    ... on Accepted { id revision position warnings { code message records { id } } }
    ... on CompanyAccepted { record { id name industry tags label owner { fullName } } }
    ... on Refused { code category message details { field rule message remedy value } }
  }
}`;
const CHANGE = `mutation Change($id: ID!, $input: ChangeCompanyInput!, $revision: Int) {
  changeCompany(id: $id, input: $input, expectedRevision: $revision) {
    ... on CompanyAccepted { id revision position record { name industry annualRevenue { amountMinor currency } } }
    ... on Refused { code category message details { field rule remedy } }
  }
}`;

describe('records over GraphQL', () => {
  let test: GraphqlTest;
  let owner: Person;
  beforeAll(async () => {
    test = await startGraphql();
    owner = await test.workspace();
  });
  afterAll(() => test.close());

  const create = async (input: object, more: object = {}, who = owner) =>
    (await test.ask(who, CREATE, { input, ...more })).data.createCompany;
  const change = async (id: string, input: object, revision?: number) =>
    (await test.ask(owner, CHANGE, { id, input, revision })).data.changeCompany;
  /** A list in a workspace of its own, once all of it is visible. */
  const list = async (who: Person, given: string, variables: object = {}, position?: string) => {
    const query = `query L($atLeast: String, $n: Int, $after: String) {
      companies(atLeast: $atLeast, first: $n, after: $after ${given}) {
        totalCount totalCapped nodes { name } pageInfo { hasNextPage endCursor } } }`;
    const answer = await test.ask(who, query, { atLeast: position, ...variables });
    if (!answer.data) throw new Error(JSON.stringify(answer.errors));
    const { nodes, ...rest } = answer.data.companies;
    return { names: nodes.map((node: { name: string }) => node.name) as string[], ...rest };
  };

  it('creates, answers with the record, and reads it back', async () => {
    const accepted = await create({ name: 'Hooli', tags: ['vip'] });
    expect(accepted).toMatchObject({
      __typename: 'CompanyAccepted',
      revision: 1,
      warnings: [],
      record: {
        id: accepted.id,
        name: 'Hooli',
        industry: null,
        tags: ['vip'],
        label: 'Hooli',
        owner: { fullName: 'Person owner' },
      },
    });
    const { data } = await test.ask(
      owner,
      `query One($id: ID!, $at: String) { company(id: $id, atLeast: $at) {
        name label revision ownerId createdByUser { fullName } history { nodes { action } } } }`,
      { id: accepted.id, at: accepted.position },
    );
    expect(data.company).toEqual({
      name: 'Hooli',
      label: 'Hooli',
      revision: 1,
      ownerId: owner.userId,
      createdByUser: { fullName: 'Person owner' },
      history: { nodes: [{ action: 'created' }] },
    });
  });

  it('clears a field that is null and leaves one alone that is missing', async () => {
    const revenue = { amountMinor: '105400', currency: 'USD' };
    const { id } = await create({
      name: 'Pied Piper',
      industry: 'software',
      annualRevenue: revenue,
    });
    const renamed = await change(id, { name: 'Pied Piper Inc' });
    expect(renamed).toMatchObject({
      revision: 2,
      record: { name: 'Pied Piper Inc', industry: 'software', annualRevenue: revenue },
    });
    expect(await change(id, { industry: null })).toMatchObject({
      revision: 3,
      record: { name: 'Pied Piper Inc', industry: null, annualRevenue: revenue },
    });
  });

  it('refuses as data: shape, rules, a stale revision, what does not exist', async () => {
    expect(await create({ name: '', website: 'nowhere', foundedYear: 3 })).toMatchObject({
      __typename: 'Refused',
      code: 'VALIDATION_ERROR',
      category: 'shape',
      details: [
        { field: 'name', rule: 'minLength' },
        { field: 'website', rule: 'pattern' },
        { field: 'foundedYear', rule: 'minimum', value: 3 },
      ],
    });
    expect(await create({ name: 'Orphan', parentId: uuidv7() })).toMatchObject({
      code: 'REFERENCE_NOT_FOUND',
      category: 'rule',
      details: [{ field: 'parentId', rule: 'reference' }],
    });
    const { id } = await create({ name: 'Aviato' });
    expect(await change(id, { name: 'Aviato Ltd' }, 7)).toMatchObject({
      code: 'REVISION_MISMATCH',
      category: 'precondition',
      details: [{ field: 'expectedRevision' }],
    });
    expect(await change(id, { name: 'Aviato Ltd' }, 1)).toMatchObject({ revision: 2 });
    const nowhere = { code: 'NOT_FOUND', category: 'missing' };
    expect(await change(uuidv7(), { name: 'X' })).toMatchObject(nowhere);
    expect(await change('no id', { name: 'X' })).toMatchObject(nowhere);
  });

  it('carries a request out once per idempotency key', async () => {
    const key = uuidv7();
    const first = await create({ name: 'Raviga' }, { key });
    const again = await create({ name: 'Raviga' }, { key });
    expect(again).toEqual(first);
    expect(await create({ name: 'Another' }, { key })).toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
      details: [{ field: 'idempotencyKey' }],
    });
    // The same key of somebody else is another request.
    const colleague = await test.join(owner, 'member');
    const theirs = await create({ name: 'Raviga' }, { key }, colleague);
    expect(theirs.__typename).toBe('CompanyAccepted');
    expect(theirs.id).not.toBe(first.id);
    expect(await create({ name: 'X' }, { key: 'two words' })).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'idempotencyKey' }],
    });
  });

  it('takes no id of the caller for a new record', async () => {
    const id = uuidv7();
    const named = `mutation Named($id: ID) { createContact(
      id: $id, input: { firstName: "Nelson", lastName: "Bighetti" }) { __typename } }`;
    const { data, errors } = await test.ask(owner, named, { id });
    expect([data, errors![0]!.message]).toEqual([
      null,
      expect.stringContaining('Unknown argument "id" on field "Mutation.createContact"'),
    ]);
  });

  it('filters, sorts, searches and pages', async () => {
    const who = await test.workspace();
    const made = [
      { name: 'Alpha', industry: 'software', employeeCount: 10, tags: ['a', 'b'] },
      { name: 'Beta', industry: 'retail', employeeCount: 200, tags: ['b'] },
      { name: 'Gamma', employeeCount: 3_000, companyStatus: 'customer', foundedYear: 1999 },
      { name: "D'Elta; DROP TABLE rm_companies; --", industry: 'software' },
    ];
    let position = '';
    for (const input of made) ({ position } = await create(input, {}, who));
    const delta = made[3]!.name;
    const names = async (given: string) => (await list(who, `, ${given}`, {}, position)).names;
    const sorted = 'sort: { field: name }';

    expect(await names(sorted)).toEqual(['Alpha', 'Beta', delta, 'Gamma']);
    expect(await names('sort: [{ field: name, direction: desc }]')).toEqual([
      'Gamma',
      delta,
      'Beta',
      'Alpha',
    ]);
    expect(await names(`${sorted}, filter: { industry: { eq: "software" } }`)).toEqual([
      'Alpha',
      delta,
    ]);
    expect(await names(`${sorted}, filter: { industry: { ne: "software" } }`)).toEqual([
      'Beta',
      'Gamma',
    ]);
    expect(await names(`${sorted}, filter: { employeeCount: { gte: 10, lt: 200 } }`)).toEqual([
      'Alpha',
    ]);
    expect(await names(`${sorted}, filter: { industry: { null: true } }`)).toEqual(['Gamma']);
    expect(await names(`${sorted}, filter: { companyStatus: { in: [customer] } }`)).toEqual([
      'Gamma',
    ]);
    expect(await names(`${sorted}, filter: { tags: { all: ["a", "b"] } }`)).toEqual(['Alpha']);
    expect(await names(`filter: { name: { in: ["${delta}", "nothing"] } }`)).toEqual([delta]);
    expect(await names('search: "lph"')).toEqual(['Alpha']);

    const first = await list(who, `, ${sorted}`, { n: 3 }, position);
    expect(first).toMatchObject({ totalCount: 4, totalCapped: false });
    expect(first.names).toEqual(['Alpha', 'Beta', delta]);
    expect(first.pageInfo.hasNextPage).toBe(true);
    const after = first.pageInfo.endCursor as string;
    const second = await list(who, `, ${sorted}`, { n: 3, after }, position);
    expect(second).toMatchObject({ names: ['Gamma'], pageInfo: { hasNextPage: false } });
  });

  it('shows archived and deleted records only when asked', async () => {
    const who = await test.workspace();
    const { id } = await create({ name: 'Gone' }, {}, who);
    const { id: aside } = await create({ name: 'Aside' }, {}, who);
    const { data } = await test.ask(
      who,
      `mutation End($id: ID!, $aside: ID!) {
        archiveCompany(id: $aside) { ... on CompanyAccepted { record { archivedAt } } }
        deleteCompany(id: $id) { ... on CompanyAccepted { position record { deletedAt name } } } }`,
      { id, aside },
    );
    expect(data.deleteCompany.record).toMatchObject({ name: 'Gone' });
    const { position } = data.deleteCompany;
    expect((await list(who, '', {}, position)).names).toEqual([]);
    expect((await list(who, ', deleted: only')).names).toEqual(['Gone']);
    expect((await list(who, ', archived: include')).names).toEqual(['Aside']);
    const one = `query One($id: ID!, $too: Boolean) { company(id: $id, includeDeleted: $too) { name } }`;
    expect((await test.ask(who, one, { id })).data.company).toBeNull();
    expect((await test.ask(who, one, { id, too: true })).data.company).toEqual({ name: 'Gone' });
  });

  it('shows the past: as of a day, as known then, and by revision', async () => {
    const who = await test.workspace();
    const system = systemContext(who.tenantId, 'import');
    const write = async (name: string, input: object, day: string, id?: string) =>
      (await test.platform.dispatch(name, input, system, {
        occurredAt: new Date(`${day}T12:00:00Z`),
        ...(id ? { id } : {}),
      })) as Accepted;
    const parent = await write('CreateCompany', { name: 'Gavin Inc' }, '2024-01-01');
    const { id } = await write(
      'CreateCompany',
      { name: 'Nucleus', parentId: parent.id },
      '2024-01-10',
    );
    await write('ChangeCompany', { name: 'Hooli Group' }, '2024-02-01', parent.id);
    const before = new Date().toISOString();
    // Times of recording are of milliseconds; the next is of a later one.
    await sleep(2);
    const last = await write('ChangeCompany', { name: 'Endframe' }, '2024-03-01', id);

    const query = `query Past($id: ID!, $asOf: String, $knownAt: String, $atLeast: String) {
      company(id: $id, asOf: $asOf, knownAt: $knownAt, atLeast: $atLeast) { name revision parent { name } }
      companies(asOf: $asOf, knownAt: $knownAt, atLeast: $atLeast, sort: { field: createdAt }) {
        nodes { name parent { name } } } }`;
    const past = async (times: object) => {
      const { data } = await test.ask(who, query, { id, atLeast: last.position, ...times });
      return { one: data.company, all: data.companies.nodes };
    };
    expect((await past({})).one).toEqual({
      name: 'Endframe',
      revision: 2,
      parent: { name: 'Hooli Group' },
    });
    // References are read for the same instant.
    expect(await past({ asOf: '2024-01-15' })).toEqual({
      one: { name: 'Nucleus', revision: 1, parent: { name: 'Gavin Inc' } },
      all: [
        { name: 'Gavin Inc', parent: null },
        { name: 'Nucleus', parent: { name: 'Gavin Inc' } },
      ],
    });
    expect((await past({ asOf: '2024-01-05' })).one).toBeNull();
    expect((await past({ knownAt: before })).one).toMatchObject({
      name: 'Nucleus',
      parent: { name: 'Hooli Group' },
    });
    const first = `query First($id: ID!) { company(id: $id, revision: 1) { name } }`;
    expect((await test.ask(who, first, { id })).data.company).toEqual({ name: 'Nucleus' });
  });

  it('reads the references of a page in one statement per model', async () => {
    const who = await test.workspace();
    const parent = await create({ name: 'Parent' }, {}, who);
    let position = '';
    for (let n = 0; n < 8; n++) {
      ({ position } = await create({ name: `Child ${n}`, parentId: parent.id }, {}, who));
    }
    const { reader } = test.platform;
    const many = reader.many.bind(reader);
    const asked: string[] = [];
    reader.many = (ctx, model, ids) => {
      asked.push(`${model.name} ${ids.length}`);
      return many(ctx, model, ids);
    };
    const { data } = await test.ask(
      who,
      `query Batch($at: String) { companies(atLeast: $at) { nodes {
        name owner { fullName } createdByUser { id } parent { name owner { id } } } } }`,
      { at: position },
    );
    reader.many = many;
    expect(data.companies.nodes).toHaveLength(9);
    expect(data.companies.nodes[0]).toMatchObject({
      owner: { fullName: 'Person owner' },
      parent: { name: 'Parent', owner: { id: who.userId } },
    });
    expect(asked).toEqual(['users 1', 'companies 1', 'users 1']);
  });

  it('warns of a possible duplicate and names it', async () => {
    const who = await test.workspace();
    const { id, position } = await create({ name: 'Twin' }, {}, who);
    await list(who, '', {}, position);
    const twin = await create({ name: 'twin' }, {}, who);
    const warned = twin.__typename === 'Refused' ? twin.details[0].value : twin.warnings[0];
    expect(JSON.stringify(warned)).toContain(id);
  });
});
