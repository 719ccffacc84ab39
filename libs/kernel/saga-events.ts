import { defineEvent, type EventDefinition, type Fact } from './event.js';
import {
  flag,
  instant,
  integer,
  list,
  object,
  optional,
  text,
  Type,
  uuid,
  type Static,
  type TObject,
  type TProperties,
} from './fields.js';

const input = () => Type.Record(Type.String(), Type.Unknown());

const sagaCommand = object({
  step: text(60, { description: 'Name within the step; makes the command’s id with the trigger.' }),
  command: text(100, { description: 'Name of the command.' }),
  id: uuid({ description: 'Record it addresses or creates.' }),
  input: input(),
  optional: optional(flag({ description: 'A refusal changes nothing.' })),
  undo: optional(
    object(
      { command: text(100), id: optional(uuid()), input: optional(input()) },
      { description: 'What makes the command undone.' },
    ),
  ),
});

const sagaTimer = object({ name: text(60), dueAt: instant() });

/** What a step of a saga does, kept in its fact: it is decided once and never again. */
export const sagaWork = object(
  {
    version: integer(1, 1_000_000, { description: 'Version of the rules that decided.' }),
    trigger: object({ type: text(100), eventId: uuid(), position: text(60) }),
    at: instant({ description: 'When it was decided, by the clock of the workspace.' }),
    commands: list(sagaCommand, 50),
    timers: list(sagaTimer, 50),
    cancelTimers: list(text(60), 50),
  },
  { description: 'What the step does: commands, timers set and timers cancelled.' },
);

export type SagaWork = Static<typeof sagaWork>;
export type SagaCommand = SagaWork['commands'][number];
export type SagaTimer = SagaWork['timers'][number];

/** What a timer says when it fires. */
export interface TimerFired {
  readonly timer: string;
  readonly dueAt: string;
  /** When it fired, by the clock of the workspace. */
  readonly firedAt: string;
  /** Revision of the step that set it. */
  readonly setBy: number;
}
/** A command of a step that was refused; the message stays out, it may name people. */
export interface CommandRefused {
  readonly step: string;
  readonly command: string;
  readonly code: string;
}

const SAMPLE_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const sampleWork: SagaWork = {
  version: 1,
  trigger: { type: 'DealWon', eventId: SAMPLE_ID, position: '1.1000.2000.0' },
  at: '2026-01-15T10:00:00.000Z',
  commands: [],
  timers: [{ name: 'begin', dueAt: '2026-01-22T09:00:00.000Z' }],
  cancelTimers: [],
};

export interface SagaStepOptions<Type extends string, Properties extends TProperties> {
  readonly type: Type;
  readonly action: string;
  readonly properties: Properties;
  readonly sample: Record<string, unknown>;
}

/** Declares a step of a saga: a fact in words of the business, and what was done with it. */
export function defineStep<const Type extends string, Properties extends TProperties>({
  type,
  action,
  properties,
  sample,
}: SagaStepOptions<Type, Properties>) {
  return defineEvent({
    type,
    action,
    schema: object({ ...properties, does: sagaWork }),
    samples: { 1: { ...sample, does: sampleWork } },
  });
}

export interface SagaFactNames {
  /** `followup`: category of the saga's streams; facts name the instance as `followupId`. */
  readonly category: string;
  /** Literal names. */
  readonly timerFired: string;
  readonly commandRefused: string;
}

/** The two facts every saga has beside its steps. */
export function sagaFacts({ category, timerFired, commandRefused }: SagaFactNames) {
  const id = { [`${category}Id`]: uuid() } as TProperties;
  const sampleId = { [`${category}Id`]: SAMPLE_ID };
  const define = (
    type: string,
    action: string,
    properties: TProperties,
    sample: object,
  ): EventDefinition =>
    defineEvent({
      type,
      action,
      schema: object({ ...id, ...properties }) as unknown as TObject,
      samples: { 1: { ...sampleId, ...sample } },
    }) as unknown as EventDefinition;
  return [
    define(
      timerFired,
      'timer_fired',
      { timer: text(60), dueAt: instant(), firedAt: instant(), setBy: integer(1, 2 ** 31) },
      {
        timer: 'begin',
        dueAt: '2026-01-22T09:00:00.000Z',
        firedAt: '2026-01-22T09:00:00.214Z',
        setBy: 1,
      },
    ),
    define(
      commandRefused,
      'command_refused',
      { step: text(60), command: text(100), code: text(100) },
      { step: 'task', command: 'CreateTask', code: 'REFERENCE_NOT_FOUND' },
    ),
  ] as const;
}

/** The step without what the platform adds to it. */
export type StepFact<F extends Fact> =
  F extends Fact<infer Type, infer Data>
    ? Data extends { readonly does: SagaWork }
      ? Fact<Type, Omit<Data, 'does'>>
      : never
    : never;
