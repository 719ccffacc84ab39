import type { Scope } from '#kernel/context';
import { isUuid } from '#kernel/ids';
import type { ReadModel } from '#kernel/read-model';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { shareFor, type Share } from '#kernel/sharing';
import { permissions, reaches } from '#identity/access/grants';
import { withheldBy } from '#identity/tenant/features';
import { tenant, type TenantState } from '#identity/tenant/tenant';
import { user, type UserState } from '#identity/user/user';
import type { Platform } from '#platform/platform';
import { AccessPast, recordAt, type Found } from './access-past.js';

/** What is asked: whether a person may do something, with a record or at all, at an instant. */
export interface AccessQuestion {
  readonly tenantId: string;
  readonly userId: string;
  /** Collection and action: `deals:update`. */
  readonly action: string;
  readonly recordId?: string;
  readonly at: Date;
}

export const accessReasons = [
  'every_record',
  'own_record',
  'team_record',
  'shared_record',
  'some_records',
  'no_permission',
  'not_in_plan',
  'record_of_others',
  'no_such_record',
  'person_not_active',
  'workspace_not_active',
] as const;
export type AccessReason = (typeof accessReasons)[number];

/** Where a permission comes from. */
export interface AccessSource {
  readonly kind: 'system_role' | 'role';
  /** Id of a role of the workspace's own. */
  readonly id: string | null;
  readonly name: string;
  readonly scope: Scope;
}

/** Whether it is allowed, and by what. */
export interface AccessExplanation {
  readonly allowed: boolean;
  readonly reason: AccessReason;
  /** One sentence for people. */
  readonly message: string;
  readonly userId: string;
  readonly action: string;
  readonly at: string;
  /** The widest scope of the permission; null without it. */
  readonly scope: Scope | null;
  readonly sources: readonly AccessSource[];
  readonly record: {
    readonly type: string;
    readonly id: string;
    readonly ownerId: string | null;
  } | null;
  /** Teams the person and the record's owner share. */
  readonly teams: readonly AccessTeam[];
  /** What opens the record to them, where it is a share. */
  readonly share: (Share & { readonly team: string | null }) | null;
}

export interface AccessTeam {
  readonly id: string;
  readonly name: string;
}

const MESSAGES: Readonly<Record<AccessReason, string>> = {
  every_record: 'Allowed for every record.',
  own_record: 'Allowed, because the record is their own.',
  team_record: 'Allowed, because its owner shares a team with them.',
  shared_record: 'Allowed, because the record is shared with them.',
  some_records: 'Allowed for some records; name one to know of it.',
  no_permission: 'Refused: none of their roles grants it.',
  not_in_plan: 'Refused: the plan of the workspace does not have it.',
  record_of_others: 'Refused: the record belongs to somebody else.',
  no_such_record: 'Refused: there was no such record.',
  person_not_active: 'Refused: they could not sign in.',
  workspace_not_active: 'Refused: the workspace was not active.',
};

const ALLOWED: readonly AccessReason[] = [
  'every_record',
  'own_record',
  'team_record',
  'shared_record',
  'some_records',
];

const invalid = (field: string, rule: string, message: string, remedy: string) =>
  refusal('VALIDATION_ERROR', 'shape', message, [{ field, rule, message, remedy }]);

/** What of a question is the same whoever it is about. */
interface Ground {
  readonly past: AccessPast;
  readonly workspace: TenantState;
  readonly model: ReadModel | undefined;
  readonly found: Found | null;
}

async function groundOf(
  platform: Platform,
  question: Omit<AccessQuestion, 'userId'>,
): Promise<Ground | Refusal> {
  const { tenantId, action, recordId } = question;
  if (!permissions.includes(action)) {
    const message = 'action is no permission.';
    return invalid('action', 'enum', message, 'Give a collection and an action: deals:update.');
  }
  const model = platform.registry.readModels.get(action.split(':')[0]!);
  if (recordId !== undefined && (!isUuid(recordId) || !model)) {
    const message = `${action} is not about single records of a list.`;
    return model
      ? invalid('record', 'uuid', 'record is not a valid uuid.', 'Give the id of a record.')
      : invalid('record', 'collection', message, 'Leave record out.');
  }
  const past = new AccessPast(platform, question);
  const [workspace, found] = await Promise.all([
    past.state<TenantState>(tenant, tenantId),
    recordId && model ? recordAt(platform, past, model, question, recordId) : null,
  ]);
  return { past, workspace, model, found };
}

