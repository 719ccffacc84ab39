import type { Aggregate } from '#kernel/aggregate';
import {
  settingEvents,
  type SettingEvent,
  type SettingLevel,
  type SettingLock,
  type SettingValue,
} from '#event-schemas/platform/settings.events';

export interface Lock {
  readonly lock: SettingLock;
  /** Why, for those below. */
  readonly message: string | null;
}
type ByKey<Value> = Readonly<Record<string, Value>>;

export type SettingsState =
  | { readonly status: 'absent' }
  | {
      readonly status: 'active';
      readonly level: SettingLevel;
      readonly userId: string | null;
      readonly values: ByKey<SettingValue>;
      readonly locks: ByKey<Lock>;
    };

function without<Value>(all: ByKey<Value>, key: string): ByKey<Value> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => name !== key));
}

/**
 * What the platform, a workspace, a person or a session has set and locked; the id is theirs. What
 * is in force follows from the levels together: see `resolve.ts`.
 */
export const settings: Aggregate<SettingsState, SettingEvent> = {
  category: 'setting_holder',
  stateVersion: 1,
  initial: { status: 'absent' },
  events: settingEvents,
  evolve(state, { type, data }): SettingsState {
    const { level, userId, key } = data;
    const before = state.status === 'absent' ? { values: {}, locks: {} } : state;
    const next = { ...before, status: 'active', level, userId } as const;
    switch (type) {
      case 'SettingChanged':
        return { ...next, values: { ...before.values, [key]: data.value } };
      case 'SettingReset':
        return { ...next, values: without(before.values, key) };
      case 'SettingLocked':
        return {
          ...next,
          locks: { ...before.locks, [key]: { lock: data.lock, message: data.message } },
        };
      case 'SettingUnlocked':
        return { ...next, locks: without(before.locks, key) };
    }
  },
  // Who has set nothing any more is as if they never had.
  status: (state) =>
    Object.keys({ ...valuesOf(state), ...locksOf(state) }).length > 0 ? 'active' : 'absent',
  owner: (state) => (state.status === 'absent' ? null : state.userId),
};

export const valuesOf = (state: SettingsState) => (state.status === 'absent' ? {} : state.values);
export const locksOf = (state: SettingsState) => (state.status === 'absent' ? {} : state.locks);
