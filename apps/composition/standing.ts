import type { Aggregate } from '#kernel/aggregate';
import { everything, type Grants, type RequestContext } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { refusal, type Refusal } from '#kernel/refusal';
import type { PlanType } from '#event-schemas/identity/tenant.events';
import type { UserRole } from '#event-schemas/identity/user.events';
import { systemRoles } from '#identity/access/roles';
import { tenant, type TenantState } from '#identity/tenant/tenant';
import { user, type UserState } from '#identity/user/user';
import type { JobActor } from '#platform/jobs/running-job';
import type { Platform } from '#platform/platform';

/** What a person is and may do in their workspace right now. */
export interface Standing {
  readonly role: UserRole;
  readonly grants: Grants;
  readonly teamUserIds?: readonly string[];
  /** Zone of the workspace: turns days into instants. */
  readonly timeZone: string;
  /** Decides how much the workspace may ask for. */
  readonly planType: PlanType;
}

/** Read from what is stored; undefined for those who may do nothing at present. */
export async function standingOf(
  platform: Platform,
  tenantId: string,
  userId: string,
): Promise<Standing | undefined> {
  const fold = (aggregate: object, id: string) =>
    platform.facts.state(tenantId, aggregate as Aggregate, id);
  const [person, workspace] = await Promise.all([
    fold(user, userId) as Promise<UserState>,
    fold(tenant, tenantId) as Promise<TenantState>,
  ]);
  if (person.status !== 'active' || workspace.status !== 'active') return undefined;
  const { grants } = systemRoles[person.role];
  return {
    role: person.role,
    grants,
    ...(await teams(platform, tenantId, userId, grants)),
    timeZone: workspace.values.timeZone,
    planType: workspace.values.planType,
  };
}

/** Everybody who shares a team with the person, or whose team the person leads. */
async function teams(
  platform: Platform,
  tenantId: string,
  userId: string,
  grants: Grants,
): Promise<{ teamUserIds?: readonly string[] }> {
  if (!Object.values(grants).includes('team')) return {};
  const { rows } = await platform.database.tenant(tenantId, (db) =>
    db.query<{ manager_id: string | null; member_ids: string[] | null }>(
      `SELECT manager_id, member_ids FROM rm_teams
        WHERE tenant_id = $1 AND deleted_at IS NULL AND archived_at IS NULL
          AND (manager_id = $2 OR $2::text = ANY (member_ids))`,
      [tenantId, userId],
    ),
  );
  const others = rows.flatMap((team) => [team.manager_id ?? userId, ...(team.member_ids ?? [])]);
  return { teamUserIds: [...new Set([userId, ...others])] };
}

/** The context a job runs in: that of whoever began it, with the rights they have now. */
export async function contextOf(
  platform: Platform,
  { tenantId, actor, correlationId }: JobActor,
): Promise<RequestContext | Refusal> {
  const known = { tenantId, actor, correlationId, requestId: uuidv7() };
  if (actor.type === 'system') return { ...known, grants: everything };
  const standing = await standingOf(platform, tenantId, actor.id);
  if (standing) {
    const { grants, teamUserIds } = standing;
    return { ...known, grants, ...(teamUserIds ? { teamUserIds } : {}) };
  }
  const message = 'Whoever began the job may not sign in at present.';
  const remedy = 'Let somebody else begin it, or let them in again and retry it.';
  return refusal('FORBIDDEN', 'forbidden', message, [{ message, remedy }]);
}
