import { PostgresEventStore } from '#platform/event-store/postgres-store';
import { createTestDatabase } from '#test/support/database';
import { eventStoreContract } from './event-store.contract.js';

eventStoreContract('PostgreSQL', async () => {
  const test = await createTestDatabase();
  const store = new PostgresEventStore(test.database);
  return {
    store,
    // The stream has seen a later clock, which is what an append sees when the clock goes back.
    turnClockBack: (tenantId, streamId) =>
      test.admin(async (client) => {
        await client.query(
          `UPDATE es_stream SET last_recorded_at = last_recorded_at + interval '1 hour'
            WHERE tenant_id = $1 AND stream_id = $2`,
          [tenantId, streamId],
        );
      }),
    close: async () => {
      await store.close();
      await test.drop();
    },
  };
});
