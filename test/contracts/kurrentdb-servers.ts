import { startFakeKurrentDb, type FakeKurrentDb } from '#test/faults/kurrentdb/fake-kurrentdb';
import { givenLog } from '#test/support/given-log';

export interface StartedServer {
  readonly url: string;
  /** Absent on a real server, which nobody can tell to fail. */
  readonly fake?: FakeKurrentDb;
  stop(): Promise<void>;
}

export interface KurrentDbServerKind {
  readonly name: string;
  start(): Promise<StartedServer>;
}

const real = (url: string): KurrentDbServerKind => ({
  name: 'KurrentDB at KURRENTDB_URL',
  start: () => Promise.resolve({ url, stop: () => Promise.resolve() }),
});

/** A stand-in, which proves the adapter's own rules and no compatibility. */
export const fakeKurrentDb = (version: string): KurrentDbServerKind => ({
  name: `fake KurrentDB ${version}`,
  start: async () => {
    const fake = await startFakeKurrentDb({ version });
    return { url: fake.url, fake, stop: () => fake.stop() };
  },
});

/**
 * Where specs of the second store run: on the server that `npm run test:kurrentdb` was given, else
 * on the fake as the oldest server that is served, the first with several streams, the first with
 * checks.
 */
export const kurrentDbServers: readonly KurrentDbServerKind[] = givenLog
  ? [real(givenLog)]
  : ['22.10.0', '25.1.0', '26.1.0'].map(fakeKurrentDb);
