import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Aggregate } from '#kernel/aggregate';
import { commandList, defineCommand, stateOf, type Accepted } from '#kernel/command';
import { everything } from '#kernel/context';
import { defineEvent, type EventsOf } from '#kernel/event';
import { integer, object, uuid } from '#kernel/fields';
import { uuidv7 } from '#kernel/ids';
import { refuseWith } from '#kernel/refusal';
import { EventCodec } from '../event-store/codec.js';
import { KeyRing, MemoryKeyStore } from '../event-store/key-ring.js';
import { MemoryEventStore } from '../event-store/memory-store.js';
import { CommandDispatcher } from './dispatcher.js';
import { FactReader } from './fact-reader.js';
import { BulkMemory } from './memory.js';
import { Registry } from './registry.js';
import { Reservations } from './reservations.js';

const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const OTHER = '01890a5d-ac96-774b-bcce-b302099a8058';
const added = defineEvent({
  type: 'PotFilled',
  action: 'updated',
  schema: object({ potId: uuid(), by: integer(1, 10) }),
  samples: { 1: { potId: ID, by: 1 } },
});
type PotEvent = EventsOf<{ added: typeof added }>;
const pot: Aggregate<{ level: number }, PotEvent> = {
  category: 'pot',
  stateVersion: 1,
  initial: { level: 0 },
  events: [added],
  evolve: (state, event) => ({ level: state.level + event.data.by }),
  status: ({ level }) => (level === 0 ? 'absent' : 'active'),
};
const refuse = refuseWith({ FULL: { category: 'rule', message: 'It holds ten.' } });
const fill = defineCommand({
  name: 'FillPot',
  description: 'Fills a pot; nothing is added to one that stands at five.',
  aggregate: pot,
  permission: 'pots:update',
  creates: true,
  rest: { method: 'POST', path: '/pots' },
  input: object({ by: integer(1, 10) }),
  facts: () => ({ other: stateOf(pot, OTHER) }),
  decide(command, state, ctx) {
    if (state.level === 5) return [];
    if (state.level + command.by > 10 - ctx.facts.other.level) return refuse('FULL');
    return [{ type: 'PotFilled' as const, data: { potId: ctx.id, by: command.by } }];
  },
  inverse: { irreversible: 'A pot has no tap.' },
});

describe('a bulk load with a memory', () => {
  let loads: string[];
  let dispatcher: CommandDispatcher;
  let memory: BulkMemory;
  const ctx = {
    tenantId: uuidv7(),
    actor: { type: 'system', id: 'spec' },
    grants: everything,
    requestId: 'r',
    correlationId: 'c',
  } as const;
  const send = (by: number, remember = true, id = ID) =>
    dispatcher.dispatch(commandList(fill)[0]!, { by }, ctx, {
      id,
      ...(remember ? { memory } : {}),
    });

  beforeEach(() => {
    loads = [];
    memory = new BulkMemory();
    const keyStore = new MemoryKeyStore();
    const keys = new KeyRing(Buffer.alloc(32, 1), keyStore);
    const store = new MemoryEventStore();
    const load = store.load.bind(store);
    store.load = (tenantId, stream, options) => {
      loads.push(stream);
      return load(tenantId, stream, options);
    };
    const codec = new EventCodec([added], keys);
    const registry = new Registry({ commands: commandList(fill), readModels: [], events: [added] });
    dispatcher = new CommandDispatcher({
      store,
      codec,
      keys,
      facts: new FactReader(store, codec, registry, () => Promise.resolve([])),
      reservations: new Reservations(store, codec, keys),
      clock: () => new Date(),
    });
  });

  it('reads each stream once', async () => {
    await send(1);
    await send(1);
    expect(await send(1)).toMatchObject({ accepted: true, revision: 3 });
    expect(loads).toEqual([`pot-${ID}`, `pot-${OTHER}`]);
  });

  it('reads again what somebody else has changed', async () => {
    await send(1);
    await send(6, false);
    expect(await send(1)).toMatchObject({ accepted: true, revision: 3 });
  });

  it('refuses only what the log refuses', async () => {
    await send(1);
    await send(2, false, OTHER);
    await send(6, false);
    // By the memory 1 + 2 would do; by the log it is one too many.
    expect(await send(2)).toMatchObject({ refused: true, code: 'FULL' });
    expect(await send(1)).toMatchObject({ accepted: true });
  });

  it('does not take for done what is not', async () => {
    await send(5);
    await send(1, false, OTHER);
    memory.keep(ctx.tenantId, `pot-${OTHER}`, {
      state: { level: 5 },
      revision: 1,
      tail: 1,
      position: '0.0.0.0',
    });
    const result = (await send(1, true, OTHER)) as Accepted;
    expect(result).toMatchObject({ accepted: true, revision: 2 });
  });

  it('forgets what was used longest ago', () => {
    const small = new BulkMemory(2);
    const seen = { state: 0, revision: 1, tail: 1, position: '0.0.0.0' };
    small.keep('t', 'a', seen);
    small.keep('t', 'b', seen);
    small.recall('t', 'a');
    small.keep('t', 'c', seen);
    expect(['a', 'b', 'c'].map((name) => small.recall('t', name) !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
  });
});
