import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cliOn } from '#test/support/cli';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const LETTER = 'processor streamId record recordId revision eventType reason events parkedAt';
const ANSWER = `{
  __typename
  ... on FreedDeadLetter { processor streamId freed handled deadLetter { ${LETTER} } }
  ... on Refused { code category message }
}`;

describe('dead letters', () => {
  let server: TestServer;
  let mine: TestWorkspace;
  let owner: TestUser;
  let stranger: TestUser;
  beforeAll(async () => {
    server = await startTestServer();
    mine = await server.workspace();
    owner = await mine.person('owner');
    stranger = await (await server.workspace()).person('owner');
    await server.settled();
    await server.platform.projections.close();
  });
  afterAll(() => server.close());

  const admin = (text: string, values: unknown[] = []) =>
    server.test.admin((client) => client.query(text, values));
  const damage = (streamId: string, version: number, type: string) =>
    admin('UPDATE es_event SET type = $3 WHERE stream_id = $1 AND version = $2', [
      streamId,
      version,
      type,
    ]);
  const graphql = async (person: TestUser, query: string, variables: object = {}) =>
    (
      await server.request('/graphql', {
        method: 'POST',
        body: { query, variables },
        token: person.token,
      })
    ).body;
  const list = async (person: TestUser) =>
    (await person.get('/operations/dead-letters')).body.data as any;
  const async = { prefer: 'respond-async' };
  /** A company of three events whose second cannot be decoded. */
  async function parkedCompany(name: string) {
    const { id } = (await owner.post('/companies', { name }, async)).body.data;
    await owner.patch(`/companies/${id}`, { industry: 'Tea' }, async);
    await owner.patch(`/companies/${id}`, { name: `${name} Ltd` }, async);
    const streamId = `company-${id}`;
    await damage(streamId, 2, 'CompanyMelted');
    await server.platform.projections.catchUp();
    return { id: id as string, streamId, processor: 'companies' };
  }
  const nameOf = async (id: string) =>
    (await owner.get(`/companies/${id}`)).body.data?.name as string | undefined;

  it('list each record with the event to blame and exactly how many wait, per workspace', async () => {
    const { id, streamId } = await parkedCompany('Aviato');
    const found = await list(owner);
    expect(found).toMatchObject({ streams: 1, events: 2 });
    expect(found.records).toEqual([
      {
        processor: 'companies',
        streamId,
        record: 'company',
        recordId: id,
        revision: 2,
        eventType: 'CompanyMelted',
        reason: 'There is no definition of the event CompanyMelted.',
        events: 2,
        parkedAt: expect.any(String),
      },
    ]);
    const { data } = await graphql(
      owner,
      `{ deadLetters { streams events records { ${LETTER} } } }`,
    );
    expect(data.deadLetters).toEqual(found);
    expect(await list(stranger)).toEqual({ records: [], streams: 0, events: 0 });
  });

  it('are retried once mended: the record goes on with the others', async () => {
    const at = await parkedCompany('Bachmanity');
    const body = { processor: at.processor, streamId: at.streamId };
    const still = await owner.post('/operations/dead-letters/retry', body);
    expect(still.status).toBe(422);
    expect(still.body.error).toMatchObject({
      code: 'STILL_PARKED',
      details: [{ remedy: expect.stringContaining('discard') }],
    });
    expect(await nameOf(at.id)).toBe('Bachmanity');
    await damage(at.streamId, 2, 'CompanyChanged');
    const freed = await owner.post('/operations/dead-letters/retry', body);
    expect(freed.body.data).toEqual({ ...body, freed: true, handled: 3, deadLetter: null });
    expect(await nameOf(at.id)).toBe('Bachmanity Ltd');
    await owner.patch(`/companies/${at.id}`, { name: 'Later' }, async);
    await server.platform.projections.catchUp();
    expect(await nameOf(at.id)).toBe('Later');
    const again = await owner.post('/operations/dead-letters/retry', body);
    expect(again.status).toBe(404);
  });

  it('are discarded for good: lists, rebuilds and verification leave the event out', async () => {
    const at = await parkedCompany('Coleman Blair');
    const { processor, streamId } = at;
    const mutation = `mutation ($revision: Int!, $note: String!) {
      discardDeadLetter(processor: "${processor}", streamId: "${streamId}", revision: $revision,
        note: $note) ${ANSWER} }`;
    const discard = async (revision: number, note = 'trial data') =>
      (await graphql(owner, mutation, { revision, note })).data.discardDeadLetter;
    expect(await discard(3)).toMatchObject({ __typename: 'Refused', code: 'NOT_TO_BLAME' });
    expect(await discard(2, '')).toMatchObject({ __typename: 'Refused', code: 'VALIDATION_ERROR' });
    // The one behind it cannot be applied either: it is to blame from now on.
    await damage(streamId, 3, 'CompanyBoiled');
    expect(await discard(2)).toMatchObject({
      freed: false,
      deadLetter: { revision: 3, eventType: 'CompanyBoiled', events: 1 },
    });
    await damage(streamId, 3, 'CompanyChanged');
    await graphql(
      owner,
      `mutation { retryDeadLetter(processor: "${processor}", streamId: "${streamId}") ${ANSWER} }`,
    );
    expect(await nameOf(at.id)).toBe('Coleman Blair Ltd');
    const past = await owner.get(`/companies/${at.id}?revision=3`);
    expect([past.status, past.body.data?.name]).toEqual([200, 'Coleman Blair Ltd']);
    const { rows } = await admin('SELECT * FROM es_discarded');
    expect(rows).toMatchObject([
      { stream_id: streamId, version: '2', note: 'trial data', discarded_by: owner.id },
    ]);
    // Others are still parked, and so a rebuild stops loudly; theirs go as well.
    const cli = cliOn(server.test);
    const loud = await cli('projections rebuild companies');
    expect(loud).toMatchObject({ code: 1 });
    expect(loud.out).toContain('CompanyMelted');
    for (const letter of (await list(owner)).records) {
      const line =
        `projections discard companies --stream ${letter.streamId} --tenant ${mine.tenantId} ` +
        `--revision ${letter.revision} --note "melted"`;
      expect(await cli(line)).toMatchObject({ code: 2 });
      expect(await cli(`${line} --yes`)).toMatchObject({ code: 0 });
    }
    expect(await list(owner)).toEqual({ records: [], streams: 0, events: 0 });
    expect(await cli('projections verify companies')).toMatchObject({ code: 0 });
    expect(await cli('projections rebuild companies')).toMatchObject({ code: 0 });
    expect(await nameOf(at.id)).toBe('Coleman Blair Ltd');
  }, 120_000);

  it('are freed by administrators of their own workspace alone', async () => {
    const at = await parkedCompany('Dinesh Labs');
    const body = { processor: at.processor, streamId: at.streamId };
    for (const role of ['manager', 'member', 'viewer'] as const) {
      const person = await mine.person(role);
      const replies = [
        await person.get('/operations/dead-letters'),
        await person.post('/operations/dead-letters/retry', body),
        await person.post('/operations/dead-letters/discard', { ...body, revision: 2, note: 'x' }),
      ];
      expect(replies.map(({ status }) => status)).toEqual([403, 403, 403]);
      const mutation = `mutation { retryDeadLetter(processor: "companies",
        streamId: "${at.streamId}") ${ANSWER} }`;
      expect((await graphql(person, mutation)).errors[0].extensions.code).toBe('FORBIDDEN');
    }
    for (const path of ['retry', 'discard']) {
      const input = path === 'retry' ? body : { ...body, revision: 2, note: 'x' };
      const reply = await stranger.post(`/operations/dead-letters/${path}`, input);
      expect([reply.status, reply.body.error.code]).toEqual([404, 'NOT_FOUND']);
    }
    const wrong = await owner.post('/operations/dead-letters/discard', { ...body, revision: 0 });
    expect(wrong.status).toBe(400);
    expect(wrong.body.error.details.map(({ field }: { field: string }) => field).sort()).toEqual([
      'note',
      'revision',
    ]);
    const nobody = { processor: 'cities', streamId: at.streamId };
    expect((await owner.post('/operations/dead-letters/retry', nobody)).status).toBe(404);
  });
});
