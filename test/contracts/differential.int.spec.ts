import { createTestDatabase } from '#test/support/database';
import { differentialContract } from './differential.contract.js';
import { postgresStand } from './stand.js';

differentialContract('PostgreSQL', 10_000, async (options) => {
  const test = await createTestDatabase();
  const stand = postgresStand(test, options);
  return {
    ...{ ...stand, test },
    close: async () => {
      await stand.close();
      await test.drop();
    },
  };
});
