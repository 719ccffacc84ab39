import { streamId } from '#kernel/aggregate';
import type { Fact, RecordedEvent } from '#kernel/event';
import { deriveId } from '#kernel/ids';
import type { AnySaga, SagaDefinition } from '#kernel/saga';
import { asSagaFact, foldFact, newInstance, type SagaInstance } from '#kernel/saga-instance';
import { canonicalJson } from '../event-store/canonical-json.js';
import type { EventCodec } from '../event-store/codec.js';
import type { KeyRing } from '../event-store/key-ring.js';
import type { EventStore } from '../event-store/port.js';

export interface StreamParts {
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly keys: KeyRing;
  /** Called after every commit, to wake the processors of this process. */
  readonly committed?: () => void;
}

/** A saga's instance, and what a step of it already put into its stream. */
export interface LoadedInstance {
  readonly instance: SagaInstance;
  /** The fact this command id stands for, when it is there already. */
  readonly stored: RecordedEvent | undefined;
}

/** Why a fact is recorded: the event before it in the chain. */
export interface Cause {
  readonly eventId: string;
  readonly correlationId: string;
}

/** Reads and writes the streams of sagas. */
export class SagaStreams {
  constructor(private readonly parts: StreamParts) {}

  /** The instance as its stream tells it, and whether a fact was recorded under this id before. */
  async load(
    saga: AnySaga,
    tenantId: string,
    id: string,
    commandId?: string,
  ): Promise<LoadedInstance> {
    const { events } = await this.parts.store.load(tenantId, streamOf(saga, id));
    const facts = await this.parts.codec.decode(events);
    const instance = facts
      .map(asSagaFact)
      .reduce<SagaInstance>((at, fact) => foldFact(saga, at, fact), newInstance(saga));
    return {
      instance,
      stored: commandId ? facts.find((fact) => fact.commandId === commandId) : undefined,
    };
  }

  /**
   * Records one fact at the revision it was decided on. False when the stream has moved or the id
   * is taken: load again.
   */
  async append(
    saga: AnySaga,
    place: { readonly tenantId: string; readonly id: string; readonly revision: number },
    commandId: string,
    fact: Fact,
    cause: Cause,
  ): Promise<boolean> {
    const { store, codec, keys, committed } = this.parts;
    const { tenantId, id, revision } = place;
    const session = codec.session(tenantId);
    const stream = streamOf(saga, id);
    const event = await session.encode(stream, deriveId(tenantId, commandId, 0), fact, {
      actor: { type: 'system', id: saga.name },
      correlationId: cause.correlationId,
      causationId: cause.eventId,
    });
    const outcome = await store.append({
      tenantId,
      commandId,
      requestHash: await keys.digest(tenantId, 'request', canonicalJson({ commandId })),
      streams: [{ streamId: stream, expected: revision, events: [event] }],
      result: '{}',
      keys: session.keys(),
    });
    session.settle(outcome.status === 'appended');
    if (outcome.status === 'appended') committed?.();
    return outcome.status === 'appended';
  }
}

export function streamOf(saga: AnySaga, id: string): string {
  return streamId((saga as unknown as SagaDefinition).aggregate.category, id);
}

/** The id of a step, a command or a fact of a process: it follows from what led to it. */
export function stepId(process: string, tenantId: string, eventId: string, step: string): string {
  return deriveId(`${tenantId}:${process}:${step}`, eventId, 0);
}
