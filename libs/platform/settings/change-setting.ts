import { isDeepStrictEqual } from 'node:util';
import {
  commandList,
  defineCommand,
  ofPlatform,
  stateOf,
  type Decision,
  type FactCaller,
  type FactRequest,
  type Warning,
} from '#kernel/command';
import { choice, nullable, object, optional, text, type Static } from '#kernel/fields';
import { PLATFORM_TENANT } from '#kernel/ids';
import { refuseWith, type Refusal } from '#kernel/refusal';
import {
  settingLevels,
  settingLocks,
  settingValue,
  type SettingEvent,
  type SettingLevel,
} from '#event-schemas/platform/settings.events';
import { definitionOf, isSettingKey, settingKeys, type SettingKey } from './definitions.js';
import { resolveSetting, valueProblem, type LevelStates, type ResolvedSetting } from './resolve.js';
import { locksOf, settings, valuesOf, type SettingsState } from './settings.js';

/** Input of the commands at every level. */
export const settingChange = object({
  key: text(100, { description: 'Name of the setting.', examples: ['appearance.theme'] }),
  value: optional(nullable(settingValue)),
  lock: optional(
    choice(['none', ...settingLocks], {
      description: 'hard: levels below cannot change it; soft: they are told it is recommended.',
    }),
  ),
  lockMessage: optional(nullable(text(200, { description: 'Why it is locked.' }))),
});
export type SettingChange = Static<typeof settingChange>;

const refuse = refuseWith({
  NOT_FOUND: { category: 'missing', message: 'These settings are somebody else’s.' },
  UNKNOWN_SETTING: { category: 'missing', message: 'There is no such setting.' },
  LEVEL_NOT_ALLOWED: { category: 'rule', message: 'The setting cannot be set at this level.' },
  LOCK_NOT_ALLOWED: { category: 'rule', message: 'The setting cannot be locked at this level.' },
  SETTING_LOCKED: { category: 'rule', message: 'The setting is locked.' },
});

/** What a level is called in a sentence. */
export const levelNames: Readonly<Record<SettingLevel | 'default', string>> = {
  platform: 'the platform',
  tenant: 'the workspace',
  user: 'yourself',
  session: 'this session',
  default: 'the product',
};

const above = (level: SettingLevel) => settingLevels.slice(0, settingLevels.indexOf(level));

/** The refusal for a setting that is none, or that this level has no say in. */
function placeProblem(level: SettingLevel, { key, lock }: SettingChange): Refusal | undefined {
  if (!isSettingKey(key)) {
    return refuse('UNKNOWN_SETTING', {
      field: 'key',
      rule: 'known',
      message: `There is no setting ${key}.`,
      remedy: `Use one of ${settingKeys.join(', ')}.`,
      value: key,
    });
  }
  const { levels } = definitionOf(key);
  if (!levels.includes(level)) {
    return refuse('LEVEL_NOT_ALLOWED', {
      field: 'level',
      rule: 'level',
      message: `${key} cannot be set for ${levelNames[level]}.`,
      remedy: `Set it at ${levels.join(' or ')}.`,
      value: level,
    });
  }
  const hasOthersBelow = (level === 'platform' || level === 'tenant') && levels.at(-1) !== level;
  if (lock === undefined || hasOthersBelow) return undefined;
  return refuse('LOCK_NOT_ALLOWED', {
    field: 'lock',
    rule: 'level',
    message: `${key} cannot be locked for ${levelNames[level]}: nobody else is below.`,
    remedy: 'Leave lock out.',
    value: lock,
  });
}

function lockedBy({ key, lock }: ResolvedSetting): Refusal {
  const { level, message } = lock!;
  return refuse('SETTING_LOCKED', {
    field: 'key',
    rule: 'hard_lock',
    message: `${key} is locked by ${levelNames[level]}${message ? `: ${message}` : '.'}`,
    remedy:
      level === 'platform'
        ? 'Ask whoever operates the platform.'
        : 'Ask an administrator of the workspace to unlock it.',
  });
}

/** The events that turn what a level has into what was asked for. */
function eventsOf(
  about: SettingEvent['data'],
  { value, lock, lockMessage }: SettingChange,
  state: SettingsState,
): SettingEvent[] {
  const { key } = about;
  const before = { value: valuesOf(state)[key], lock: locksOf(state)[key] };
  const events: SettingEvent[] = [];
  if (value === null && before.value !== undefined) {
    events.push({ type: 'SettingReset', data: about });
  }
  if (value !== undefined && value !== null && !isDeepStrictEqual(value, before.value)) {
    events.push({ type: 'SettingChanged', data: { ...about, value } } as SettingEvent);
  }
  if (lock === 'none' && before.lock) events.push({ type: 'SettingUnlocked', data: about });
  if (lock === 'soft' || lock === 'hard') {
    const next = { lock, message: lockMessage ?? null };
    if (!isDeepStrictEqual(next, before.lock)) {
      events.push({ type: 'SettingLocked', data: { ...about, ...next } });
    }
  }
  return events;
}

