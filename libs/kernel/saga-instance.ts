import type { Fact, RecordedEvent } from './event.js';
import type { AnySaga, SagaDefinition, SagaFacts, SagaTrigger } from './saga.js';
import { madeId } from './saga.js';
import type { SagaCommand, SagaWork, TimerFired } from './saga-events.js';

/** A timer that was set and has neither fired nor been cancelled. */
export interface PendingTimer {
  readonly dueAt: string;
  /** Revision and id of the step that set it. */
  readonly setBy: number;
  readonly eventId: string;
  readonly correlationId: string;
}

/** A saga's instance as its stream tells it. */
export interface SagaInstance<State = unknown> {
  readonly state: State;
  readonly revision: number;
  /** Rules it runs by; null while it does not run. */
  readonly version: number | null;
  readonly timers: Readonly<Record<string, PendingTimer>>;
  /** Commands given since it began to run that can be undone, and were not. */
  readonly done: readonly SagaCommand[];
  /** Feed position of the last event that led to a step. */
  readonly handled: string | null;
}

/** What folding needs of an event of the saga's stream. */
export type SagaFact = Fact & {
  readonly version: number;
  readonly eventId: string;
  readonly correlationId: string;
};

export function asSagaFact({ type, data, version, eventId, meta }: RecordedEvent): SagaFact {
  return { type, data, version, eventId, correlationId: meta.correlationId };
}

const UNDO = 'undo-';

/** Nothing has happened yet. */
export function newInstance<State>({ aggregate }: { aggregate: { initial: State } }) {
  const none = { revision: 0, version: null, timers: {}, done: [], handled: null };
  return { ...none, state: aggregate.initial } as SagaInstance<State>;
}

function doneAfter(
  before: readonly SagaCommand[],
  given: readonly SagaCommand[],
): readonly SagaCommand[] {
  const undone = given.map(({ step }) => step);
  const left = before.filter(({ step }) => !undone.includes(UNDO + step) && !undone.includes(step));
  return [...left, ...given.filter(({ undo }) => undo !== undefined)];
}

/** The instance after one more fact of its stream. */
export function foldFact(saga: AnySaga, before: SagaInstance, fact: SagaFact): SagaInstance {
  const { aggregate, timerFired, commandRefused } = saga as unknown as SagaDefinition;
  const state = aggregate.evolve(before.state, fact);
  const now = { ...before, state, revision: fact.version };
  if (fact.type === timerFired) {
    const { [(fact.data as TimerFired).timer]: _fired, ...timers } = before.timers;
    return { ...now, timers };
  }
  if (fact.type === commandRefused) {
    const { step } = fact.data as { readonly step: string };
    return { ...now, done: before.done.filter((one) => one.step !== step) };
  }
  const { does } = fact.data as { readonly does: SagaWork };
  const set = does.timers.map(({ name, dueAt }): [string, PendingTimer] => [
    name,
    { dueAt, setBy: fact.version, eventId: fact.eventId, correlationId: fact.correlationId },
  ]);
  const kept = Object.entries(before.timers).filter(([name]) => !does.cancelTimers.includes(name));
  const began = aggregate.status(before.state) !== 'active';
  return {
    ...now,
    version: aggregate.status(state) === 'active' ? does.version : null,
    timers: Object.fromEntries([...kept, ...set]),
    done: doneAfter(began ? [] : before.done, does.commands),
    handled: does.trigger.position,
  };
}

/** Everything a decision is made of; the same values give the same step. */
export interface StepInput {
  readonly trigger: SagaTrigger;
  readonly tenantId: string;
  /** Id of the instance. */
  readonly id: string;
  readonly now: Date;
  readonly settings: unknown;
  readonly facts: SagaFacts;
}

/** The version whose rules an instance follows. */
export function rulesVersion(saga: AnySaga, instance: SagaInstance): number {
  return instance.version ?? Math.max(...Object.keys(saga.react).map(Number));
}

function compensationOf(done: readonly SagaCommand[]): readonly SagaCommand[] {
  return [...done].reverse().map(({ step, id, undo }) => ({
    step: UNDO + step,
    command: undo!.command,
    id: undo!.id ?? id,
    input: undo!.input ?? {},
    optional: true,
  }));
}

function checkWork(name: string, { commands, timers }: SagaWork): void {
  const steps = commands.map(({ step }) => step);
  const names = timers.map(({ name: timer }) => timer);
  if (new Set(steps).size < steps.length || new Set(names).size < names.length) {
    throw new Error(`${name}: a step names a command or a timer twice`);
  }
}

/** Decides the step an event leads to: its fact with what it does, or null for none. */
export function decideStep(saga: AnySaga, instance: SagaInstance, input: StepInput): Fact | null {
  const { name, react } = saga as unknown as SagaDefinition;
  const { trigger, tenantId, id, now, settings, facts } = input;
  const version = rulesVersion(saga, instance);
  const rules = react[version];
  if (!rules) {
    throw new Error(`${name}: an instance runs by version ${version}, whose rules are gone`);
  }
  const step = rules(trigger, instance.state, {
    tenantId,
    id,
    now,
    settings,
    facts,
    newId: (key) => madeId(name, tenantId, id, key),
    compensation: compensationOf(instance.done),
  });
  if (!step) return null;
  const { eventId, position } = trigger.envelope;
  const { fact, commands = [], timers = [], cancelTimers = [] } = step;
  const does: SagaWork = {
    version,
    trigger: { type: trigger.type, eventId, position },
    at: now.toISOString(),
    commands: [...commands],
    timers: [...timers],
    cancelTimers: cancelTimers.filter((timer) => instance.timers[timer] !== undefined),
  };
  checkWork(name, does);
  const { type, data } = fact as Fact<string, object>;
  return { type, data: { ...data, does } };
}
