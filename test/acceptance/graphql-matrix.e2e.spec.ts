import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listedModels } from '#apps/api/graphql/record-shape';
import { startGraphql, type GraphqlTest, type Person } from '#test/support/graphql';

describe('S17 every list', () => {
  let test: GraphqlTest;
  let owner: Person;
  beforeAll(async () => {
    test = await startGraphql();
    owner = await test.workspace();
  });
  afterAll(() => test.close());

  it('S17 shows nothing of one workspace in another', async () => {
    const stranger = await test.workspace();
    for (const { name, record } of listedModels(test.platform.registry)) {
      const list = `{ ${name}(archived: include, deleted: include, first: 100) { nodes { id } } }`;
      const ids = async (who: Person) =>
        (await test.ask(who, list)).data[name].nodes.map(
          ({ id }: { id: string }) => id,
        ) as string[];
      const [mine, theirs] = [await ids(owner), await ids(stranger)];
      expect(theirs.filter((id) => mine.includes(id))).toEqual([]);
      const one = `query One($id: ID!) { one: ${record}(id: $id, includeDeleted: true) { id } }`;
      for (const id of mine.slice(0, 3)) {
        expect((await test.ask(owner, one, { id })).data.one).toEqual({ id });
        expect((await test.ask(stranger, one, { id })).data.one).toBeNull();
      }
    }
  });
});
