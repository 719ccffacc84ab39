import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGraphql, type GraphqlTest, type Person } from '#test/support/graphql';

describe('boards, timeline and account over GraphQL', () => {
  let test: GraphqlTest;
  let owner: Person;
  beforeAll(async () => {
    test = await startGraphql();
    owner = await test.workspace();
  });
  afterAll(() => test.close());

  const run = async (query: string, variables: object = {}, who = owner) => {
    const answer = await test.ask(who, query, variables);
    if (answer.errors) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  };

  it('shows a pipeline with its stages, totals and deals', async () => {
    const { createPipeline: made } = await run(`mutation { createPipeline(input: {
      name: "New business", isDefault: true, stages: [
        { name: "Talk", probability: 20 }, { name: "Offer", probability: 60 },
        { name: "Won", kind: won }, { name: "Lost", kind: lost }] }) {
      ... on PipelineAccepted { id position record { stages { stageId name kind } } }
      ... on Refused { code message } } }`);
    await run('query($at: String) { pipelines(atLeast: $at) { totalCount } }', {
      at: made.position,
    });
    const [talk, offer] = made.record.stages;
    expect(made.record.stages.map((stage: { kind: string }) => stage.kind)).toEqual([
      'open',
      'open',
      'won',
      'lost',
    ]);
    const deal = async (name: string, stageId: string, amount?: object) =>
      (
        await run(
          `mutation Add($input: CreateDealInput!) { createDeal(input: $input) {
            ... on DealAccepted { id position record { name stage { name } } }
            ... on Refused { code message details { field message } } } }`,
          { input: { name, pipelineId: made.id, stageId, amount } },
        )
      ).createDeal;
    const usd = (amountMinor: string) => ({ amountMinor, currency: 'USD' });
    expect(await deal('A', talk.stageId, usd('1000'))).toMatchObject({
      record: { name: 'A', stage: { name: 'Talk' } },
    });
    await deal('B', talk.stageId, { amountMinor: '500', currency: 'EUR' });
    await deal('C', talk.stageId);
    const { id, position } = await deal('D', offer.stageId, usd('2000'));

    const board = `query Board($at: String, $filter: DealFilter, $first: Int = 20) {
      dealPipeline(atLeast: $at, filter: $filter) {
        pipeline { name }
        stages { stage { name } count
          totals { count amount { amountMinor currency } weightedAmount { amountMinor } }
          deals(first: $first) { totalCount nodes { name owner { fullName } stage { name } } } } } }`;
    const { dealPipeline } = await run(board, { at: position });
    expect(dealPipeline.pipeline.name).toBe('New business');
    const [first, second, won] = dealPipeline.stages;
    expect(first).toMatchObject({ stage: { name: 'Talk' }, count: 3 });
    expect(first.deals.totalCount).toBe(3);
    const byCurrency = (a: { amount: { currency: string } }, b: typeof a) =>
      a.amount.currency < b.amount.currency ? -1 : 1;
    expect(first.totals.sort(byCurrency)).toEqual([
      {
        count: 1,
        amount: { amountMinor: '500', currency: 'EUR' },
        weightedAmount: { amountMinor: '100' },
      },
      { count: 1, amount: usd('1000'), weightedAmount: { amountMinor: '200' } },
    ]);
    expect(second.deals.nodes).toEqual([
      { name: 'D', owner: { fullName: 'Person owner' }, stage: { name: 'Offer' } },
    ]);
    expect(won).toMatchObject({ count: 0, totals: [], deals: { nodes: [] } });

    const narrow = { filter: { name: { in: ['A', 'D'] } } };
    const filtered = (await run(board, narrow)).dealPipeline.stages;
    expect(filtered.map((stage: { count: number }) => stage.count)).toEqual([1, 1, 0, 0]);

    const { changeDeal } = await run(
      `mutation Lines($id: ID!) {
        addLineItem(id: $id, input: { description: "Box", quantity: 2,
          unitPrice: { amountMinor: "700", currency: "USD" } }) {
          ... on DealAccepted { record { amount { amountMinor } lineItems { description total { amountMinor } } } }
          ... on Refused { code message details { field message } } }
        changeDeal: moveDealToStage(id: $id, input: { stageId: "${talk.stageId}" }) {
          ... on DealAccepted { revision record { stage { name } amount { amountMinor } } }
          ... on Refused { code message details { field message } } } }`,
      { id },
    );
    expect(changeDeal).toMatchObject({
      record: { stage: { name: 'Talk' }, amount: { amountMinor: '1400' } },
    });
  });

  it('tells what happened, to whom and by whom', async () => {
    const who = await test.workspace();
    const { createCompany } = await run(
      `mutation { createCompany(input: { name: "Hooli" }) { ... on Accepted { id } } }`,
      {},
      who,
    );
    const { id } = createCompany;
    const { changeCompany } = await run(
      `mutation Change($id: ID!) { changeCompany(id: $id, input: { industry: "search" }) {
        ... on Accepted { position } } }`,
      { id },
      who,
    );
    const query = `query Story($id: ID!, $at: String, $first: Int, $after: String) {
      timeline(atLeast: $at, first: $first, after: $after,
        filter: { recordType: company, recordId: $id }) {
        nodes { action recordLabel revision actor { type user { fullName } }
          changes { field from to } record { __typename label } }
        pageInfo { hasNextPage endCursor } }
      timelineStatistics(atLeast: $at, filter: { recordTypes: [company] }) {
        total byAction { action count } byActor { actor { type id } count } } }`;
    const at = changeCompany.position;
    const { timeline, timelineStatistics } = await run(query, { id, at }, who);
    const actor = { type: 'user', user: { fullName: 'Person owner' } };
    expect(timeline.nodes).toEqual([
      {
        action: 'updated',
        recordLabel: 'Hooli',
        revision: 2,
        actor,
        changes: [{ field: 'industry', from: null, to: 'search' }],
        record: { __typename: 'Company', label: 'Hooli' },
      },
      expect.objectContaining({ action: 'created', actor }),
    ]);
    expect(timelineStatistics).toMatchObject({
      total: 2,
      byActor: [{ actor: { type: 'user', id: who.userId }, count: 2 }],
    });
    const first = (await run(query, { id, first: 1 }, who)).timeline;
    expect(first).toMatchObject({
      nodes: [{ action: 'updated' }],
      pageInfo: { hasNextPage: true },
    });
    const { endCursor: after } = first.pageInfo;
    expect((await run(query, { id, first: 1, after }, who)).timeline).toMatchObject({
      nodes: [{ action: 'created' }],
      pageInfo: { hasNextPage: false },
    });
  });

  it('says who is asking, what they may do and where they are', async () => {
    const viewer = await test.join(owner, 'viewer');
    const { me, workspace } = await run(
      '{ me { id user { fullName role } grants { permission scope } } workspace { name timeZone } }',
      {},
      viewer,
    );
    expect(me).toMatchObject({
      id: viewer.userId,
      user: { fullName: 'Person viewer', role: 'viewer' },
    });
    expect(me.grants).toContainEqual({ permission: 'companies:read', scope: 'all' });
    expect(me.grants.map((one: { permission: string }) => one.permission)).not.toContain(
      'companies:create',
    );
    expect(workspace).toEqual({ name: 'Pied Piper', timeZone: 'UTC' });
    const { changeTenant } = await run(
      `mutation { changeTenant(input: { timeZone: "Europe/Zurich" }) {
        ... on TenantAccepted { record { timeZone } } ... on Refused { code } } }`,
    );
    expect(changeTenant).toEqual({ record: { timeZone: 'Europe/Zurich' } });
  });

  it('shows the people of a team', async () => {
    const member = await test.join(owner, 'member');
    const { createTeam } = await run(
      'mutation { createTeam(input: { name: "Sales" }) { ... on Accepted { id } } }',
    );
    const { addTeamMember } = await run(
      `mutation Add($id: ID!, $userId: ID!) { addTeamMember(id: $id, input: { userId: $userId }) {
        ... on TeamAccepted { position record { memberIds members { role } } } } }`,
      { id: createTeam.id, userId: member.userId },
    );
    expect(addTeamMember.record).toEqual({
      memberIds: [member.userId],
      members: [{ role: 'member' }],
    });
  });

  it('shows what tasks belong to, whatever it is', async () => {
    const { createCompany } = await run(
      'mutation { createCompany(input: { name: "Aviato" }) { ... on Accepted { id position } } }',
    );
    const { createTask } = await run(
      `mutation Task($id: ID!) { createTask(input: {
        title: "Call", relatedToType: company, relatedToId: $id, dueDate: "2026-03-01T09:00:00Z" }) {
        ... on Accepted { position } ... on Refused { code details { field message } } } }`,
      { id: createCompany.id },
    );
    const { tasks } = await run(
      `query Tasks($at: String) { tasks(atLeast: $at) { nodes {
        title relatedTo { __typename label ... on Company { name } } } } }`,
      { at: createTask.position },
    );
    expect(tasks.nodes).toEqual([
      { title: 'Call', relatedTo: { __typename: 'Company', label: 'Aviato', name: 'Aviato' } },
    ]);
  });

  it('keeps a record of who looked at what', async () => {
    const { createCompany } = await run(
      'mutation { createCompany(input: { name: "Watched" }) { ... on Accepted { id position } } }',
    );
    const { id, position } = createCompany;
    await run('query See($id: ID!, $at: String) { company(id: $id, atLeast: $at) { name } }', {
      id,
      at: position,
    });
    await test.settled();
    const { rows } = await test.platform.database.tenant(owner.tenantId, (db) =>
      db.query('SELECT action FROM access_log WHERE record_id = $1', [id]),
    );
    expect(rows).toEqual([{ action: 'viewed' }]);
  });
});
