import { fold, streamId, type Aggregate } from '#kernel/aggregate';
import type { FactRequest, FactRequests, Matches, RecordFact } from '#kernel/command';
import { PLATFORM_TENANT } from '#kernel/ids';
import type { EventCodec } from '../event-store/codec.js';
import { START, type EventStore, type StreamAppend } from '../event-store/port.js';
import type { Memory } from './memory.js';
import type { Registry } from './registry.js';

/** Looks values up in a read model; advisory, because read models follow the log. */
export type MatchLookup = (
  tenantId: string,
  readModel: string,
  where: Readonly<Record<string, string>>,
) => Promise<Matches>;

const MAX_CHAIN = 50;

export interface FactsRead {
  readonly values: Readonly<Record<string, unknown>>;
  readonly guards: readonly StreamAppend[];
}

/** Looks up the facts a command asks for, before its pure decision runs. */
export class FactReader {
  constructor(
    private readonly store: EventStore,
    private readonly codec: EventCodec,
    private readonly registry: Registry,
    private readonly matches: MatchLookup,
  ) {}

  /**
   * The folded state of any aggregate, straight from the log; where that does not answer, from the
   * copy of it, so that people can go on reading.
   */
  async state(tenantId: string, aggregate: Aggregate, id: string): Promise<unknown> {
    const { events } = await this.store.load(tenantId, streamId(aggregate.category, id), {
      orCopy: true,
    });
    return fold(aggregate, await this.codec.decode(events));
  }

  private async stateAt(tenantId: string, aggregate: Aggregate, id: string, memory?: Memory) {
    const stream = streamId(aggregate.category, id);
    const recalled = memory?.recall(tenantId, stream);
    if (recalled) return recalled;
    const { events } = await this.store.load(tenantId, stream);
    const state = fold(aggregate, await this.codec.decode(events));
    const position = events.at(-1)?.position ?? START;
    const seen = { state, revision: events.length, tail: events.length, position };
    memory?.keep(tenantId, stream, seen);
    return seen;
  }

  /** The facts by name, and a check-only stream for each guarded one. */
  async read(tenantId: string, requests: FactRequests, memory?: Memory): Promise<FactsRead> {
    const guards: StreamAppend[] = [];
    const values = await Promise.all(
      Object.entries(requests)
        .filter(([, request]) => request !== undefined)
        .map(async ([name, request]): Promise<[string, unknown]> => [
          name,
          await this.one(tenantId, request!, guards, memory),
        ]),
    );
    return { values: Object.fromEntries(values), guards };
  }

  private async one(
    tenantId: string,
    request: FactRequest,
    guards: StreamAppend[],
    memory: Memory | undefined,
  ): Promise<unknown> {
    switch (request.kind) {
      case 'state': {
        const { aggregate, id } = request;
        // A guarded fact is checked by the append, so it had better be true.
        const source = request.guard ? undefined : memory;
        const owner = request.ofPlatform ? PLATFORM_TENANT : tenantId;
        const { state, revision } = await this.stateAt(owner, aggregate, id, source);
        if (request.guard) {
          const stream = streamId(aggregate.category, id);
          guards.push({ streamId: stream, expected: revision, events: [] });
        }
        return state;
      }
      case 'record': {
        const aggregate = this.registry.aggregates.get(request.record);
        if (!aggregate) return { status: 'absent' } satisfies RecordFact;
        const { state } = await this.stateAt(tenantId, aggregate, request.id, memory);
        return { status: aggregate.status(state) } satisfies RecordFact;
      }
      case 'matches':
        return memory ? [] : this.matches(tenantId, request.readModel, request.where);
      case 'chain': {
        const ids: string[] = [];
        let next: string | null = request.id;
        while (next !== null && ids.length < MAX_CHAIN && !ids.includes(next)) {
          ids.push(next);
          const { state } = await this.stateAt(tenantId, request.aggregate, next, memory);
          next = (request.next as (state: unknown) => string | null)(state);
        }
        return ids;
      }
    }
  }
}
