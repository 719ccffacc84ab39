import type { Aggregate, RecordStatus } from './aggregate.js';
import type { DecideContext } from './context.js';
import type { Fact } from './event.js';
import type { Static, TObject } from './fields.js';
import type { Inverse } from './inverse.js';
import type { Refusal } from './refusal.js';

/** A value that only one record of the tenant may hold; kept as a stream of its own. */
export interface Reservation {
  /** What is reserved: `user-email`, `workspace-slug`. */
  readonly scope: string;
  readonly value: string;
  /** Places there are, where several records may hold the value at once: seats. */
  readonly among?: number;
}

/** Something worth knowing that does not stop the command. */
export interface Warning {
  readonly code: string;
  readonly message: string;
  /** The records it is about; names are read under their own rights. */
  readonly records?: readonly { readonly id: string }[];
}

/** The events of an accepted command and what comes with them. */
export interface Outcome<Event> {
  readonly events: readonly Event[];
  readonly take?: readonly Reservation[];
  readonly release?: readonly Reservation[];
  /** Refused where more records hold the value than there would be places for. */
  readonly fits?: readonly Required<Reservation>[];
  readonly warnings?: readonly Warning[];
}

export type Decision<Event> = readonly Event[] | Outcome<Event> | Refusal;

/** A fact the platform looks up before `decide` runs. */
export type FactRequest<Value = unknown> = (
  | { readonly kind: 'state'; readonly aggregate: Aggregate; readonly id: string }
  | { readonly kind: 'record'; readonly record: string; readonly id: string }
  | {
      readonly kind: 'matches';
      readonly readModel: string;
      readonly where: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'chain';
      readonly aggregate: Aggregate;
      readonly id: string;
      readonly next: (state: never) => string | null;
    }
) & {
  /** The append also checks that the stream of a `state` fact has not moved since it was read. */
  readonly guard?: true;
  /** A `state` fact is read in the platform's own tenant. */
  readonly ofPlatform?: true;
  readonly _value?: Value;
};

/** The folded state of another aggregate of the same context. */
export function stateOf<State>(
  aggregate: Aggregate<State, never> | Aggregate<State>,
  id: string,
): FactRequest<State> {
  return { kind: 'state', aggregate: aggregate as Aggregate, id };
}

/**
 * A `state` fact the decision must not outlive: when the other stream moves before the append,
 * the platform loads and decides again. For rules that hold over two records at once.
 */
export function guarded<State>(request: FactRequest<State>): FactRequest<State> {
  if (request.kind !== 'state' || request.ofPlatform) {
    throw new Error('only a state of the tenant itself can be guarded');
  }
  return { ...request, guard: true };
}

/** A `state` fact of the platform's own tenant: what holds for all workspaces. */
export function ofPlatform<State>(request: FactRequest<State>): FactRequest<State> {
  if (request.kind !== 'state' || request.guard) throw new Error('only plain states are shared');
  return { ...request, ofPlatform: true };
}

export interface RecordFact {
  readonly status: RecordStatus;
}
/** Whether a record of any context exists and in which status. */
export function recordOf(record: string, id: string): FactRequest<RecordFact> {
  return { kind: 'record', record, id };
}

export type Matches = readonly { readonly id: string; readonly label: string }[];
/** Live rows of a read model with these values (case-insensitive), at most five. Advisory. */
export function matchesIn(
  readModel: string,
  where: Readonly<Record<string, string>>,
): FactRequest<Matches> {
  return { kind: 'matches', readModel, where };
}

/** Ids met when following `next` from a record, itself first, at most fifty; for cycle checks. */
export function chainOf<State>(
  aggregate: Aggregate<State>,
  id: string,
  next: (state: State) => string | null,
): FactRequest<readonly string[]> {
  return { kind: 'chain', aggregate: aggregate as Aggregate, id, next };
}

export type FactRequests = Readonly<Record<string, FactRequest | undefined>>;
export type FactsOf<Requests> = {
  readonly [K in keyof Requests]: Requests[K] extends FactRequest<infer Value> | undefined
    ? Value
    : never;
};

/**
 * Where REST finds the command: `PUT` `/deals/:id/stage`. Parameters beside `:id` are fields of
 * the input: `DELETE` `/teams/:id/members/:userId`.
 */
export interface RestRoute {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
}

/** What `facts` may know beside the command and the state. */
export type FactCaller = Pick<DecideContext, 'tenantId' | 'actor' | 'id'>;

/** A command: its input, its permission and its pure decision. */
export interface CommandDefinition<
  Input extends TObject = TObject,
  State = unknown,
  Event extends Fact = Fact,
  Requests extends FactRequests = FactRequests,
> {
  /** Imperative, business words: `MoveDealToStage`. */
  readonly name: string;
  /** One sentence for the documentation. */
  readonly description: string;
  /** Input without the record's id; the id comes from the route or the mutation's `id`. */
  readonly input: Input;
  readonly aggregate: Aggregate<State, Event>;
  /** `<collection>:<action>`, checked before anything is loaded. */
  readonly permission: string;
  /** Whether the command creates its record (a new id, an empty stream). */
  readonly creates: boolean;
  readonly rest: RestRoute;
  /** Dispatched by the product itself (sign-in, processors, command line); no API offers it. */
  readonly internal?: boolean;
  /** Dangerous: whoever asks has to have proved a factor within the last minutes. */
  readonly stepUp?: true;
  /** Fields it changes beside those it is given; nobody does it who does not change them. */
  readonly changes?: readonly string[];
  facts?(command: Static<Input>, state: State, caller: FactCaller): Requests;
  decide(
    command: Static<Input>,
    state: State,
    ctx: DecideContext<FactsOf<Requests>>,
  ): Decision<Event>;
  /** What takes the command back, or why nothing does. */
  readonly inverse: Inverse<Static<Input>, State, Event>;
}

export interface CommandOptions<
  Input extends TObject,
  State,
  Event extends Fact,
  Requests extends FactRequests,
> extends Omit<CommandDefinition<Input, State, Event, Requests>, 'creates'> {
  readonly creates?: boolean;
}

/** Any command, for registries. */
// The registry only passes values through; their types meet again in `decide`.
export type AnyCommand = CommandDefinition<TObject, never, Fact, never>;

export function defineCommand<
  Input extends TObject,
  State,
  Event extends Fact,
  Requests extends FactRequests = Record<never, never>,
>(
  options: CommandOptions<Input, State, Event, Requests>,
): CommandDefinition<Input, State, Event, Requests> {
  return { ...options, creates: options.creates ?? false };
}

/** Commands as registries take them, whatever their input and state. */
export function commandList(...commands: readonly object[]): readonly AnyCommand[] {
  return commands as readonly AnyCommand[];
}

/** What every mutation answers when it is accepted. */
export interface Accepted {
  readonly accepted: true;
  readonly id: string;
  /** Revision of the record's stream after the command. */
  readonly revision: number;
  /** Feed position of the last event, opaque; pass it as `atLeast` to read your own write. */
  readonly position: string;
  readonly warnings: readonly Warning[];
}
export type CommandResult = Accepted | Refusal;
