import { MemoryEventStore } from '#platform/event-store/memory-store';
import { eventStoreContract } from './event-store.contract.js';

eventStoreContract('memory', () => {
  let behind = 0;
  const store = new MemoryEventStore(() => Date.now() - behind);
  return Promise.resolve({
    store,
    turnClockBack: () => {
      behind += 3_600_000;
      return Promise.resolve();
    },
    close: () => store.close(),
  });
});
