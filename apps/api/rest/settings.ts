import type { Accepted } from '#kernel/command';
import { scopeOf } from '#kernel/context';
import type { Row } from '#kernel/read-model';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import {
  settingLevels,
  settingLocks,
  type SettingLevel,
} from '#event-schemas/platform/settings.events';
import type { DispatchOptions } from '#platform/commands/dispatcher';
import type { Platform } from '#platform/platform';
import {
  changeSettingAt,
  settingChange,
  type SettingChange,
} from '#platform/settings/change-setting';
import {
  definitionOf,
  isSettingKey,
  settingKeys,
  type SettingKey,
} from '#platform/settings/definitions';
import type { ResolvedSetting } from '#platform/settings/resolve';
import {
  holderOf,
  resolveSettings,
  settingHistory,
  type SettingHistoryEntry,
  type SettingsPlace,
} from '#platform/settings/settings-reader';
import type { GraphqlCaller } from '../graphql/context.js';
import { forbidden, type Answer, type Call, type Endpoint } from './endpoint.js';
import { writeHeaders } from './headers.js';
import { asOf, momentOf } from './parameters.js';
import { instant, listOf, maybe, objectOf, plain, text } from './schemas.js';
import type { Services } from './services.js';
import { inputOf, optionsOf } from './writes.js';

/** Levels people reach over the API; those of the platform are an operator's. */
export const ownLevels = ['tenant', 'user', 'session'] as const;
export type OwnLevel = (typeof ownLevels)[number];
type SettingsCaller = Pick<GraphqlCaller, 'tenantId' | 'actor' | 'grants'> & {
  readonly sessionId?: string;
};

function placeOf({ tenantId, actor, sessionId }: SettingsCaller): SettingsPlace {
  return { tenantId, userId: actor.id, ...(sessionId ? { sessionId } : {}) };
}

const invalid = (field: string, rule: string, message: string, remedy: string): Refusal =>
  refusal('VALIDATION_ERROR', 'shape', message, [{ field, rule, message, remedy }]);

/** A setting with its definition, as APIs show it. */
function shown(caller: SettingsCaller, resolved: ResolvedSetting) {
  const { group, title, description, schema, levels, permission, ...rest } = definitionOf(
    resolved.key,
  );
  const locked = levels.indexOf(resolved.lock?.lock === 'hard' ? resolved.lock.level : 'session');
  const may = (level: SettingLevel) =>
    level !== 'platform' &&
    scopeOf(caller.grants, changeSettingAt[level].permission) !== undefined &&
    (level !== 'tenant' || !permission || scopeOf(caller.grants, permission) !== undefined);
  return {
    ...resolved,
    group,
    title,
    description,
    allowed: plain(schema),
    default: rest.default,
    levels,
    /** Levels at which the caller may change it now: permitted, and above any hard lock. */
    changeable: levels.filter((level, place) => may(level) && (locked === -1 || place <= locked)),
  };
}
export type ShownSetting = ReturnType<typeof shown>;

/** Settings as they hold for the caller, all of them or those named, now or in the past. */
export async function settingsOf(
  platform: Platform,
  caller: SettingsCaller,
  { keys, at }: { keys?: readonly string[] | undefined; at?: Date | undefined },
): Promise<readonly ShownSetting[] | Refusal> {
  const unknown = keys?.find((key) => !isSettingKey(key));
  if (unknown !== undefined) {
    const remedy = `Use ${settingKeys.join(', ')}.`;
    return invalid('key', 'known', `There is no setting ${unknown || '(empty)'}.`, remedy);
  }
  const found = await resolveSettings(platform, placeOf(caller), {
    ...(keys ? { keys: keys as readonly SettingKey[] } : {}),
    ...(at ? { asOf: at } : {}),
  });
  return found.map((one) => shown(caller, one));
}

/** What was done to settings at a level, for those who may know. */
export async function historyFor(
  platform: Platform,
  caller: SettingsCaller,
  level: unknown,
  key?: string,
): Promise<readonly SettingHistoryEntry[] | Refusal> {
  if (!settingLevels.includes(level as SettingLevel)) {
    const remedy = `Use ${settingLevels.join(', ')}.`;
    return invalid('level', 'enum', 'level is none of the levels.', remedy);
  }
  const shared = level === 'platform' || level === 'tenant';
  if (shared && !scopeOf(caller.grants, 'settings:read')) return forbidden('settings:read');
  const found = await settingHistory(platform, level as SettingLevel, placeOf(caller), key);
  // Which of the operator's people it was is no matter of workspaces.
  return level === 'platform' ? found.map((one) => ({ ...one, actor: OPERATOR })) : found;
}
const OPERATOR = { type: 'system', id: 'operator' } as const;

/** A setting as it holds after a change that was accepted. */
type ChangedSetting = Pick<Accepted, 'position' | 'revision' | 'warnings'> & {
  readonly setting: ShownSetting;
};

/** Changes a setting at a level, under the rights of the level and of the setting itself. */
export async function changeSettingFor(
  platform: Platform,
  caller: GraphqlCaller,
  level: OwnLevel,
  change: SettingChange,
  options: DispatchOptions = {},
): Promise<ChangedSetting | Refusal> {
  const command = changeSettingAt[level];
  const needed = isSettingKey(change.key) ? definitionOf(change.key).permission : undefined;
  if (level === 'tenant' && needed && !scopeOf(caller.grants, needed)) return forbidden(needed);
  const id = holderOf(level, placeOf(caller))?.id;
  if (!id) return forbidden(command.permission);
  const done = await platform.dispatch(command.name, change, caller, { ...options, id });
  if (isRefusal(done)) return done as Refusal;
  const { position, revision, warnings } = done as Accepted;
  const [setting] = (await settingsOf(platform, caller, {
    keys: [change.key],
  })) as readonly [ShownSetting];
  return { setting, position, revision, warnings };
}

