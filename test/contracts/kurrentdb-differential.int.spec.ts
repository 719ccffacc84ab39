import { PostgresKeyStore } from '#platform/event-store/key-ring';
import { differentialContract } from './differential.contract.js';
import { kurrentDbServers } from './kurrentdb-servers.js';
import { kurrentDbSubject } from './kurrentdb-subject.js';
import { standOn } from './stand.js';

for (const { name, start } of kurrentDbServers) {
  differentialContract(name, 2_000, async (options) => {
    const server = await start();
    const subject = await kurrentDbSubject(server.url);
    const { store, test } = subject;
    const keys = new PostgresKeyStore(test.database);
    const stand = standOn(store, keys, { masterKey: test.masterKey, ...options });
    return {
      ...{ ...stand, test },
      close: async () => {
        await subject.close();
        await server.stop();
      },
    };
  });
}
