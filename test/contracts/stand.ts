import type { Aggregate } from '#kernel/aggregate';
import type { AnyCommand } from '#kernel/command';
import { everything, type RequestContext } from '#kernel/context';
import type { EventMeta, Fact } from '#kernel/event';
import { uuidv7 } from '#kernel/ids';
import { reservationEvents } from '#event-schemas/platform/reservation.events';
import { CommandDispatcher } from '#platform/commands/dispatcher';
import { FactReader } from '#platform/commands/fact-reader';
import { Registry } from '#platform/commands/registry';
import { Reservations } from '#platform/commands/reservations';
import { EventCodec } from '#platform/event-store/codec';
import {
  KeyRing,
  MemoryKeyStore,
  PostgresKeyStore,
  type KeyStore,
} from '#platform/event-store/key-ring';
import type { MasterKeys } from '#platform/event-store/key-ring-box';
import { MemoryEventStore } from '#platform/event-store/memory-store';
import type { EventStore, NewEvent } from '#platform/event-store/port';
import { PostgresEventStore } from '#platform/event-store/postgres-store';
import { Database } from '#platform/postgres/database';
import type { TestDatabase } from '#test/support/database';
import { member, memberCommands, memberEvents } from './member.js';

/** Everything between a command and the log, as one process holds it. */
export interface Stand {
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly keys: KeyRing;
  readonly dispatcher: CommandDispatcher;
  readonly command: (name: string) => AnyCommand;
}

export interface StandOptions {
  readonly clock?: () => Date;
  readonly masterKey?: Buffer | MasterKeys;
  /** What the key ring takes for the time. */
  readonly keyClock?: () => number;
  /** Milliseconds for which it remembers keys. */
  readonly memoryMs?: number;
  /** The member aggregate as this process knows it. */
  readonly stateVersion?: number;
}

/** One process on a store and the keys beside it. */
export function standOn(store: EventStore, keyStore: KeyStore, options: StandOptions): Stand {
  const { clock = () => new Date(), masterKey = Buffer.alloc(32, 7), stateVersion = 1 } = options;
  const events = [...Object.values(memberEvents), ...Object.values(reservationEvents)];
  const aggregate = { ...member, stateVersion } as unknown as Aggregate<never>;
  const commands = memberCommands.map((one) => ({ ...one, aggregate }));
  const keys = new KeyRing(masterKey, keyStore, options.keyClock, options.memoryMs);
  const codec = new EventCodec(events as never, keys);
  const registry = new Registry({ commands, readModels: [], events: events as never });
  const facts = new FactReader(store, codec, registry, () => Promise.resolve([]));
  const reservations = new Reservations(store, codec, keys);
  const dispatcher = new CommandDispatcher({ store, codec, keys, facts, reservations, clock });
  return { store, codec, keys, dispatcher, command: (name) => registry.command(name) };
}

export function memoryStand(options: StandOptions = {}): Stand {
  const keyStore = new MemoryKeyStore();
  return standOn(new MemoryEventStore(Date.now, keyStore), keyStore, options);
}

/** One process on a database that others may use as well; it has connections of its own. */
export function postgresStand(
  test: TestDatabase,
  options: StandOptions = {},
): Stand & { readonly close: () => Promise<void> } {
  const { url, masterKey } = test;
  const database = new Database({ url, masterKey, poolSize: 4 });
  const keyStore = new PostgresKeyStore(database);
  const stand = standOn(new PostgresEventStore(database), keyStore, { masterKey, ...options });
  return { ...stand, close: () => database.close() };
}

export const callerOf = (
  tenantId: string,
  given: Partial<RequestContext> = {},
): RequestContext => ({
  tenantId,
  actor: { type: 'user', id: uuidv7() },
  grants: everything,
  requestId: 'request',
  correlationId: 'correlation',
  ...given,
});

/** Appends many facts to a stream in one go, as an import would: no command, no snapshot. */
export async function appendFacts(
  { codec, store }: Stand,
  tenantId: string,
  streamId: string,
  revision: number,
  facts: readonly Fact[],
  meta: EventMeta = { actor: { type: 'system', id: 'spec' }, correlationId: 'correlation' },
): Promise<void> {
  const session = codec.session(tenantId);
  const events: NewEvent[] = [];
  for (const fact of facts) events.push(await session.encode(streamId, uuidv7(), fact, meta));
  const { status } = await store.append({
    tenantId,
    commandId: uuidv7(),
    requestHash: '00'.repeat(32),
    result: '{}',
    streams: [{ streamId, expected: revision, events }],
    keys: session.keys(),
  });
  session.settle(status === 'appended');
  if (status !== 'appended') throw new Error(`the facts were not appended: ${status}`);
}