/** Says what is recommended to whoever chooses something else beneath a soft lock. */
function warningsOf({ key, lock }: ResolvedSetting, chosen: unknown): Warning[] {
  if (lock?.lock !== 'soft' || chosen === null || isDeepStrictEqual(chosen, lock.value)) return [];
  const why = lock.message ? `: ${lock.message}` : '.';
  const message = `For ${key} ${levelNames[lock.level]} recommends ${String(lock.value)}${why}`;
  return [{ code: 'SETTING_RECOMMENDED', message }];
}

interface LevelOptions {
  readonly name: string;
  readonly description: string;
  readonly permission: string;
  /** Whether the caller's settings at this level are those of the id. */
  owns(caller: FactCaller): boolean;
}

function changeAt(level: SettingLevel, { owns, ...options }: LevelOptions) {
  const isPersonal = level === 'user' || level === 'session';
  return defineCommand({
    ...options,
    aggregate: settings,
    internal: true,
    rest: { method: 'PUT', path: `/settings/${level}` },
    input: settingChange,
    facts: (_command, _state, { tenantId, actor }) => {
      const states: Record<SettingLevel, FactRequest<SettingsState>> = {
        platform: ofPlatform(stateOf(settings, PLATFORM_TENANT)),
        tenant: stateOf(settings, tenantId),
        user: stateOf(settings, actor.id),
        session: stateOf(settings, actor.id),
      };
      return Object.fromEntries(above(level).map((name) => [name, states[name]]));
    },
    decide(command, state, ctx): Decision<SettingEvent> {
      const foreign = state.status === 'active' && isPersonal && state.userId !== ctx.actor.id;
      if (!owns(ctx) || foreign) return refuse('NOT_FOUND');
      const misplaced = placeProblem(level, command);
      if (misplaced) return misplaced;
      const key = command.key as SettingKey;
      const value = command.value ?? null;
      const invalid = value === null ? undefined : valueProblem(definitionOf(key), value);
      if (invalid) return invalid;
      const inherited = resolveSetting(key, ctx.facts as LevelStates);
      // Taking back what is beneath a lock does nobody any harm.
      const adds = value !== null || command.lock === 'soft' || command.lock === 'hard';
      if (inherited.lock?.lock === 'hard' && adds) return lockedBy(inherited);
      const userId = isPersonal ? ctx.actor.id : null;
      const events = eventsOf({ holderId: ctx.id, level, userId, key }, command, state);
      return { events, warnings: warningsOf(inherited, value) };
    },
    inverse: {
      undoneBy: options.name,
      // Only what the command did change, so that nobody's later change is overwritten.
      input: ({ command, before }) => {
        const key = command.key as SettingKey;
        const locked = locksOf(before)[key];
        const done = eventsOf({ holderId: '', level, userId: null, key }, command, before);
        const did = (...types: readonly string[]) => done.some(({ type }) => types.includes(type));
        return {
          key,
          ...(did('SettingChanged', 'SettingReset')
            ? { value: valuesOf(before)[key] ?? null }
            : {}),
          ...(did('SettingLocked', 'SettingUnlocked')
            ? { lock: locked?.lock ?? 'none', lockMessage: locked?.message ?? null }
            : {}),
        };
      },
    },
  });
}

/** The command that changes a setting at each level. */
export const changeSettingAt = {
  platform: changeAt('platform', {
    name: 'ChangePlatformSetting',
    description: 'Sets, resets or locks a setting for all workspaces.',
    permission: 'platformSettings:update',
    owns: ({ tenantId, id }) => tenantId === PLATFORM_TENANT && id === PLATFORM_TENANT,
  }),
  tenant: changeAt('tenant', {
    name: 'ChangeTenantSetting',
    description: 'Sets, resets or locks a setting for the workspace.',
    permission: 'settings:update',
    owns: ({ tenantId, id }) => id === tenantId && id !== PLATFORM_TENANT,
  }),
  user: changeAt('user', {
    name: 'ChangeUserSetting',
    description: 'Sets or resets a setting for oneself.',
    permission: 'preferences:update',
    owns: ({ actor, id }) => id === actor.id,
  }),
  session: changeAt('session', {
    name: 'ChangeSessionSetting',
    description: 'Sets or resets a setting until one signs out.',
    permission: 'preferences:update',
    owns: ({ tenantId, actor, id }) => id !== tenantId && id !== actor.id,
  }),
} as const satisfies Record<SettingLevel, unknown>;

export const settingCommands = commandList(...Object.values(changeSettingAt));
