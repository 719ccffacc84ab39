import { choice, flag, integer, type Static, type TSchema } from '#kernel/fields';
import type { SettingLevel, SettingValue } from '#event-schemas/platform/settings.events';
import { MIN_PASSWORD } from '../auth/password.js';

/** One setting: what it may be, and who may set it where. */
export interface SettingDefinition<Schema extends TSchema = TSchema> {
  /** Heading it stands under: `Appearance`. */
  readonly group: string;
  readonly title: string;
  /** One sentence for people. */
  readonly description: string;
  /** The allowed values as JSON Schema. */
  readonly schema: Schema;
  readonly default: Static<Schema> & SettingValue;
  /** Where it can be set, the strongest first. */
  readonly levels: readonly SettingLevel[];
  /** Needed beside `settings:update` to set it for the workspace. */
  readonly permission?: string;
}

const define = <Schema extends TSchema>(definition: SettingDefinition<Schema>) => definition;

const everywhere = ['platform', 'tenant', 'user', 'session'] as const;
const people = ['platform', 'tenant', 'user'] as const;
const organisations = ['platform', 'tenant'] as const;

/** Every setting that is inherited from level to level, by its key. */
export const settingDefinitions = {
  'appearance.theme': define({
    group: 'Appearance',
    title: 'Theme',
    description: 'Light, dark, or as the device is set.',
    schema: choice(['system', 'light', 'dark']),
    default: 'system',
    levels: everywhere,
  }),
  'appearance.density': define({
    group: 'Appearance',
    title: 'Density of lists',
    description: 'How much room the rows of lists take.',
    schema: choice(['dense', 'comfortable']),
    default: 'dense',
    levels: everywhere,
  }),
  'notifications.assigned': define({
    group: 'Notifications',
    title: 'Assigned work',
    description: 'Notify people when somebody else gives them a task or a deal.',
    schema: flag(),
    default: true,
    levels: people,
  }),
  'security.passwordMinLength': define({
    group: 'Security',
    title: 'Shortest password',
    description: 'Characters a new password has at least.',
    schema: integer(MIN_PASSWORD, 64),
    default: MIN_PASSWORD,
    levels: organisations,
    permission: 'tenant:update',
  }),
} as const;

export type SettingKey = keyof typeof settingDefinitions;
export type SettingOf<Key extends SettingKey> = Static<(typeof settingDefinitions)[Key]['schema']>;

export const settingKeys = Object.keys(settingDefinitions) as readonly SettingKey[];

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(settingDefinitions, key);
}

/** The definition without its own types, for what is the same for all. */
export function definitionOf(key: SettingKey): SettingDefinition {
  return settingDefinitions[key] as unknown as SettingDefinition;
}
