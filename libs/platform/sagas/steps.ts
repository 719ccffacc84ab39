import type { CommandResult } from '#kernel/command';
import { everything, type RequestContext } from '#kernel/context';
import type { Fact, RecordedEvent } from '#kernel/event';
import { isUuid } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import {
  madeId,
  type AnyPolicy,
  type AnySaga,
  type EffectProcess,
  type PolicyDefinition,
  type SagaDefinition,
  type SagaTrigger,
} from '#kernel/saga';
import type { SagaCommand, SagaWork, TimerFired } from '#kernel/saga-events';
import { decideStep, type SagaInstance } from '#kernel/saga-instance';
import { busy } from '../commands/answers.js';
import { comparePositions } from '../event-store/port.js';
import type { Registry } from '../commands/registry.js';
import type { DispatchOptions } from '../commands/dispatcher.js';
import type { SagaFactReader } from './facts.js';
import { stepId, type SagaStreams } from './saga-streams.js';
import type { TestClocks } from './test-clocks.js';
import type { DueTimer, TimerTable } from './timers.js';

/** Places between two effects; a crash at any of them changes nothing in the end. */
export const sagaBoundaries = [
  'before_step',
  'after_step_append',
  'after_timers',
  'after_command',
  'after_refusal_append',
  'after_timer_append',
  'after_timer_mark',
  'before_checkpoint',
  'after_checkpoint',
] as const;
export type SagaBoundary = (typeof sagaBoundaries)[number];

export interface StepParts {
  readonly registry: Registry;
  readonly streams: SagaStreams;
  readonly facts: SagaFactReader;
  readonly timers: TimerTable;
  readonly clocks: TestClocks;
  readonly clock: () => Date;
  readonly dispatch: (
    command: string,
    input: unknown,
    ctx: RequestContext,
    options: DispatchOptions,
  ) => Promise<CommandResult>;
  /** Puts the work of an effect into the queue, once per event. */
  readonly enqueue?: (effect: EffectProcess, event: RecordedEvent) => Promise<void>;
  /** Called at every boundary; what it throws is a crash there. */
  readonly at?: (boundary: SagaBoundary) => void;
}

/** The event can never be handled by these rules; its stream is set aside. */
export class PoisonError extends Error {}

const ATTEMPTS = 8;

/** Runs what is pure; a defect there is poison, not a reason to try again. */
function pure<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new PoisonError((error as Error).message);
  }
}

export function triggerOf({ type, data, ...envelope }: RecordedEvent): SagaTrigger {
  return { type, data, envelope };
}

/** Imported history: told later than it happened. */
export const isHistory = ({ occurredAt, recordedAt }: RecordedEvent) => occurredAt < recordedAt;

interface Decided {
  readonly step: RecordedEvent;
  readonly instance: SagaInstance;
}

/** Handles one event for one saga or policy: decides once, then does what was decided. */
export class SagaSteps {
  constructor(private readonly parts: StepParts) {}

  /**
   * Leads an event to its step. Handling it again finds the step and only repeats what it does,
   * under the same ids. `late`: the event was set aside, and later ones may have been handled.
   */
  async handle(saga: AnySaga, event: RecordedEvent, late = false): Promise<void> {
    const id = await this.instanceOf(saga, event);
    if (!id) return;
    this.at('before_step');
    const decided = await this.decide(saga, event, id, late);
    if (decided) await this.perform(saga, id, decided);
    if (event.type !== saga.timerFired) return;
    const { timer: name, setBy } = event.data as TimerFired;
    const place = { tenantId: event.tenantId, saga: saga.name, instanceId: id };
    await this.parts.timers.remove({ ...place, name, setBy });
  }

