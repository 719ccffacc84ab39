import { afterAll, beforeAll, describe } from '@jest/globals';
import { appendContract } from './append.contract.js';
import { closedContract } from './closed.contract.js';
import { commandContract } from './command.contract.js';
import { feedContract } from './feed.contract.js';
import type { Subject } from './requests.js';
import { streamContract } from './stream.contract.js';

/** What every event store promises; each adapter's spec runs it on itself. */
export function eventStoreContract(adapter: string, open: () => Promise<Subject>): void {
  describe(`event store: ${adapter}`, () => {
    let subject: Subject | undefined;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject?.close());
    const current = () => subject!;
    appendContract(current);
    commandContract(current);
    streamContract(current);
    feedContract(current);
    closedContract(current);
  });
}