async function change(
  { platform }: Services,
  level: OwnLevel,
  call: Call,
  given: unknown,
): Promise<Answer | Refusal> {
  const input = inputOf(given, { key: call.params['key']! });
  if (isRefusal(input)) return input;
  const options = optionsOf(call, `PUT /settings/${level}`);
  if (isRefusal(options)) return options;
  const done = await changeSettingFor(
    platform,
    call.caller,
    level,
    input as unknown as SettingChange,
    options as DispatchOptions,
  );
  if (isRefusal(done)) return done;
  const { setting: data, position, ...rest } = done;
  return { data, meta: { position, ...rest }, headers: { 'x-position': position } };
}

const value = { description: 'Text, a whole number, true or false, or a list of texts.' };
const level = { type: 'string', enum: [...settingLevels] };
const lock = objectOf({
  lock: { type: 'string', enum: [...settingLocks] },
  message: maybe(text),
  level,
  value,
});
const setting = objectOf({
  key: text,
  value,
  source: { type: 'string', enum: ['default', ...settingLevels] },
  lock: maybe(lock),
  deviates: { type: 'boolean' },
  set: { type: 'object', description: 'What each level has set, in force or not.' },
  group: text,
  title: text,
  description: text,
  allowed: { type: 'object', description: 'The allowed values as JSON Schema.' },
  default: value,
  levels: listOf(level),
  changeable: listOf(level),
});
const entry = objectOf({
  key: text,
  level,
  action: { type: 'string', enum: ['changed', 'reset', 'locked', 'unlocked'] },
  value,
  lock: maybe(text),
  message: maybe(text),
  actor: objectOf({ type: text, id: text }),
  at: instant,
});
const keyParameter = {
  name: 'key',
  description: 'One setting or several: appearance.theme,appearance.density.',
  schema: text,
};

const words = {
  tenant: ['for the workspace', 'What people and sessions inherit.'],
  user: ['for oneself', 'Holds wherever one signs in.'],
  session: ['for this session', 'Holds until one signs out.'],
} as const;

/** What is inherited from the platform by workspaces, people and sessions. */
export function settingEndpoints(services: Services): Endpoint[] {
  const { platform } = services;
  const read = async ({ query, caller }: Call): Promise<Answer | Refusal> => {
    const at = momentOf('asOf', query['asOf'], caller.timeZone);
    if (isRefusal(at)) return at;
    const keys = query['key'] === undefined ? undefined : String(query['key']).split(',');
    const found = await settingsOf(platform, caller, { keys, at });
    return isRefusal(found) ? found : { data: found };
  };
  const common = { tag: 'settings', access: 'signed-in' } as const;
  const { properties } = plain(settingChange) as { properties: Record<string, Row> };
  const { key: _key, lock: lockField, lockMessage, ...body } = properties;
  return [
    {
      ...common,
      operation: 'resolve_settings',
      method: 'GET',
      path: '/settings/resolve',
      summary: 'Read settings as they hold for the caller',
      description:
        'Each value with the level it comes from, what every level has set, and whether and ' +
        'where it is locked. `asOf` shows what held then.',
      query: [keyParameter, asOf],
      answer: { status: 200, description: 'The settings.', data: listOf(setting) },
      handle: read,
    },
    {
      ...common,
      operation: 'setting_history',
      method: 'GET',
      path: '/settings/history',
      summary: 'Read what was done to settings at a level',
      query: [
        { name: 'level', description: 'Which level.', schema: level, required: true },
        { ...keyParameter, description: 'Of this setting only.' },
      ],
      answer: { status: 200, description: 'The newest first.', data: listOf(entry) },
      refusals: ['403 FORBIDDEN'],
      handle: async ({ query, caller }) => {
        const key = query['key'] === undefined ? undefined : String(query['key']);
        const found = await historyFor(platform, caller, query['level'], key);
        return isRefusal(found) ? (found as Refusal) : { data: found };
      },
    },
    ...ownLevels.flatMap((one): Endpoint[] => {
      const [whose, what] = words[one];
      const shared = {
        tag: 'settings',
        path: `/settings/${one}/:key`,
        access: { permission: changeSettingAt[one].permission },
        headers: writeHeaders,
        answer: { status: 200, description: 'The setting as it holds now.', data: setting },
        refusals: ['404 UNKNOWN_SETTING', '422 SETTING_LOCKED', '422 LEVEL_NOT_ALLOWED'],
      };
      return [
        {
          ...shared,
          operation: `change_setting_of_${one}`,
          method: 'PUT',
          summary: `Set or lock a setting ${whose}`,
          description: `${what} Beneath a soft lock it is accepted with a warning.`,
          body: objectOf(
            one === 'tenant' ? { ...body, lock: lockField!, lockMessage: lockMessage! } : body,
            [],
          ),
          example: one === 'tenant' ? { value: 'dark', lock: 'soft' } : { value: 'dark' },
          handle: (call) => change(services, one, call, call.body),
        },
        {
          ...shared,
          operation: `reset_setting_of_${one}`,
          method: 'DELETE',
          summary: `Take back what was set ${whose}`,
          description: 'The inherited value holds again; a lock stays.',
          handle: (call) => change(services, one, call, { value: null }),
        },
      ];
    }),
  ];
}
