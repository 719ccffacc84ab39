import { defineEvent, type EventsOf } from '#kernel/event';
import { choice, flag, integer, list, nullable, object, text, Type, uuid } from '#kernel/fields';

/** Where a value can be set, the strongest first: each inherits from those before it. */
export const settingLevels = ['platform', 'tenant', 'user', 'session'] as const;
export type SettingLevel = (typeof settingLevels)[number];

/** `hard`: nothing below counts; `soft`: what is set here is recommended to those below. */
export const settingLocks = ['soft', 'hard'] as const;
export type SettingLock = (typeof settingLocks)[number];

/** What a setting may be, whatever its own definition narrows it to. */
export const settingValue = Type.Union(
  [
    Type.String({ maxLength: 2000 }),
    integer(-2_147_483_648, 2_147_483_647),
    flag(),
    list(text(200), 100),
  ],
  { description: 'Text, a whole number, true or false, or a list of texts.' },
);
export type SettingValue = string | number | boolean | readonly string[];

const SAMPLE_ID = '01890a5d-ac96-774b-bcce-b302099a8000';
const about = {
  holderId: uuid({ description: 'The platform, workspace, person or session that has it.' }),
  level: choice(settingLevels),
  userId: nullable(uuid({ description: 'The person, at the levels that are somebody’s own.' })),
  key: text(100, { description: 'Name of the setting.', examples: ['appearance.theme'] }),
};
const sample = { holderId: SAMPLE_ID, level: 'tenant', userId: null, key: 'appearance.theme' };

export const settingEventTable = {
  changed: defineEvent({
    type: 'SettingChanged',
    action: 'setting_changed',
    schema: object({ ...about, value: settingValue }),
    samples: { 1: { ...sample, value: 'dark' } },
  }),
  reset: defineEvent({
    type: 'SettingReset',
    action: 'setting_reset',
    schema: object(about),
    samples: { 1: sample },
  }),
  locked: defineEvent({
    type: 'SettingLocked',
    action: 'setting_locked',
    schema: object({
      ...about,
      lock: choice(settingLocks),
      message: nullable(text(200, { description: 'Why, for those below.' })),
    }),
    samples: { 1: { ...sample, lock: 'hard', message: 'Company policy' } },
  }),
  unlocked: defineEvent({
    type: 'SettingUnlocked',
    action: 'setting_unlocked',
    schema: object(about),
    samples: { 1: sample },
  }),
} as const;

export type SettingEvent = EventsOf<typeof settingEventTable>;
export const settingEvents = Object.values(settingEventTable);
