import type { OpenedPlatform } from '#apps/composition/open-platform';
import { isRefusal, type Refusal } from '#kernel/refusal';
import type { Config } from '#platform/config/config';
import type { Platform } from '#platform/platform';
import type { Output } from './output.js';

/** What the shell is told. */
export const exit = { done: 0, refused: 1, usage: 2, notRun: 3 } as const;

/** The line a person typed is not one of ours; the message says what is. */
export class UsageError extends Error {}

/** What was asked is not allowed or not there: said as such, without a stack. */
export class RefusedError extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.message);
  }
}

/** The value, unless it is a refusal. */
export function orRefused<Value>(value: Value | Refusal): Value {
  if (isRefusal(value)) throw new RefusedError(value);
  return value;
}

export interface Option {
  readonly type: 'string' | 'boolean';
  /** What stands for the value in the help: `ID`. */
  readonly value?: string;
  readonly required?: boolean;
  readonly default?: string;
  readonly description: string;
}

/** One thing the tool can do: `clientforge <noun> <verb>`. */
export interface Command {
  /** Noun and, unless it says all, verb. */
  readonly words: readonly [noun: string, verb?: string];
  readonly summary: string;
  /** Names of what must follow, in order. */
  readonly operands?: readonly string[];
  readonly options?: Readonly<Record<string, Option>>;
  /** One line that works as it stands. */
  readonly example: string;
  /** Answers the exit code; nothing means done. */
  run(call: Call): Promise<number | void>;
}

/** A command line as its command sees it. */
export interface Call {
  readonly operands: readonly string[];
  /** The value of an option that takes one; undefined when it was not given. */
  text(option: string): string | undefined;
  flag(option: string): boolean;
  readonly out: Output;
  readonly config: Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Opens the product once; it is closed when the command is through. */
  open(): Promise<OpenedPlatform & { readonly platform: Platform }>;
  /** Everything on standard input, without the line break at its end. */
  readInput(): Promise<string>;
  /** Asks before something that cannot be undone; `--yes` answers. */
  confirm(question: string): Promise<boolean>;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Lets the process go behind all others from now on: work of minutes beside those who serve. */
  standBack(): void;
}

export function required(call: Call, option: string): string {
  const value = call.text(option);
  if (value === undefined) throw new UsageError(`--${option} is missing.`);
  return value;
}

/** A whole number within limits, as an option gives it. */
export function wholeOption(call: Call, option: string, least: number, most: number): number {
  const text = required(call, option);
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${option} takes a whole number from ${least} to ${most}, not ${text}.`);
}
