import { fold, type Aggregate } from './aggregate.js';
import type { AnyCommand, Outcome } from './command.js';
import type { Actor, Grants } from './context.js';
import type { Fact } from './event.js';
import type { ReadModel, ReadModelEvent, Row } from './read-model.js';
import { isRefusal, type Refusal } from './refusal.js';

export interface GivenContext {
  readonly id?: string;
  readonly now?: Date;
  readonly actorId?: string;
  /** The whole actor, where it is not a user. */
  readonly actor?: Actor;
  readonly grants?: Grants;
  readonly facts?: Readonly<Record<string, unknown>>;
}

export const SPEC_TENANT = '01890a5d-ac96-774b-bcce-b302099a8000';
export const SPEC_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
export const SPEC_ACTOR = '01890a5d-ac96-774b-bcce-b302099a8058';
export const SPEC_NOW = new Date('2026-01-15T10:00:00.000Z');

/**
 * given(aggregate, past).when(command, input, context) → the decision, without mocks.
 * Compare `events` or `refusal` with what the rule says.
 */
export function given<State, Event extends Fact>(
  aggregate: Aggregate<State, Event>,
  past: readonly Event[] = [],
) {
  const state = fold(aggregate, past);
  return {
    state,
    when(command: AnyCommand | object, input: object = {}, context: GivenContext = {}) {
      const id = context.id ?? SPEC_ID;
      const decision = (command as AnyCommand).decide(input as never, state as never, {
        tenantId: SPEC_TENANT,
        actor: context.actor ?? { type: 'user', id: context.actorId ?? SPEC_ACTOR },
        ...(context.grants ? { grants: context.grants } : {}),
        now: context.now ?? SPEC_NOW,
        id,
        newId: (n) => `01890a5d-ac96-774b-bcce-${String(n).padStart(12, '0')}`,
        facts: (context.facts ?? {}) as never,
      });
      const refusal: Refusal | undefined = isRefusal(decision) ? decision : undefined;
      const outcome: Outcome<Fact> = refusal
        ? { events: [] }
        : Array.isArray(decision)
          ? { events: decision as Fact[] }
          : (decision as Outcome<Fact>);
      return {
        refusal,
        events: outcome.events as readonly Event[],
        outcome,
        state: fold(aggregate, outcome.events as readonly Event[], state),
      };
    },
  };
}

/** The row folded from these facts; the n-th (from 0) happens n hours after SPEC_NOW. */
export function rowOf<F extends Fact>(model: ReadModel<F>, facts: readonly F[]): Row | null {
  return facts.reduce<Row | null>((row, fact, n) => {
    const occurredAt = new Date(SPEC_NOW.getTime() + n * 3_600_000);
    return model.evolve(row, { ...fact, envelope: { occurredAt } } as unknown as ReadModelEvent<F>);
  }, null);
}
