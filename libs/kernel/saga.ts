import type { Aggregate } from './aggregate.js';
import type { Fact, RecordedEvent } from './event.js';
import type { TObject } from './fields.js';
import { hashId } from './ids.js';
import type { Row } from './read-model.js';
import type { SagaCommand, SagaTimer, StepFact } from './saga-events.js';

/**
 * To which instance an event belongs: the id in a field of the event, or in a column of the record
 * the event is about, as it was then.
 */
export type Correlation = { readonly field: string } | { readonly column: string };

/** Something a saga asks to be looked up before it decides, as of the event it reacts to. */
export type SagaFactRequest =
  | { readonly kind: 'row'; readonly record: string; readonly id: string }
  | {
      readonly kind: 'rows';
      readonly readModel: string;
      readonly field: string;
      readonly value: string;
    };

/** The row of a record of any context, folded from the log; null where there is none. */
export function rowFact(record: string, id: string): SagaFactRequest {
  return { kind: 'row', record, id };
}

/**
 * Live rows of a read model whose column equals a value, or whose list holds it, oldest first, at
 * most fifty. Advisory: read models follow the log.
 */
export function rowsFact(readModel: string, field: string, value: string): SagaFactRequest {
  return { kind: 'rows', readModel, field, value };
}

export type SagaFactRequests = Readonly<Record<string, SagaFactRequest | undefined>>;
/** A row or null for `rowFact`, rows for `rowsFact`, by the name they were asked under. */
export type SagaFacts = Readonly<Record<string, Row | readonly Row[] | null>>;

/** An event as a saga sees it; distributes over a union, so that `type` tells `data`. */
export type SagaTrigger<F extends Fact = Fact> = F extends Fact
  ? F & { readonly envelope: Omit<RecordedEvent<F>, 'type' | 'data'> }
  : never;

/** What a reaction may know besides the event and the state. */
export interface SagaContext<Settings = unknown> {
  readonly tenantId: string;
  /** Id of the instance. */
  readonly id: string;
  /** When the event happened, by the clock of the workspace; never the time of processing. */
  readonly now: Date;
  readonly settings: Settings;
  readonly facts: SagaFacts;
  /** Ids of records the instance makes; the same key gives the same id. */
  newId(key: string): string;
  /** Commands that undo every step done so far, the last one first. */
  readonly compensation: readonly SagaCommand[];
}

/** One step: a fact of the saga, and what is done with it. */
export interface SagaStep<Event extends Fact = Fact> {
  readonly fact: StepFact<Event>;
  readonly commands?: readonly SagaCommand[];
  /** A timer of the same name replaces the one before. */
  readonly timers?: readonly SagaTimer[];
  readonly cancelTimers?: readonly string[];
}

/** Decides one step, or null when the event changes nothing; pure: no clock, no I/O. */
export type Reaction<State, Event extends Fact, Trigger extends Fact, Settings> = (
  trigger: SagaTrigger<Trigger>,
  state: State,
  ctx: SagaContext<Settings>,
) => SagaStep<Event> | null;

/** Where a workspace keeps the settings of a saga, and how they are read. */
export interface SagaSettings<Settings> {
  /** Type of the record; its id is the tenant's. */
  readonly record: string;
  /** What `sagas simulate --set` may change. */
  readonly schema: TObject;
  read(row: Row): Settings;
}

/**
 * A process over time: events start and move it, commands and timers are what it does. Its state is
 * a stream of facts, one per step, each with what it did; so a step is decided once.
 */
export interface SagaDefinition<
  State = unknown,
  Event extends Fact = Fact,
  Trigger extends Fact = Fact,
  Settings = unknown,