async function explain(
  { past, workspace, model, found }: Ground,
  { userId, action, recordId, at }: AccessQuestion,
): Promise<AccessExplanation | undefined> {
  const person = await past.state<UserState>(user, userId);
  if (person.status === 'absent') return undefined;
  const sources = await past.sources(userId, person);
  const widest = sources.reduce<Scope | null>(
    (best, { scope }) => (best && reaches(best, scope) ? best : scope),
    null,
  );
  const ownerId = found?.ownerId ?? null;
  const teams = widest === 'team' && ownerId ? await past.teamsOf(userId, ownerId) : [];
  const share = await shareOf();
  const reason = reasonOf();
  return {
    allowed: ALLOWED.includes(reason),
    reason,
    message: MESSAGES[reason],
    userId,
    action,
    at: at.toISOString(),
    scope: widest,
    sources,
    record: recordId && model ? { type: model.record, id: recordId, ownerId } : null,
    teams,
    share: reason === 'shared_record' ? share : null,
  };

  async function shareOf(): Promise<AccessExplanation['share']> {
    if (!found || found.shares.length === 0) return null;
    const own = await past.teamsOf(userId);
    const share = shareFor(found.shares, [userId, ...own.map(({ id }) => id)], at);
    return share
      ? { ...share, team: own.find(({ id }) => id === share.granteeId)?.name ?? null }
      : null;
  }

  function reasonOf(): AccessReason {
    if (workspace.status !== 'active') return 'workspace_not_active';
    if (person.status !== 'active') return 'person_not_active';
    if (!widest) return 'no_permission';
    if (withheldBy(workspace.values.planType)[action]) return 'not_in_plan';
    if (found && !found.exists) return 'no_such_record';
    if (widest === 'all') return 'every_record';
    if (!found) return 'some_records';
    // A record without owners of its own is read whole, as lists do.
    if (/:(read|export)$/.test(action) && model && !model.owner) return 'every_record';
    if (ownerId === userId) return 'own_record';
    if (teams.length > 0) return 'team_record';
    return share ? 'shared_record' : 'record_of_others';
  }
}

/**
 * Says whether a person may or might do something, by which role, team or ownership, as of any
 * instant, from the log. What system roles allow is read from this release.
 */
export async function explainAccess(
  platform: Platform,
  question: AccessQuestion,
): Promise<AccessExplanation | Refusal> {
  const ground = await groundOf(platform, question);
  if (isRefusal(ground)) return ground as Refusal;
  return (
    (await explain(ground as Ground, question)) ??
    refusal('NOT_FOUND', 'missing', 'There was no such person in this workspace.')
  );
}

/** The same of everybody who was there, page by page in the order they came. */
export async function explainEverybody(
  platform: Platform,
  question: Omit<AccessQuestion, 'userId'>,
  page: { readonly limit: number; readonly after?: string | undefined },
): Promise<{ all: readonly AccessExplanation[]; next: string | null } | Refusal> {
  const ground = await groundOf(platform, question);
  if (isRefusal(ground)) return ground as Refusal;
  const { rows } = await platform.database.tenant(question.tenantId, (db) =>
    db.query<{ id: string }>(
      `SELECT id FROM rm_users WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id > $2)
        ORDER BY id LIMIT $3`,
      [question.tenantId, page.after ?? null, page.limit + 1],
    ),
  );
  const shown = rows.slice(0, page.limit);
  const all = await Promise.all(
    shown.map(({ id: userId }) => explain(ground as Ground, { ...question, userId })),
  );
  return {
    all: all.filter((one) => one !== undefined),
    next: rows.length > page.limit ? shown.at(-1)!.id : null,
  };
}
