import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const PROJECTIONS = `{ projections {
  name record version status lagEvents lagCapped lagSeconds deadLetterCount
  deadLetters {
    processor streamId record recordId revision eventType reason events parkedAt
  }
  rebuild { state share }
} }`;

describe('the operations of a workspace', () => {
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
  });
  afterAll(() => server.close());

  const models = async (person: TestUser) =>
    (await person.get('/operations/projections')).body.data as any[];
  const companies = async (person: TestUser) =>
    (await models(person)).find(({ name }) => name === 'companies');
  const asked = async (person: TestUser) => {
    const reply = await server.request('/graphql', {
      method: 'POST',
      body: { query: PROJECTIONS },
      token: person.token,
    });
    return reply.body;
  };

  it('say of each read model how far it is', async () => {
    const all = await models(owner);
    expect(all.map(({ name }) => name)).toEqual([...server.platform.registry.readModels.keys()]);
    for (const one of all) {
      expect(one).toMatchObject({
        status: 'current',
        lagEvents: 0,
        lagCapped: false,
        deadLetterCount: 0,
        deadLetters: [],
      });
    }
    expect((await asked(owner)).data.projections).toEqual(all);
  });

  it('are for administrators', async () => {
    for (const role of ['manager', 'member', 'viewer'] as const) {
      const person = await mine.person(role);
      const reply = await person.get('/operations/projections');
      expect(reply.status).toBe(403);
      expect(reply.body.error).toMatchObject({
        code: 'FORBIDDEN',
        details: [{ rule: 'permission', remedy: expect.stringContaining('administrator') }],
      });
      const { data, errors } = await asked(person);
      expect(data).toBeNull();
      expect(errors[0].extensions.code).toBe('FORBIDDEN');
    }
    expect((await (await mine.person('admin')).get('/operations/projections')).status).toBe(200);
    const unsigned = await server.request('/api/v1/operations/projections');
    expect(unsigned.status).toBe(401);
    expect((await owner.get('/operations/projections?tenant=x')).status).toBe(400);
  });

  it('count what waits and what was set aside, of this workspace alone', async () => {
    const { id } = (await owner.post('/companies', { name: 'Dinesh Labs' })).body.data;
    await server.settled();
    await server.platform.projections.close();
    await owner.patch(`/companies/${id}`, { name: 'Dinesh' }, { prefer: 'respond-async' });
    await server.test.admin((client) =>
      client.query(
        `UPDATE es_event SET type = 'CompanyMelted' WHERE stream_id = $1 AND version = 2`,
        [`company-${id}`],
      ),
    );
    const waiting = await companies(owner);
    expect(waiting.lagEvents).toBeGreaterThanOrEqual(1);
    expect((await companies(stranger)).lagEvents).toBe(0);

    await server.platform.projections.catchUp();
    expect(await companies(owner)).toMatchObject({
      lagEvents: 0,
      deadLetterCount: 1,
      deadLetters: [
        {
          record: 'company',
          recordId: id,
          revision: 2,
          eventType: 'CompanyMelted',
          reason: 'There is no definition of the event CompanyMelted.',
          events: 1,
        },
      ],
    });
    expect((await asked(owner)).data.projections).toEqual(await models(owner));
    expect(await companies(stranger)).toMatchObject({ deadLetterCount: 0, deadLetters: [] });
    expect((await models(owner)).find(({ name }) => name === 'deals').deadLetterCount).toBe(0);
  });
});
