import type { Aggregate } from '#kernel/aggregate';
import { everything, type FieldRights, type Grants, type RequestContext } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { refusal, type Refusal } from '#kernel/refusal';
import type { PlanType } from '#event-schemas/identity/tenant.events';
import type { UserRole } from '#event-schemas/identity/user.events';
import { fieldRightsOf, withoutLifting, type HeldRole } from '#identity/access/field-limits';
import { grantsOf, united } from '#identity/access/grants';
import { systemRoles } from '#identity/access/roles';
import { role, type RoleState } from '#identity/role/role';
import { peopleOf, team, type TeamState } from '#identity/team/team';
import { withheldBy } from '#identity/tenant/features';
import { tenant, type TenantState } from '#identity/tenant/tenant';
import { user, type UserState } from '#identity/user/user';
import { JobStopped } from '#platform/jobs/job';
import type { JobActor } from '#platform/jobs/running-job';
import type { Platform } from '#platform/platform';

/** What a person is and may do in their workspace right now. */
export interface Standing {
  readonly role: UserRole;
  readonly grants: Grants;
  readonly teamUserIds?: readonly string[];
  /** Teams they are in or lead. */
  readonly teamIds: readonly string[];
  readonly fields?: Readonly<Record<string, FieldRights>>;
  /** Short name of the workspace. */
  readonly slug: string;
  /** Zone of the workspace: turns days into instants. */
  readonly timeZone: string;
  /** Decides how much the workspace may ask for. */
  readonly planType: PlanType;
  readonly withheld: NonNullable<RequestContext['withheld']>;
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
  const held: readonly HeldRole[] = [
    { role: person.role, grants: systemRoles[person.role].grants },
    ...(await ownRoles(platform, tenantId, userId)),
  ];
  const all = united(held.map((one) => one.grants));
  const fields = fieldRightsOf(workspace.fieldLimits, held);
  const isLimited = Object.keys(fields).length > 0;
  const grants = isLimited ? withoutLifting(all) : all;
  return {
    role: person.role,
    grants,
    ...(await teams(platform, tenantId, userId, grants)),
    ...(isLimited ? { fields } : {}),
    slug: workspace.values.slug,
    timeZone: workspace.values.timeZone,
    planType: workspace.values.planType,
    withheld: withheldBy(workspace.values.planType),
  };
}

/** The person's other roles, and what they allow. */
async function ownRoles(
  platform: Platform,
  tenantId: string,
  userId: string,
): Promise<readonly HeldRole[]> {
  const { rows } = await platform.database.tenant(tenantId, (db) =>
    db.query<{ id: string }>(
      `SELECT id FROM rm_roles WHERE tenant_id = $1 AND deleted_at IS NULL
          AND $2::text = ANY (member_ids)`,
      [tenantId, userId],
    ),
  );
  // Rows follow the log: what was taken back there is not granted, whatever a row still says.
  const roles = await Promise.all(
    rows.map(({ id }) => platform.facts.state(tenantId, role as unknown as Aggregate, id)),
  );
  return (roles as RoleState[]).flatMap((one, index) =>
    one.status === 'active' && one.memberIds.includes(userId)
      ? [{ role: rows[index]!.id, grants: grantsOf(one.values.grants) }]
      : [],
  );
}

/** The person's teams, and for the scope `team` everybody in them. */
async function teams(
  platform: Platform,
  tenantId: string,
  userId: string,
  grants: Grants,
): Promise<Pick<Standing, 'teamIds' | 'teamUserIds'>> {
  const { rows } = await platform.database.tenant(tenantId, (db) =>
    db.query<{ id: string }>(
      `SELECT id FROM rm_teams
        WHERE tenant_id = $1 AND deleted_at IS NULL AND archived_at IS NULL
          AND (manager_id = $2 OR $2::text = ANY (member_ids))`,
      [tenantId, userId],
    ),
  );
  // As with roles: who has left a team in the log is out of it, whatever a row still says.
  const states = await Promise.all(
    rows.map(({ id }) => platform.facts.state(tenantId, team as unknown as Aggregate, id)),
  );
  const held = (states as TeamState[]).flatMap((state, index) => {
    const people = peopleOf(state);
    return people.includes(userId) ? [{ id: rows[index]!.id, people }] : [];
  });
  const teamIds = held.map(({ id }) => id);
  if (!Object.values(grants).includes('team')) return { teamIds };
  return { teamIds, teamUserIds: [...new Set([userId, ...held.flatMap((one) => one.people)])] };
}

/**
 * The context a job runs in: that of whoever began it, with the rights they have now.
 * @throws JobStopped while the workspace is suspended: the job waits until it is open again.
 */
export async function contextOf(
  platform: Platform,
  { tenantId, actor, correlationId }: JobActor,
): Promise<RequestContext | Refusal> {
  const workspace = await platform.facts.state(tenantId, tenant as Aggregate, tenantId);
  if ((workspace as TenantState).status === 'suspended') throw new JobStopped('handover');
  const known = { tenantId, actor, correlationId, requestId: uuidv7() };
  if (actor.type === 'system') return { ...known, grants: everything };
  const standing = await standingOf(platform, tenantId, actor.id);
  if (standing) {
    const { grants, teamUserIds, teamIds, fields, withheld } = standing;
    return {
      ...known,
      grants,
      teamIds,
      withheld,
      ...(teamUserIds ? { teamUserIds } : {}),
      ...(fields ? { fields } : {}),
    };
  }
  const message = 'Whoever began the job may not sign in at present.';
  const remedy = 'Let somebody else begin it, or let them in again and retry it.';
  return refusal('FORBIDDEN', 'forbidden', message, [{ message, remedy }]);
}
