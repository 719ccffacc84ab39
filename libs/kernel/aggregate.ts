import type { EventDefinition, Fact } from './event.js';
import type { Share } from './sharing.js';

/**
 * A consistency boundary: one stream per instance, its state folded by a pure `evolve`.
 * `evolve` never refuses and has no `default`, so the compiler asks for new cases.
 */
export interface Aggregate<State = unknown, Event extends Fact = Fact> {
  /** Stream prefix; the stream is `<category>-<uuid>`. */
  readonly category: string;
  /** Raised whenever `State` changes shape; stale snapshots are discarded. */
  readonly stateVersion: number;
  readonly initial: State;
  readonly events: readonly EventDefinition[];
  evolve(state: State, event: Event): State;
  /** Where the instance is in its life. */
  status(state: State): RecordStatus;
  /** Lists whose items come and go by themselves, with the property that is their id. */
  readonly lists?: Readonly<Record<string, string>>;
  /** The user who owns the instance, for the scope check. */
  owner?(state: State): string | null;
  /** Whom the instance is shared with beside its owner. */
  shares?(state: State): readonly Share[];
}

export type RecordStatus = 'absent' | 'active' | 'archived' | 'deleted';

export function streamId(category: string, id: string): string {
  return `${category}-${id}`;
}

export function fold<State, Event extends Fact>(
  aggregate: Aggregate<State, Event>,
  events: readonly Event[],
  from: State = aggregate.initial,
): State {
  return events.reduce((state, event) => aggregate.evolve(state, event), from);
}
