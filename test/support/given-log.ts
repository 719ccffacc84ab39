import { randomBytes } from 'node:crypto';
import { environment } from '#platform/config/environment';
import { KurrentDbServer } from '#platform/event-store/kurrentdb/server';

/** The KurrentDB that `npm run test:kurrentdb` was given; elsewhere the log is in PostgreSQL. */
export const givenLog: string | undefined = environment['CLIENTFORGE_KURRENTDB'];

/** A test's own part of a server that others use as well. */
export interface TestLog {
  readonly server: KurrentDbServer;
  /** For processes that share it. */
  readonly settings: Readonly<Record<string, string>>;
}

export const newPrefix = () => `spec_${randomBytes(4).toString('hex')}_`;

/** A log under a prefix of its own; undefined where none was given. Whoever asks closes it. */
export async function openTestLog(url = givenLog): Promise<TestLog | undefined> {
  if (url === undefined) return undefined;
  const prefix = newPrefix();
  const server = await KurrentDbServer.connect({ url, prefix });
  return { server, settings: { KURRENTDB_URL: url, KURRENTDB_STREAM_PREFIX: prefix } };
}