  /** A policy decides from the event alone, so deciding again gives the same commands. */
  async follow(policy: AnyPolicy | EffectProcess, event: RecordedEvent): Promise<void> {
    if (isHistory(event)) return;
    if (policy.kind === 'effect') return this.parts.enqueue?.(policy, event);
    const { tenantId, id } = event;
    const { name, react } = policy as unknown as PolicyDefinition;
    const now = await this.timeOf(event);
    const commands = pure(() => {
      const newId = (key: string) => madeId(name, tenantId, id, key);
      const given = react(triggerOf(event), { tenantId, now, newId });
      this.checkCommands(given);
      return given;
    });
    this.at('before_step');
    for (const command of commands) {
      // Whether it was refused is nobody's concern: a policy has no memory.
      await this.give(name, event, event.eventId, command);
      this.at('after_command');
    }
  }

  /** Puts a due timer into its saga's stream, once; one that no longer counts is dropped. */
  async fire(saga: AnySaga, timer: DueTimer): Promise<void> {
    const { streams, timers } = this.parts;
    const { tenantId, instanceId: id, name, setBy, dueAt } = timer;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { instance } = await streams.load(saga, tenantId, id);
      const pending = instance.timers[name];
      if (pending?.setBy !== setBy) return timers.remove(timer);
      // In a sandbox time passes from timer to timer; elsewhere late is late.
      const firedAt = timer.sandbox ? dueAt : this.parts.clock();
      const { category } = (saga as unknown as SagaDefinition).aggregate;
      const data = {
        [`${category}Id`]: id,
        timer: name,
        dueAt: dueAt.toISOString(),
        firedAt: firedAt.toISOString(),
        setBy,
      };
      const commandId = stepId(saga.name, tenantId, pending.eventId, `timer:${name}`);
      const place = { tenantId, id, revision: instance.revision };
      const fact = { type: saga.timerFired, data };
      if (!(await streams.append(saga, place, commandId, fact, pending))) continue;
      this.at('after_timer_append');
      await timers.markFired(timer);
      return this.at('after_timer_mark');
    }
  }

  /** The instance an event belongs to; undefined where it concerns none. */
  private async instanceOf(saga: AnySaga, event: RecordedEvent): Promise<string | undefined> {
    const { on, aggregate } = saga as unknown as SagaDefinition;
    if (event.category === aggregate.category) return event.id;
    const rule = on[event.type];
    if (!rule || isHistory(event)) return undefined;
    const { tenantId, category, id, recordedAt, data } = event;
    const found =
      'field' in rule
        ? (data as Record<string, unknown>)[rule.field]
        : (await this.parts.facts.row(tenantId, category, id, recordedAt))?.[rule.column];
    return isUuid(found) ? found : undefined;
  }

  private async decide(
    saga: AnySaga,
    event: RecordedEvent,
    id: string,
    late: boolean,
  ): Promise<Decided | undefined> {
    const { streams } = this.parts;
    const { tenantId, eventId, meta, position } = event;
    const commandId = stepId(saga.name, tenantId, eventId, 'step');
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { instance, stored } = await streams.load(saga, tenantId, id, commandId);
      if (stored) return { step: stored, instance };
      const { handled, revision } = instance;
      if (revision === 0 && !saga.startedBy.includes(event.type)) return undefined;
      // It came before what was last decided, and led to nothing then: that stays so.
      if (!late && handled && comparePositions(position, handled) <= 0) return undefined;
      const fact = await this.react(saga, instance, event, id);
      if (!fact) return undefined;
      const cause = { eventId, correlationId: meta.correlationId };
      if (await streams.append(saga, { tenantId, id, revision }, commandId, fact, cause)) {
        this.at('after_step_append');
      }
    }
    throw new Error(`${saga.name}: the stream of an instance is being changed all the time`);
  }

  private async react(
    saga: AnySaga,
    instance: SagaInstance,
    event: RecordedEvent,
    id: string,
  ): Promise<Fact | null> {
    const { facts } = this.parts;
    const { tenantId, recordedAt } = event;
    const definition = saga as unknown as SagaDefinition;
    const trigger = triggerOf(event);
    const row = await facts.row(tenantId, definition.settings.record, tenantId, recordedAt);
    if (!row) return null;
    const asked = pure(() => definition.facts?.(trigger, instance.state, tenantId) ?? {});
    const known = await facts.read(tenantId, asked, recordedAt);
    const now = await this.timeOf(event, saga);
    return pure(() => {
      const settings = definition.settings.read(row);
      const input = { trigger, tenantId, id, now, settings, facts: known };
      const fact = decideStep(saga, instance, input);
      if (fact) this.checkCommands((fact.data as { readonly does: SagaWork }).does.commands);
      return fact;
    });
  }

  /** When an event happened, by the clock of its workspace. */
  private async timeOf(event: RecordedEvent, saga?: AnySaga): Promise<Date> {
    if (saga && event.type === saga.timerFired) {
      return new Date((event.data as TimerFired).firedAt);
    }
    return (await this.parts.clocks.at(event.tenantId, event.recordedAt)) ?? event.occurredAt;
  }

  /** Commands are kept in the clear with the step, so they may not hold personal data. */
  private checkCommands(commands: readonly SagaCommand[]): void {
    for (const { command, input } of commands) {
      const { properties } = this.parts.registry.command(command).input;
      for (const name of Object.keys(input)) {
        if ((properties[name] as { readonly personal?: boolean } | undefined)?.personal) {
          throw new Error(`${command}.${name} is personal data, which no saga may hand on`);
        }
      }
    }
  }

  /** Sets timers and gives commands; what was done before is done again without effect. */
  private async perform(saga: AnySaga, id: string, { step, instance }: Decided): Promise<void> {
    const { timers, clocks } = this.parts;
    const { tenantId, version, recordedAt, eventId } = step;
    const { does } = step.data as { readonly does: SagaWork };
    const pending = does.timers.filter(({ name }) => instance.timers[name]?.setBy === version);
    const clock = pending.length > 0 ? await clocks.at(tenantId, recordedAt) : undefined;
    if (clock) await clocks.show(tenantId, clock);
    const place = { tenantId, saga: saga.name, instanceId: id };
    await timers.change(place, version, pending, does.cancelTimers);
    this.at('after_timers');
    for (const command of does.commands) {
      const result = await this.give(saga.name, step, does.trigger.eventId, command);
      this.at('after_command');
      if (!isRefusal(result) || command.optional) continue;
      const told = stepId(saga.name, tenantId, eventId, `refused:${command.step}`);
      await this.tellRefusal(saga, id, step, command, result.code, told);
      this.at('after_refusal_append');
    }
  }

  private async give(
    process: string,
    cause: RecordedEvent,
    triggerId: string,
    { step, command, id, input }: SagaCommand,
  ): Promise<CommandResult> {
    const { tenantId, eventId: causationId, meta } = cause;
    const commandId = stepId(process, tenantId, triggerId, `command:${step}`);
    const ctx: RequestContext = {
      tenantId,
      actor: { type: 'system', id: process },
      grants: everything,
      requestId: commandId,
      correlationId: meta.correlationId,
      causationId,
    };
    const result = await this.parts.dispatch(command, input, ctx, { id, commandId });
    // Others were quicker, again and again: nothing was decided, so it is tried again later.
    if (isRefusal(result) && result.code === busy.code) throw new Error(`${command}: ${busy.code}`);
    return result;
  }

  private async tellRefusal(
    saga: AnySaga,
    id: string,
    step: RecordedEvent,
    { step: name, command }: SagaCommand,
    code: string,
    commandId: string,
  ): Promise<void> {
    const { streams } = this.parts;
    const { tenantId, eventId, meta } = step;
    const { category } = (saga as unknown as SagaDefinition).aggregate;
    const data = { [`${category}Id`]: id, step: name, command, code };
    const cause = { eventId, correlationId: meta.correlationId };
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { instance, stored } = await streams.load(saga, tenantId, id, commandId);
      if (stored) return;
      const place = { tenantId, id, revision: instance.revision };
      const fact = { type: saga.commandRefused, data };
      if (await streams.append(saga, place, commandId, fact, cause)) return;
    }
    throw new Error(`${saga.name}: the stream of an instance is being changed all the time`);
  }

  private at(boundary: SagaBoundary): void {
    this.parts.at?.(boundary);
  }
}
