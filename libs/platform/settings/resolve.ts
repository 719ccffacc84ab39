import { isDeepStrictEqual } from 'node:util';
import { object, type TObject } from '#kernel/fields';
import type { Refusal } from '#kernel/refusal';
import type { SettingLevel, SettingValue } from '#event-schemas/platform/settings.events';
import { validate } from '../commands/validation.js';
import { definitionOf, type SettingDefinition, type SettingKey } from './definitions.js';
import { locksOf, valuesOf, type Lock, type SettingsState } from './settings.js';

/** The levels a value is resolved over; one that is left out has set nothing. */
export type LevelStates = Readonly<Partial<Record<SettingLevel, SettingsState>>>;

export interface ResolvedSetting {
  readonly key: SettingKey;
  /** The value in force. */
  readonly value: SettingValue;
  /** Where it comes from. */
  readonly source: SettingLevel | 'default';
  /** The lock that holds, the level it was set at, and the value it holds or recommends. */
  readonly lock: (Lock & { readonly level: SettingLevel; readonly value: SettingValue }) | null;
  /** A level below a soft lock has chosen something else than what is recommended. */
  readonly deviates: boolean;
  /** What each level has set, in force or not. */
  readonly set: Readonly<Partial<Record<SettingLevel, SettingValue>>>;
}

const shapes = new WeakMap<SettingDefinition, TObject>();

/** Why a value is none of the allowed ones; names the field `value`. */
export function valueProblem(
  definition: SettingDefinition,
  value: SettingValue,
): Refusal | undefined {
  let shape = shapes.get(definition);
  if (!shape) shapes.set(definition, (shape = object({ value: definition.schema })));
  const invalid = validate(shape, { value });
  const remedy = `For example ${String(definition.default)}.`;
  return invalid && { ...invalid, details: invalid.details.map((one) => ({ remedy, ...one })) };
}

/**
 * The value in force, from the strongest level to the weakest: each may replace what it inherits
 * until a hard lock ends it. A stored value that is no longer allowed counts as not set.
 */
export function resolveSetting(key: SettingKey, states: LevelStates): ResolvedSetting {
  const definition = definitionOf(key);
  const set: Partial<Record<SettingLevel, SettingValue>> = {};
  let value: SettingValue = definition.default;
  let source: ResolvedSetting['source'] = 'default';
  let lock: ResolvedSetting['lock'] = null;
  for (const level of definition.levels) {
    const state = states[level] ?? { status: 'absent' };
    const own = valuesOf(state)[key];
    if (own !== undefined && !valueProblem(definition, own)) {
      set[level] = own;
      if (lock?.lock !== 'hard') [value, source] = [own, level];
    }
    const locked = locksOf(state)[key];
    if (locked && lock?.lock !== 'hard') lock = { ...locked, level, value };
  }
  const deviates = lock?.lock === 'soft' && !isDeepStrictEqual(value, lock.value);
  return { key, value, source, lock, deviates, set };
}
