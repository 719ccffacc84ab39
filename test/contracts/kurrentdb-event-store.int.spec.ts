import { eventStoreContract } from './event-store.contract.js';
import { kurrentDbServers } from './kurrentdb-servers.js';
import { kurrentDbSubject } from './kurrentdb-subject.js';

for (const { name, start } of kurrentDbServers) {
  eventStoreContract(name, async () => {
    const server = await start();
    const subject = await kurrentDbSubject(server.url, { callMs: 20_000, retryMs: 60_000 });
    return {
      ...subject,
      // The fake encodes and decodes in the process of the spec.
      ...(server.fake ? { longest: 10_000 } : {}),
      close: async () => {
        await subject.close();
        await server.stop();
      },
    };
  });
}
