import { isDeepStrictEqual } from 'node:util';
import type { Aggregate } from './aggregate.js';

/** What a command did to its record. */
export interface Done<Command = unknown, State = unknown, Event = unknown> {
  readonly id: string;
  readonly command: Command;
  /** The record when the command was decided. */
  readonly before: State;
  readonly after: State;
  readonly events: readonly Event[];
}

/** A command that takes something back, with the record it addresses. */
export interface InverseStep {
  readonly command: string;
  readonly id: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Says why nothing takes the command back. */
export interface Irreversible {
  /** One sentence for people. */
  readonly irreversible: string;
}

interface Restores {
  /**
   * Parts of the state that follow from others, `*` for any one name: `values.amount`. A later
   * change of them is no conflict.
   */
  readonly derived?: readonly string[];
  /** Parts of the state that do not come back, each with the reason. */
  readonly remains?: Readonly<Record<string, string>>;
}

/** One command on the same record takes it back. */
export interface OneStepBack<Command = unknown, State = unknown, Event = unknown> extends Restores {
  readonly undoneBy: string;
  /** Its input, given the record as it is now; empty without. */
  input?(done: Done<Command, State, Event>, now: State): InverseStep['input'];
}

/** Several commands may be needed. */
export interface StepsBack<Command = unknown, State = unknown, Event = unknown> extends Restores {
  /** Every command `steps` may name. */
  readonly undoneBy: readonly string[];
  /** The commands to dispatch, in their order. */
  steps(done: Done<Command, State, Event>): readonly InverseStep[];
}

/**
 * How a command is taken back, or why it is not. Steps are decided like any other command, and so
 * may be refused; they are asked for only when there were events.
 */
export type Inverse<Command = unknown, State = unknown, Event = unknown> =
  Irreversible | OneStepBack<Command, State, Event> | StepsBack<Command, State, Event>;

/** Names of the commands an inverse may take; none when it is irreversible. */
export function undoingCommands(inverse: Inverse): readonly string[] {
  if ('irreversible' in inverse) return [];
  return typeof inverse.undoneBy === 'string' ? [inverse.undoneBy] : inverse.undoneBy;
}

function stepsOf(inverse: OneStepBack | StepsBack, done: Done, now: unknown) {
  if ('steps' in inverse) return inverse.steps(done);
  return [{ command: inverse.undoneBy, id: done.id, input: inverse.input?.(done, now) ?? {} }];
}

/** The former values of the properties an event gave: what a `Change…` command takes to go back. */
export function formerValues(given: object, before: object): Record<string, unknown> {
  const known = before as Readonly<Record<string, unknown>>;
  const names = Object.keys(given).filter((name) => name in known);
  return Object.fromEntries(names.map((name) => [name, known[name] ?? null]));
}

/**
 * The business parts of a state by path: `values.name`, `tags.vip`, `lineItems.<id>.quantity`. A
 * deleted record has none, like one that never was; so it is with removed items of a list.
 */
export function partsOf(aggregate: Aggregate<never>, state: unknown): Map<string, unknown> {
  const parts = new Map<string, unknown>();
  const status = aggregate.status(state as never);
  if (status === 'absent' || status === 'deleted') return parts;
  const each = (path: string, value: object) => {
    for (const [name, one] of Object.entries(value)) parts.set(`${path}.${name}`, one);
  };
  for (const [name, value] of Object.entries(state as object) as [string, unknown][]) {
    const key = aggregate.lists?.[name];
    if (key) {
      for (const item of value as Readonly<Record<string, unknown>>[]) {
        if (item['removed'] !== true) each(`${name}.${String(item[key])}`, item);
      }
    } else if (Array.isArray(value)) {
      for (const member of value) parts.set(`${name}.${String(member)}`, true);
    } else if (value !== null && typeof value === 'object') {
      each(name, value);
    } else parts.set(name, value);
  }
  return parts;
}

/** A part that has changed since: undoing would overwrite somebody's later work. */
export interface Conflict {
  readonly part: string;
  /** As the command left it; undefined: gone. */
  readonly left: unknown;
  /** As it is now; undefined: gone. */
  readonly found: unknown;
}

function matches(pattern: string, part: string): boolean {
  const [names, own] = [pattern.split('.'), part.split('.')];
  return names.length === own.length && names.every((one, n) => one === '*' || one === own[n]);
}

/** Paths that differ between two states. */
export function partsChanged(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): string[] {
  const all = new Set([...before.keys(), ...after.keys()]);
  return [...all].filter((part) => !isDeepStrictEqual(before.get(part), after.get(part)));
}

/** What has changed since in the parts a command changed. */
export function conflictsOf(
  aggregate: Aggregate<never>,
  { derived = [] }: Pick<Restores, 'derived'>,
  done: Pick<Done, 'before' | 'after'>,
  now: unknown,
): Conflict[] {
  const [before, after, present] = [done.before, done.after, now].map((state) =>
    partsOf(aggregate, state),
  ) as [Map<string, unknown>, Map<string, unknown>, Map<string, unknown>];
  // A record that came or went did so as a whole: whatever was added since belongs to it.
  const whole = before.size === 0 || after.size === 0;
  const touched = new Set(partsChanged(before, after));
  return partsChanged(after, present)
    .filter((part) => whole || touched.has(part))
    .filter((part) => !derived.some((pattern) => matches(pattern, part)))
    .map((part) => ({ part, left: after.get(part), found: present.get(part) }));
}

export type UndoPlan =
  | {
      readonly kind: 'steps';
      readonly steps: readonly (InverseStep & { readonly commandId: string })[];
    }
  | { readonly kind: 'irreversible'; readonly reason: string }
  | { readonly kind: 'conflict'; readonly conflicts: readonly Conflict[] };

/**
 * What takes a command back, given the record as it is now: the steps, or why there are none. A
 * command is undone as a whole or not at all. `commandId` gives the n-th step its id, the same one
 * for the same attempt.
 */
export function planUndo(
  command: { readonly aggregate: Aggregate<never>; readonly inverse: Inverse },
  done: Done,
  now: unknown,
  commandId: (n: number) => string,
): UndoPlan {
  const { aggregate, inverse } = command;
  if (done.events.length === 0) return { kind: 'steps', steps: [] };
  if ('irreversible' in inverse) return { kind: 'irreversible', reason: inverse.irreversible };
  const conflicts = conflictsOf(aggregate, inverse, done, now);
  if (conflicts.length > 0) return { kind: 'conflict', conflicts };
  const steps = stepsOf(inverse, done, now).map((step, n) => ({
    ...step,
    commandId: commandId(n),
  }));
  return { kind: 'steps', steps };
}
