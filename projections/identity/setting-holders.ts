import {
  settingLevels,
  type SettingEvent,
  type SettingValue,
} from '#event-schemas/platform/settings.events';
import { choice, nullable, text, Type, uuid } from '#kernel/fields';
import { readModel } from '#kernel/read-model';

type ByKey = Readonly<Record<string, unknown>>;

const titles = {
  platform: 'Settings of the platform',
  tenant: 'Settings of the workspace',
  user: 'Own settings',
  session: 'Settings of a session',
} as const;

const without = (all: ByKey, key: string) =>
  Object.fromEntries(Object.entries(all).filter(([name]) => name !== key));

/** What a workspace, its people and their sessions have set: for timelines and lists of the past. */
export const settingHolders = readModel<SettingEvent>({
  name: 'settingHolders',
  record: 'setting_holder',
  category: 'setting_holder',
  version: 1,
  description: 'What a workspace, a person or a session has set and locked.',
  fields: {
    title: text(100, { description: 'Whose settings these are.' }),
    level: choice(settingLevels, { description: 'Where in the order of inheritance they stand.' }),
    userId: nullable(uuid({ description: 'The person whose own they are.' })),
    values: Type.Unknown({ description: 'Values by the key of the setting.' }),
    locks: Type.Unknown({ description: 'Locks by the key of the setting.' }),
  },
  filterable: ['level', 'userId'],
  sortable: ['title'],
  searchable: [],
  references: { userId: 'users' },
  owner: 'userId',
  label: 'title',
  evolve(row, { type, data }) {
    const { level, userId, key } = data;
    const values = (row?.['values'] ?? {}) as Readonly<Record<string, SettingValue>>;
    const locks = (row?.['locks'] ?? {}) as ByKey;
    const next = { title: titles[level], level, userId, values, locks };
    switch (type) {
      case 'SettingChanged':
        return { ...next, values: { ...values, [key]: data.value } };
      case 'SettingReset':
        return { ...next, values: without(values, key) };
      case 'SettingLocked':
        return {
          ...next,
          locks: { ...locks, [key]: { lock: data.lock, message: data.message } },
        };
      case 'SettingUnlocked':
        return { ...next, locks: without(locks, key) };
    }
  },
});
