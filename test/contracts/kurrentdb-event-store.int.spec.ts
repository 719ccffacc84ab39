import { startFakeKurrentDb } from '#test/faults/kurrentdb/fake-kurrentdb';
import { eventStoreContract } from './event-store.contract.js';
import { kurrentDbSubject } from './kurrentdb-subject.js';

// The oldest server that is served, the first with several streams, the first with checks.
for (const version of ['22.10.0', '25.1.0', '26.1.0']) {
  eventStoreContract(`KurrentDB (fake ${version})`, async () => {
    const fake = await startFakeKurrentDb({ version });
    const subject = await kurrentDbSubject(fake.url, { callMs: 20_000, retryMs: 60_000 });
    return {
      ...subject,
      // The fake encodes and decodes in the process of the spec.
      longest: 10_000,
      close: async () => {
        await subject.close();
        await fake.stop();
      },
    };
  });
}
