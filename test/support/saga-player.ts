import type { Fact } from '#kernel/event';
import { hashId } from '#kernel/ids';
import type { AnySaga, SagaDefinition, SagaFacts, SagaTrigger } from '#kernel/saga';
import type { SagaWork } from '#kernel/saga-events';
import { decideStep, foldFact, newInstance, type SagaInstance } from '#kernel/saga-instance';
import { SPEC_ID, SPEC_TENANT } from '#kernel/specification';

/** One event led to a saga, with everything the decision was made of; null: it led to nothing. */
export interface PlayedStep {
  readonly trigger: SagaTrigger;
  readonly now: string;
  readonly settings: unknown;
  readonly facts: SagaFacts;
  readonly step: Fact | null;
}

/** Plays one instance of a saga through time, without log or database. */
export class SagaPlayer {
  readonly played: PlayedStep[] = [];
  instance: SagaInstance;
  private events = 0;

  constructor(
    private readonly saga: AnySaga,
    /** What the saga sees of others when it decides. */
    public settings: unknown,
    public facts: SagaFacts = {},
    readonly id = SPEC_ID,
  ) {
    this.instance = newInstance(saga);
  }

  /** Something happens; timers that are due before it fire first. */
  happens(fact: Fact, at: string, record = this.id): Fact | null {
    this.until(at);
    const trigger = this.trigger(fact, record);
    if (fact.type === this.saga.commandRefused) this.record(trigger);
    return this.react(trigger, at);
  }

  /** Lets time pass: timers fire in the order they are due. */
  until(at: string): void {
    for (;;) {
      const due = Object.entries(this.instance.timers)
        .filter(([, { dueAt }]) => dueAt <= at)
        .sort(([, a], [, b]) => (a.dueAt < b.dueAt ? -1 : 1))[0];
      if (!due) return;
      const [timer, { dueAt, setBy }] = due;
      const { category } = (this.saga as unknown as SagaDefinition).aggregate;
      const data = { [`${category}Id`]: this.id, timer, dueAt, firedAt: dueAt, setBy };
      const fired = this.trigger({ type: this.saga.timerFired, data }, this.id);
      this.record(fired);
      this.react(fired, dueAt);
    }
  }

  /** Commands of all steps so far, by name. */
  get commands(): readonly string[] {
    return this.steps.flatMap(({ does }) => does.commands.map(({ command }) => command));
  }

  get steps(): readonly { readonly type: string; readonly does: SagaWork }[] {
    return this.played.flatMap(({ step }) =>
      step ? [{ type: step.type, does: (step.data as { does: SagaWork }).does }] : [],
    );
  }

  private react(trigger: SagaTrigger, now: string): Fact | null {
    const { settings, facts, id } = this;
    const step = decideStep(this.saga, this.instance, {
      trigger,
      tenantId: SPEC_TENANT,
      id,
      now: new Date(now),
      settings,
      facts,
    });
    this.played.push({ trigger, now, settings, facts, step });
    if (step) this.record(this.trigger(step, id));
    return step;
  }

  private record({ type, data, envelope }: SagaTrigger): void {
    this.instance = foldFact(this.saga, this.instance, {
      type,
      data,
      version: this.instance.revision + 1,
      eventId: envelope.eventId,
      correlationId: 'spec',
    });
  }

  private trigger({ type, data }: Fact, id: string): SagaTrigger {
    const n = ++this.events;
    const eventId = hashId('spec', this.id, String(n));
    return { type, data, envelope: { id, eventId, position: `1.${n}.${n}.0` } } as never;
  }
}
