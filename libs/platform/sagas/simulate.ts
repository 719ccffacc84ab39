import type { Fact, RecordedEvent } from '#kernel/event';
import { hashId, isUuid } from '#kernel/ids';
import type { Row } from '#kernel/read-model';
import type { AnySaga, SagaDefinition, SagaFactRequests, SagaFacts } from '#kernel/saga';
import type { SagaWork } from '#kernel/saga-events';
import {
  asSagaFact,
  decideStep,
  foldFact,
  newInstance,
  type SagaInstance,
} from '#kernel/saga-instance';
import { START } from '../event-store/port.js';
import type { SagaFactReader } from './facts.js';
import { SimulatedRecords, type SimulatedRecordsParts } from './simulated-records.js';
import { isHistory, triggerOf } from './steps.js';

export interface SimulationParts extends SimulatedRecordsParts {
  readonly facts: SagaFactReader;
}

export interface SimulationOptions {
  readonly tenantId: string;
  readonly from: Date;
  readonly to: Date;
  /** Fields of the settings' row that are to differ; a group is overlaid field by field. */
  readonly set: Readonly<Record<string, unknown>>;
}

/** A command or a timer a run led to. */
export interface Effect {
  readonly instance: string;
  /** When it was decided, by the clock of the workspace. */
  readonly at: string;
  readonly step: string;
  readonly kind: 'command' | 'timer';
  readonly name: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What a saga would have done between two instants with other settings. */
export interface Simulation {
  readonly triggers: number;
  readonly before: readonly Effect[];
  readonly after: readonly Effect[];
  /** Only in one of the two: `-` with the settings as they were, `+` with the others. */
  readonly differences: readonly (Effect & { readonly change: '-' | '+' })[];
}

const PAGE = 500;

interface Happening {
  readonly event: RecordedEvent;
  readonly instance: string;
  readonly at: Date;
}

interface History {
  /** Instances as they were when the simulation begins. */
  readonly instances: ReadonlyMap<string, SagaInstance>;
  readonly happenings: readonly Happening[];
}

/**
 * Replays what happened between two instants, once with the settings as they were and once with
 * others, and compares. It only reads: no command is given, no timer set, nothing recorded. What
 * people did stays as it was, whatever the saga would have asked of them.
 */
export class Simulator {
  constructor(
    private readonly parts: SimulationParts,
    private readonly saga: AnySaga,
  ) {}

  async simulate(options: SimulationOptions): Promise<Simulation> {
    const history = await this.history(options);
    const run = (set: SimulationOptions['set']) =>
      new Run(this.parts, this.saga, options, set).through(history);
    const before = await run({});
    const after = await run(options.set);
    return {
      triggers: history.happenings.length,
      before,
      after,
      differences: differencesOf(before, after),
    };
  }

  /** The tenant's events that matter, up to the end. */
  private async history({ tenantId, from, to }: SimulationOptions): Promise<History> {
    const { store, codec } = this.parts;
    const { on, aggregate } = this.saga as unknown as SagaDefinition;
    const instances = new Map<string, SagaInstance>();
    const happenings: Happening[] = [];
    for (let after = START; ;) {
      const page = await store.readFeed({ after, limit: PAGE, tenantId });
      const wanted = page.events.filter(
        ({ type, streamId }) => on[type] || streamId.startsWith(`${aggregate.category}-`),
      );
      for (const event of await codec.decode(wanted)) {
        const at = (await this.parts.clocks.at(tenantId, event.recordedAt)) ?? event.occurredAt;
        if (event.category === aggregate.category) {
          if (at >= from) continue;
          const known = instances.get(event.id) ?? newInstance(this.saga);
          instances.set(event.id, foldFact(this.saga, known, asSagaFact(event)));
        } else if (at >= from && at <= to && !isHistory(event)) {
          const instance = await this.instanceOf(event);
          if (instance) happenings.push({ event, instance, at });
        }
      }
      if (page.events.length < PAGE) break;
      after = page.position;
    }
    return { instances, happenings };
  }

  private async instanceOf(event: RecordedEvent): Promise<string | undefined> {
    const rule = (this.saga as unknown as SagaDefinition).on[event.type]!;
    const { tenantId, category, id, recordedAt, data } = event;
    const found =
      'field' in rule
        ? (data as Row)[rule.field]
        : (await this.parts.facts.row(tenantId, category, id, recordedAt))?.[rule.column];
    return isUuid(found) ? found : undefined;
  }
}

/** One pass over the history with certain settings. */
class Run {
  private readonly effects: Effect[] = [];
  private readonly instances = new Map<string, SagaInstance>();
  private readonly definition: SagaDefinition;
  private readonly records: SimulatedRecords;

  constructor(
    private readonly parts: SimulationParts,
    private readonly saga: AnySaga,
    private readonly options: SimulationOptions,
    private readonly set: Readonly<Record<string, unknown>>,
  ) {
    this.definition = saga as unknown as SagaDefinition;
    const { tenantId, from } = options;
    this.records = new SimulatedRecords(parts, { tenantId, saga: saga.name, from });
  }

  async through({ instances, happenings }: History): Promise<readonly Effect[]> {
    for (const [id, instance] of instances) this.instances.set(id, instance);
    for (const { event, instance, at } of happenings) {
      await this.timersUntil(at);
      await this.react(instance, event, at, event.recordedAt);
    }
    await this.timersUntil(this.options.to);
    return this.effects;
  }

