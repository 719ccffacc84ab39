import { isRefusal } from '#kernel/refusal';
import type { SettingChange } from '#platform/settings/change-setting';
import { changeSettingFor, historyFor, settingsOf, type OwnLevel } from '../rest/settings.js';
import type { GraphqlContext } from './context.js';
import { orThrow } from './errors.js';
import { instants } from './list-arguments.js';
import type { SchemaPart } from './resolvers.js';

const sdl = `
"Where a setting is set, the strongest first."
enum SettingLevel { platform tenant user session }
enum SettingSource { default platform tenant user session }
enum OwnSettingLevel { tenant user session }
"hard: levels below cannot change it; soft: they are told it is recommended."
enum SettingLockKind { soft hard }
enum SettingLockChange { none soft hard }
enum SettingAction { changed reset locked unlocked }
type SettingLock {
  lock: SettingLockKind!
  "Why, for those below."
  message: String
  level: SettingLevel!
  "What it holds or recommends."
  value: JSON!
}
"A setting as it holds for the caller."
type Setting {
  key: String!
  group: String!
  title: String!
  description: String!
  "The allowed values as JSON Schema."
  allowed: JSON!
  default: JSON!
  value: JSON!
  "Where the value comes from."
  source: SettingSource!
  lock: SettingLock
  "Something else than a soft lock recommends."
  deviates: Boolean!
  "What each level has set, in force or not."
  set: JSON!
  levels: [SettingLevel!]!
  "Levels at which the caller may change it."
  changeable: [SettingLevel!]!
}
type SettingHistoryEntry {
  key: String!
  level: SettingLevel!
  action: SettingAction!
  value: JSON
  lock: SettingLockKind
  message: String
  actorId: String!
  at: DateTime!
}
type ChangedSetting {
  setting: Setting!
  warnings: [Warning!]!
  position: String!
}
union ChangeSettingResult = ChangedSetting | Refused
extend type Query {
  "Settings as they hold for the caller, all or those named, now or in the past."
  settings(keys: [String!], asOf: String): [Setting!]!
  "What was done to settings at a level, the newest first."
  settingHistory(level: SettingLevel!, key: String): [SettingHistoryEntry!]!
}
extend type Mutation {
  "Sets, resets (null) or locks a setting for the workspace, oneself or this session."
  changeSetting(
    level: OwnSettingLevel!
    key: String!
    value: JSON
    lock: SettingLockChange
    lockMessage: String
  ): ChangeSettingResult!
}
`;

interface ReadArguments {
  readonly keys?: readonly string[] | null;
  readonly asOf?: string | null;
}
interface HistoryArguments {
  readonly level: string;
  readonly key?: string | null;
}
interface ChangeArguments extends Omit<SettingChange, 'lock'> {
  readonly level: OwnLevel;
  readonly lock?: SettingChange['lock'] | null;
}

async function settings(_: unknown, { keys, asOf }: ReadArguments, context: GraphqlContext) {
  const { platform, caller } = context;
  const { asOf: at } = instants({ asOf: asOf ?? null }, caller.timeZone);
  const found = await settingsOf(platform, caller, { keys: keys ?? undefined, at });
  return isRefusal(found) ? orThrow(found) : found;
}

async function settingHistory(
  _: unknown,
  { level, key }: HistoryArguments,
  { platform, caller }: GraphqlContext,
) {
  const found = await historyFor(platform, caller, level, key ?? undefined);
  if (isRefusal(found)) return orThrow(found);
  return found.map(({ actor, ...entry }) => ({ ...entry, actorId: actor.id }));
}

async function changeSetting(
  _: unknown,
  { level, lock, ...given }: ChangeArguments,
  { platform, caller }: GraphqlContext,
) {
  // Here null says the same as leaving it out.
  const change: SettingChange = { ...given, ...(lock ? { lock } : {}) };
  const done = await changeSettingFor(platform, caller, level, change);
  if (isRefusal(done)) return { ...done, __typename: 'Refused' };
  const { setting, position } = done;
  const warnings = done.warnings.map((one) => ({ ...one, records: one.records ?? [] }));
  return { setting, warnings, position, __typename: 'ChangedSetting' };
}

/** What is inherited from the platform by workspaces, people and sessions. */
export function settingsPart(): SchemaPart {
  return {
    sdl,
    resolvers: { Query: { settings, settingHistory }, Mutation: { changeSetting } },
  };
}
