import { uuidv7 } from '#kernel/ids';
import { LogCopy } from '#platform/event-store/kurrentdb/log-copy';
import { moveLog } from '#platform/event-store/kurrentdb/place';
import { KurrentDbServer } from '#platform/event-store/kurrentdb/server';
import { KurrentDbEventStore } from '#platform/event-store/kurrentdb/store';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import { newPrefix } from '#test/support/given-log';
import type { Subject } from './requests.js';

const HOUR = 3_600_000;

export interface KurrentDbSubject extends Subject {
  readonly store: KurrentDbEventStore;
  readonly server: KurrentDbServer;
  readonly copy: LogCopy;
  readonly test: TestDatabase;
}

/** The store on a server that is at hand, with a database and a stream prefix of its own. */
export async function kurrentDbSubject(
  url: string,
  options: { readonly callMs?: number; readonly retryMs?: number } = {},
): Promise<KurrentDbSubject> {
  const server = await KurrentDbServer.connect({ url, prefix: newPrefix(), ...options });
  const test = await createTestDatabase();
  const epoch = await moveLog(test.url, 'kurrentdb');
  let behind = 0;
  const store = new KurrentDbEventStore(test.database, server, epoch, () => Date.now() - behind);
  const { database } = test;
  const copy = new LogCopy({ database, server, epoch, holder: uuidv7(), appends: store });
  copy.start();
  return {
    ...{ store, server, copy, test },
    turnClockBack: () => {
      behind += HOUR;
      return Promise.resolve();
    },
    close: async () => {
      await copy.close();
      await store.close();
      await server.close();
      await test.drop();
    },
  };
}