  /** Fires every timer due by an instant, in the order they are due. */
  private async timersUntil(end: Date): Promise<void> {
    for (;;) {
      const due = [...this.instances]
        .flatMap(([id, { timers }]) =>
          Object.entries(timers).map(([name, timer]) => ({ id, name, ...timer })),
        )
        .filter(({ dueAt }) => new Date(dueAt) <= end)
        .sort((a, b) => (a.dueAt + a.name < b.dueAt + b.name ? -1 : 1))[0];
      if (!due) return;
      const { id, name, dueAt, setBy } = due;
      const { category } = this.definition.aggregate;
      const data = { [`${category}Id`]: id, timer: name, dueAt, firedAt: dueAt, setBy };
      const fired = this.made(id, { type: this.saga.timerFired, data }, new Date(dueAt));
      this.fold(id, fired);
      await this.react(id, fired, new Date(dueAt), new Date(dueAt));
    }
  }

  private async react(id: string, event: RecordedEvent, now: Date, knownAt: Date): Promise<void> {
    const { tenantId } = this.options;
    const instance = this.instances.get(id) ?? newInstance(this.saga);
    if (instance.revision === 0 && !this.saga.startedBy.includes(event.type)) return;
    const { record } = this.definition.settings;
    const row = await this.parts.facts.row(tenantId, record, tenantId, knownAt);
    if (!row) return;
    const trigger = triggerOf(event);
    const asked = this.definition.facts?.(trigger, instance.state, tenantId) ?? {};
    const facts = await this.known(asked, now, knownAt);
    const settings = this.definition.settings.read(overlaid(row, this.set));
    const fact = decideStep(this.saga, instance, { trigger, tenantId, id, now, settings, facts });
    if (!fact) return;
    this.fold(id, this.made(id, fact, now));
    this.note(id, fact);
    await this.perform(id, fact, now);
  }

  /** Rows of records as this run made them, rows of read models as they were. */
  private async known(asked: SagaFactRequests, now: Date, knownAt: Date): Promise<SagaFacts> {
    const { tenantId } = this.options;
    const rest = Object.fromEntries(
      Object.entries(asked).filter(([, request]) => request?.kind === 'rows'),
    );
    const facts: Record<string, SagaFacts[string]> = {
      ...(await this.parts.facts.read(tenantId, rest, knownAt, true)),
    };
    for (const [name, request] of Object.entries(asked)) {
      if (request?.kind !== 'row') continue;
      facts[name] = await this.records.row(request.record, request.id, now);
    }
    return facts;
  }

  /** What the commands of a step would have led to, a refusal of one included. */
  private async perform(id: string, fact: Fact, now: Date): Promise<void> {
    const { does } = fact.data as { readonly does: SagaWork };
    for (const command of does.commands) {
      const refused = await this.records.give(command, now);
      if (!refused || command.optional) continue;
      const { category } = this.definition.aggregate;
      const { step, command: name } = command;
      const data = { [`${category}Id`]: id, step, command: name, code: refused.code };
      const told = this.made(id, { type: this.saga.commandRefused, data }, now);
      this.fold(id, told);
      await this.react(id, told, now, now);
    }
  }

  private note(instance: string, { type, data }: Fact): void {
    const { does } = data as { readonly does: SagaWork };
    const common = { instance, at: does.at, step: type };
    for (const { command, id, input } of does.commands) {
      this.effects.push({ ...common, kind: 'command', name: command, detail: { id, ...input } });
    }
    for (const { name, dueAt } of does.timers) {
      this.effects.push({ ...common, kind: 'timer', name, detail: { dueAt } });
    }
  }

  private fold(id: string, event: RecordedEvent): void {
    const instance = this.instances.get(id) ?? newInstance(this.saga);
    this.instances.set(id, foldFact(this.saga, instance, asSagaFact(event)));
  }

  /** An event as it would have been recorded. */
  private made(id: string, { type, data }: Fact, at: Date): RecordedEvent {
    const { category } = this.definition.aggregate;
    const version = (this.instances.get(id)?.revision ?? 0) + 1;
    const eventId = hashId('simulated', id, String(version));
    return {
      tenantId: this.options.tenantId,
      streamId: `${category}-${id}`,
      id,
      category,
      version,
      eventId,
      commandId: eventId,
      type,
      data,
      meta: { actor: { type: 'system', id: this.saga.name }, correlationId: eventId },
      occurredAt: at,
      recordedAt: at,
      position: START,
    };
  }
}

/** A row with some fields as they are not; what is a group stays whole. */
export function overlaid(row: Row, set: Readonly<Record<string, unknown>>): Row {
  const isGroup = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = Object.entries(set).map(([name, value]): [string, unknown] => {
    const before = row[name];
    return [name, isGroup(before) && isGroup(value) ? { ...before, ...value } : value];
  });
  return { ...row, ...Object.fromEntries(entries) };
}

const keyOf = ({ instance, kind, name, detail }: Effect) =>
  JSON.stringify([instance, kind, name, detail]);

/** What is in one list and not in the other, as often as it is missing there. */
function differencesOf(before: readonly Effect[], after: readonly Effect[]) {
  const without = (list: readonly Effect[], other: readonly Effect[]) => {
    const left = new Map<string, number>();
    for (const one of other) left.set(keyOf(one), (left.get(keyOf(one)) ?? 0) + 1);
    return list.filter((one) => {
      const rest = left.get(keyOf(one)) ?? 0;
      left.set(keyOf(one), rest - 1);
      return rest <= 0;
    });
  };
  return [
    ...without(before, after).map((one) => ({ ...one, change: '-' as const })),
    ...without(after, before).map((one) => ({ ...one, change: '+' as const })),
  ].sort((a, b) => (a.instance + a.at < b.instance + b.at ? -1 : 1));
}
