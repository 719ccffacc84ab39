import { fold, streamId } from '#kernel/aggregate';
import { PLATFORM_TENANT } from '#kernel/ids';
import type { RecordedEvent } from '#kernel/event';
import {
  settingLevels,
  type SettingEvent,
  type SettingLevel,
} from '#event-schemas/platform/settings.events';
import type { Platform } from '../platform.js';
import { settingKeys, type SettingKey, type SettingOf } from './definitions.js';
import { resolveSetting, type LevelStates, type ResolvedSetting } from './resolve.js';
import { settings, type SettingsState } from './settings.js';

/** For whom settings are resolved: with a person left out, for the workspace as a whole. */
export interface SettingsPlace {
  readonly tenantId: string;
  readonly userId?: string;
  readonly sessionId?: string;
}

/** Whose settings a level holds at a place: the tenant and the id of the stream. */
export function holderOf(
  level: SettingLevel,
  { tenantId, userId, sessionId }: SettingsPlace,
): { readonly tenantId: string; readonly id: string } | undefined {
  const id = { platform: PLATFORM_TENANT, tenant: tenantId, user: userId, session: sessionId }[
    level
  ];
  return id ? { tenantId: level === 'platform' ? PLATFORM_TENANT : tenantId, id } : undefined;
}

type Parts = Pick<Platform, 'store' | 'codec'>;
type SettingRecorded = RecordedEvent<SettingEvent>;

/** What was set at a level, oldest first. */
async function eventsAt(
  { store, codec }: Parts,
  level: SettingLevel,
  place: SettingsPlace,
): Promise<readonly SettingRecorded[]> {
  const holder = holderOf(level, place);
  if (!holder) return [];
  const { events } = await store.load(holder.tenantId, streamId(settings.category, holder.id));
  return (await codec.decode(events)) as unknown as readonly SettingRecorded[];
}

/** The state of every level, now or as it was at an instant. */
async function statesOf(parts: Parts, place: SettingsPlace, asOf?: Date): Promise<LevelStates> {
  const states = await Promise.all(
    settingLevels.map(async (level): Promise<[SettingLevel, SettingsState]> => {
      const events = await eventsAt(parts, level, place);
      const past = asOf ? events.filter(({ occurredAt }) => occurredAt <= asOf) : events;
      return [level, fold(settings, past as unknown as readonly SettingEvent[])];
    }),
  );
  return Object.fromEntries(states);
}

/** Every setting as it holds at a place, straight from the log, now or at an instant. */
export async function resolveSettings(
  parts: Parts,
  place: SettingsPlace,
  { keys = settingKeys, asOf }: { keys?: readonly SettingKey[]; asOf?: Date } = {},
): Promise<readonly ResolvedSetting[]> {
  const states = await statesOf(parts, place, asOf);
  return keys.map((key) => resolveSetting(key, states));
}

/** The value of one setting at a place. */
export async function settingAt<Key extends SettingKey>(
  parts: Parts,
  key: Key,
  place: SettingsPlace,
): Promise<SettingOf<Key>> {
  const [found] = await resolveSettings(parts, place, { keys: [key] });
  return found!.value as SettingOf<Key>;
}

/** One change of a setting: what was done, by whom and when. */
export interface SettingHistoryEntry {
  readonly key: string;
  readonly level: SettingLevel;
  readonly action: 'changed' | 'reset' | 'locked' | 'unlocked';
  readonly value: unknown;
  readonly lock: string | null;
  readonly message: string | null;
  readonly actor: { readonly type: string; readonly id: string };
  readonly at: string;
}

const words = {
  SettingChanged: 'changed',
  SettingReset: 'reset',
  SettingLocked: 'locked',
  SettingUnlocked: 'unlocked',
} as const;

/** What was done to settings at a level, the newest first. */
export async function settingHistory(
  parts: Parts,
  level: SettingLevel,
  place: SettingsPlace,
  key?: string,
): Promise<readonly SettingHistoryEntry[]> {
  const events = await eventsAt(parts, level, place);
  return events
    .filter(({ data }) => key === undefined || data.key === key)
    .map(({ type, data, meta, occurredAt }) => ({
      key: data.key,
      level: data.level,
      action: words[type],
      value: 'value' in data ? data.value : null,
      lock: 'lock' in data ? data.lock : null,
      message: 'message' in data ? data.message : null,
      actor: meta.actor,
      at: occurredAt.toISOString(),
    }))
    .reverse();
}
