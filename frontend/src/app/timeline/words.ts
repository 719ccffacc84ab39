import type { IconName } from '../../ui/icons';
import type { Entry } from './timeline-store';

interface Words {
  readonly verb: string;
  readonly icon: IconName;
}

const table: Readonly<Record<string, Words>> = {
  created: { verb: 'created', icon: 'plus' },
  updated: { verb: 'changed', icon: 'edit' },
  archived: { verb: 'archived', icon: 'archive' },
  restored: { verb: 'restored', icon: 'restore' },
  deleted: { verb: 'deleted', icon: 'trash' },
  tagged: { verb: 'changed the tags of', icon: 'tag' },
  assigned: { verb: 'gave a new owner to', icon: 'user' },
  shared: { verb: 'shared', icon: 'team' },
  unshared: { verb: 'stopped sharing', icon: 'team' },
  moved: { verb: 'moved', icon: 'right' },
  stage_changed: { verb: 'changed a stage of', icon: 'edit' },
  stage_added: { verb: 'added a stage to', icon: 'plus' },
  stage_removed: { verb: 'removed a stage of', icon: 'trash' },
  stages_reordered: { verb: 'put the stages in another order in', icon: 'board' },
  won: { verb: 'won', icon: 'trophy' },
  lost: { verb: 'lost', icon: 'lost' },
  reopened: { verb: 'reopened', icon: 'restore' },
  started: { verb: 'started', icon: 'play' },
  completed: { verb: 'completed', icon: 'check' },
  cancelled: { verb: 'cancelled', icon: 'close' },
  pinned: { verb: 'pinned', icon: 'pin' },
  unpinned: { verb: 'unpinned', icon: 'pin' },
  line_item_added: { verb: 'added a line item to', icon: 'plus' },
  line_item_changed: { verb: 'changed a line item of', icon: 'edit' },
  line_item_removed: { verb: 'removed a line item of', icon: 'trash' },
  member_added: { verb: 'added a member to', icon: 'team' },
  member_removed: { verb: 'removed a member of', icon: 'team' },
  manager_changed: { verb: 'changed who leads', icon: 'team' },
  role_changed: { verb: 'changed the role of', icon: 'lock' },
  activated: { verb: 'activated', icon: 'check' },
  deactivated: { verb: 'deactivated', icon: 'lock' },
  suspended: { verb: 'suspended', icon: 'lock' },
  deletion_scheduled: { verb: 'scheduled the deletion of', icon: 'trash' },
  deletion_cancelled: { verb: 'kept', icon: 'restore' },
  exported: { verb: 'exported', icon: 'download' },
  reactivated: { verb: 'reactivated', icon: 'restore' },
  signed_in: { verb: 'signed in', icon: 'exit' },
  signed_out: { verb: 'signed out', icon: 'exit' },
  sign_in_failed: { verb: 'failed to sign in', icon: 'warn' },
  password_changed: { verb: 'changed the password', icon: 'lock' },
  factor_added: { verb: 'added a second factor to', icon: 'lock' },
  factor_removed: { verb: 'removed a second factor of', icon: 'lock' },
  factors_reset: { verb: 'reset the second factors of', icon: 'lock' },
  factor_proved: { verb: 'gave the second factor', icon: 'check' },
  factor_refused: { verb: 'gave a wrong second factor', icon: 'warn' },
  recovery_codes_issued: { verb: 'made new recovery codes', icon: 'lock' },
  api_key_made: { verb: 'made an API key for', icon: 'lock' },
  api_key_rotated: { verb: 'replaced an API key of', icon: 'lock' },
  api_key_revoked: { verb: 'revoked an API key of', icon: 'lock' },
  setting_changed: { verb: 'changed a setting in', icon: 'settings' },
  setting_reset: { verb: 'took back a setting in', icon: 'settings' },
  setting_locked: { verb: 'locked a setting in', icon: 'lock' },
  setting_unlocked: { verb: 'unlocked a setting in', icon: 'lock' },
  directory_changed: { verb: 'changed what the directory says of', icon: 'link' },
  directory_removed: { verb: 'took out of the directory', icon: 'lock' },
  token_made: { verb: 'made a token for', icon: 'lock' },
  token_revoked: { verb: 'revoked the token of', icon: 'lock' },
  mfa_policy_changed: { verb: 'changed who needs a second factor in', icon: 'lock' },
};

/** Actions that say everything without naming the record once more. */
const alone = new Set([
  'signed_in',
  'signed_out',
  'sign_in_failed',
  'password_changed',
  'factor_proved',
  'factor_refused',
  'recovery_codes_issued',
]);

const logged: Readonly<Record<string, IconName>> = {
  call: 'phone',
  meeting: 'calendar',
  email: 'mail',
};

/** What kind of activity was logged, as `call`; undefined for everything else. */
export function loggedKind({ action, recordType, changes }: Entry): string | undefined {
  if (action !== 'created' || recordType !== 'activity') return undefined;
  return String(changes.find(({ field }) => field === 'activityType')?.to ?? 'other');
}

export function wordsOf(entry: Entry): Words {
  const kind = loggedKind(entry);
  if (kind) return { verb: 'logged', icon: logged[kind] ?? 'history' };
  const { action } = entry;
  return table[action] ?? { verb: action.replaceAll('_', ' '), icon: 'history' };
}
export function namesRecord({ action }: Entry): boolean {
  return !alone.has(action);
}
export function actorOf({ actor, recordLabel, action }: Entry): string {
  if (alone.has(action) && recordLabel) return recordLabel;
  if (actor.user) return actor.user.label;
  if (actor.id.startsWith('scim:')) return 'The directory';
  const name = actor.id.replaceAll('-', ' ');
  return actor.type === 'user' ? 'Somebody' : name[0]!.toUpperCase() + name.slice(1);
}
/** Every action that can be asked for, with its words. */
export const actions = Object.entries(table).map(([value, { verb }]) => ({
  value,
  label: verb.replace(/ (of|to|in|from)$/, ''),
}));
