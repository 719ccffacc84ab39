import { fold, streamId, type Aggregate } from '#kernel/aggregate';
import type { FactRequest, FactRequests, RecordFact } from '#kernel/command';
import type { RecordedEvent } from '#kernel/event';
import { hashId } from '#kernel/ids';
import type { Row } from '#kernel/read-model';
import { isRefusal, type Refusal } from '#kernel/refusal';
import type { SagaCommand } from '#kernel/saga-events';
import type { Registry } from '../commands/registry.js';
import { validate } from '../commands/validation.js';
import type { EventCodec } from '../event-store/codec.js';
import { START, type EventStore } from '../event-store/port.js';
import { foldRow } from '../projections/row-fold.js';
import type { TestClocks } from './test-clocks.js';

export interface SimulatedRecordsParts {
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly registry: Registry;
  readonly clocks: TestClocks;
}

interface Place {
  readonly tenantId: string;
  /** Name of the saga: what it did from `from` on did not happen. */
  readonly saga: string;
  readonly from: Date;
}

type Timed = RecordedEvent & { readonly at: Date };

const MAX_CHAIN = 50;

/**
 * Records as they would have been: what people did, and what the commands of a simulated run would
 * have done. Commands are decided by their own rules; nothing is recorded.
 */
export class SimulatedRecords {
  private readonly made = new Map<string, Timed[]>();
  private given = 0;

  constructor(
    private readonly parts: SimulatedRecordsParts,
    private readonly place: Place,
  ) {}

  /** The row of a record at a moment of the workspace's clock; null where there would be none. */
  async row(record: string, id: string, now: Date): Promise<Row | null> {
    const model = this.parts.registry.modelOfRecord(record);
    if (!model) throw new Error(`there is no record ${record}`);
    return foldRow(model, await this.events(model.category, id, now));
  }

  /** Decides a command and keeps what it would have led to; why it would have been refused. */
  async give({ command: name, id, input }: SagaCommand, now: Date): Promise<Refusal | undefined> {
    const { tenantId, saga } = this.place;
    const command = this.parts.registry.command(name);
    const invalid = validate(command.input, input);
    if (invalid) return invalid;
    const aggregate = command.aggregate as unknown as Aggregate;
    const before = await this.events(aggregate.category, id, now);
    const state = fold(aggregate, before);
    const actor = { type: 'system', id: saga } as const;
    const caller = { tenantId, actor, id };
    const asked = command.facts?.(input as never, state as never, caller) ?? {};
    const seed = String(++this.given);
    const decision = command.decide(input as never, state as never, {
      ...caller,
      now,
      newId: (n) => hashId('simulated', id, seed, String(n)),
      facts: (await this.facts(asked, now)) as never,
    });
    if (isRefusal(decision)) return decision;
    const facts = 'events' in decision ? decision.events : decision;
    const stream = streamId(aggregate.category, id);
    const events = facts.map(({ type, data }, index): Timed => {
      const eventId = hashId('simulated', stream, seed, String(index));
      return {
        tenantId,
        streamId: stream,
        id,
        category: aggregate.category,
        version: before.length + index + 1,
        eventId,
        commandId: eventId,
        type,
        data,
        meta: { actor, correlationId: eventId },
        occurredAt: now,
        recordedAt: now,
        position: START,
        at: now,
      };
    });
    this.made.set(stream, [...(this.made.get(stream) ?? []), ...events]);
    return undefined;
  }

  private async events(category: string, id: string, now: Date): Promise<readonly Timed[]> {
    const { store, codec, clocks } = this.parts;
    const { tenantId, saga, from } = this.place;
    const stream = streamId(category, id);
    const { events } = await store.load(tenantId, stream);
    const known: Timed[] = [];
    for (const event of await codec.decode(events)) {
      const at = (await clocks.at(tenantId, event.recordedAt)) ?? event.occurredAt;
      const { type, id: by } = event.meta.actor;
      const ours = type === 'system' && by === saga && at >= from;
      if (at <= now && !ours) known.push({ ...event, at });
    }
    const all = [...known, ...(this.made.get(stream) ?? [])];
    all.sort((a, b) => a.at.getTime() - b.at.getTime());
    // What people did to a record that this run has not made did not happen either.
    const first = all.findIndex(({ version }) => version === 1);
    return first < 0 ? [] : all.slice(first);
  }

  private async facts(requests: FactRequests, now: Date): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {};
    for (const [name, request] of Object.entries(requests)) {
      if (request) found[name] = await this.fact(request, now);
    }
    return found;
  }

  private async fact(request: FactRequest, now: Date): Promise<unknown> {
    const stateOf = async (aggregate: Aggregate, id: string) =>
      fold(aggregate, await this.events(aggregate.category, id, now));
    switch (request.kind) {
      case 'state':
        return stateOf(request.aggregate, request.id);
      case 'record': {
        const aggregate = this.parts.registry.aggregates.get(request.record);
        const status = aggregate
          ? aggregate.status(await stateOf(aggregate, request.id))
          : 'absent';
        return { status } satisfies RecordFact;
      }
      // Matches lead to warnings only.
      case 'matches':
        return [];
      case 'chain': {
        const ids: string[] = [];
        let next: string | null = request.id;
        while (next !== null && ids.length < MAX_CHAIN && !ids.includes(next)) {
          ids.push(next);
          const state = await stateOf(request.aggregate, next);
          next = (request.next as (state: unknown) => string | null)(state);
        }
        return ids;
      }
    }
  }
}