> {
  readonly kind: 'saga';
  /** `deal-follow-up`: names the processor, and the system that acts. */
  readonly name: string;
  readonly description: string;
  /** Folds the saga's own facts; `active` while it runs. */
  readonly aggregate: Aggregate<State, Event>;
  readonly timerFired: string;
  readonly commandRefused: string;
  /** Where a new saga begins to read: what comes from now on, or all history. */
  readonly startsAt: 'present' | 'start';
  /** Names of the events it follows, and the instance each belongs to. */
  readonly on: Readonly<Record<string, Correlation>>;
  /** Those of them that may begin an instance; where there is none, others mean nothing. */
  readonly startedBy: readonly string[];
  readonly settings: SagaSettings<Settings>;
  facts?(trigger: SagaTrigger<Trigger>, state: State, tenantId: string): SagaFactRequests;
  /**
   * The rules by version. An instance keeps the version it began with until it ends; a new one
   * takes the highest. A published version is never edited so that it decides otherwise.
   */
  readonly react: Readonly<Record<number, Reaction<State, Event, Trigger, Settings>>>;
}

/** Event → commands, without memory: everything follows from the event alone. */
export interface PolicyDefinition<Trigger extends Fact = Fact> {
  readonly kind: 'policy';
  readonly name: string;
  readonly description: string;
  readonly startsAt: 'present' | 'start';
  readonly on: readonly Trigger['type'][];
  react(
    trigger: SagaTrigger<Trigger>,
    ctx: Pick<SagaContext, 'tenantId' | 'now' | 'newId'>,
  ): readonly SagaCommand[];
}

/** Event → one job: for what commands cannot do, and for what takes longer than a command may. */
export interface EffectProcess {
  readonly kind: 'effect';
  readonly name: string;
  readonly description: string;
  readonly startsAt: 'present' | 'start';
  readonly on: readonly string[];
}

/** Any saga, for registries. */
// The registry only passes values through; their types meet again in `react`.
export type AnySaga = SagaDefinition<never, never, never, never>;
export type AnyPolicy = PolicyDefinition<never>;
export type AnyProcess = AnySaga | AnyPolicy | EffectProcess;

const NAME = /^[a-z][a-z0-9-]{2,59}$/;

/** Throws when a process has no proper name, or says nothing about itself. */
export function checkName({ name, description }: { name: string; description: string }): void {
  if (!NAME.test(name) || !description) throw new Error(`${name}: not a name, or no description`);
}

/** Declares a saga; throws at load when the declaration contradicts itself. */
export function defineSaga<State, Event extends Fact, Trigger extends Fact, Settings>(
  saga: Omit<SagaDefinition<State, Event, Trigger, Settings>, 'kind'>,
): SagaDefinition<State, Event, Trigger, Settings> {
  checkName(saga);
  const own = new Set(saga.aggregate.events.map(({ type }) => type));
  for (const type of [saga.timerFired, saga.commandRefused]) {
    if (!own.has(type)) throw new Error(`${saga.name}: ${type} is no event of its aggregate`);
    if (saga.on[type]) throw new Error(`${saga.name}: ${type} is followed anyway`);
  }
  const starts = saga.startedBy.filter((type) => saga.on[type]);
  if (starts.length === 0 || starts.length < saga.startedBy.length) {
    throw new Error(`${saga.name}: startedBy names an event it does not follow, or none`);
  }
  if (Object.keys(saga.react).length === 0) throw new Error(`${saga.name}: there are no rules`);
  return { ...saga, kind: 'saga' };
}

/** Declares a policy; throws at load when the declaration contradicts itself. */
export function definePolicy<Trigger extends Fact>(
  policy: Omit<PolicyDefinition<Trigger>, 'kind'>,
): PolicyDefinition<Trigger> {
  checkName(policy);
  if (policy.on.length === 0) throw new Error(`${policy.name}: it follows no event`);
  return { ...policy, kind: 'policy' };
}

/** Sagas and policies as registries take them. */
export function processList(...processes: readonly object[]): readonly AnyProcess[] {
  return processes as readonly AnyProcess[];
}

/** Names of all events a saga, policy or effect reacts to, its own among them. */
export function triggersOf(process: AnyProcess): readonly string[] {
  if (process.kind !== 'saga') return process.on;
  return [...Object.keys(process.on), process.timerFired, process.commandRefused];
}

/** The id a process gives to something it makes: the same for the same key, in every run. */
export function madeId(process: string, tenantId: string, instance: string, key: string): string {
  return hashId('saga', process, tenantId, instance, key);
}
