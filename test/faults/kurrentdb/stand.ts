import { jsonEvent, KurrentDBClient, type ReadStreamOptions } from '@kurrent/kurrentdb-client';
import { randomUUID } from 'node:crypto';
import { startFakeKurrentDb, type FakeKurrentDb, type FakeOptions } from './fake-kurrentdb.js';

export const newStream = () => `note-${randomUUID()}`;
export const newEvent = (text = 'hello', id: string = randomUUID()) =>
  jsonEvent({ id, type: 'NoteWritten', data: { text }, metadata: { by: 'spec' } });
export const newEvents = (count: number) =>
  Array.from({ length: count }, (_, n) => newEvent(`${n}`));

/** The fake server and the package's own client on it. */
export interface Stand {
  readonly fake: FakeKurrentDb;
  readonly client: KurrentDBClient;
}

const stands: Stand[] = [];

export async function start(options: FakeOptions): Promise<Stand> {
  const fake = await startFakeKurrentDb(options);
  const stand = { fake, client: KurrentDBClient.connectionString(fake.url) };
  stands.push(stand);
  return stand;
}

/** Ends what a spec started, whatever became of it. */
export async function stopAll(): Promise<void> {
  for (const { fake, client } of stands.splice(0)) {
    await client.dispose();
    await fake.stop();
  }
}

/** The revisions a read of the stream gives. */
export async function revisions(
  client: KurrentDBClient,
  stream: string,
  options: ReadStreamOptions = {},
): Promise<bigint[]> {
  const found: bigint[] = [];
  for await (const { event } of client.readStream(stream, options)) found.push(event!.revision);
  return found;
}
