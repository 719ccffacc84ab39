import type { Aggregate } from '#kernel/aggregate';
import { PLATFORM_TENANT } from '#kernel/ids';
import { emailKey } from '#event-schemas/identity/user.events';
import { tenant, type TenantState } from '#identity/tenant/tenant';
import { user, type UserState } from '#identity/user/user';
import type { Platform } from '#platform/platform';

export type Person = Exclude<UserState, { status: 'absent' }>;
export type Workspace = Exclude<TenantState, { status: 'absent' }>;

/** Somebody an e-mail address may stand for. */
export interface Account {
  readonly tenantId: string;
  readonly userId: string;
}

/** An account with its person and workspace as they are, read once for a request. */
export interface Holder extends Account {
  readonly person: UserState;
  readonly workspace: TenantState;
}

/** Whether somebody may sign in, or go on, at present. */
export function standingOf({ person, workspace }: Holder): 'active' | 'suspended' | 'not_active' {
  if (person.status !== 'active' || workspace.status === 'absent') return 'not_active';
  return workspace.status === 'active' ? 'active' : 'suspended';
}

/** More workspaces than these are never asked for one password. */
const MOST = 5;

/** Finds people by what they type at sign-in. */
export class Accounts {
  constructor(private readonly platform: Platform) {}

  /** The tenant of a workspace's slug; that of a deleted one is nobody's. */
  async tenantOf(slug: string): Promise<string | undefined> {
    const reservation = { scope: 'workspace-slug', value: slug.trim().toLowerCase() };
    const found = await this.platform.reservations.find(PLATFORM_TENANT, reservation);
    if (!found.holder) return undefined;
    const { status } = await this.workspace(found.holder);
    return status === 'absent' ? undefined : found.holder;
  }

  /** Who has this address: in one workspace, or in all of them when none is named. */
  async find(email: string, tenantId: string | undefined): Promise<readonly Account[]> {
    if (!tenantId) return this.everywhere(email);
    const reservation = { scope: 'user-email', value: emailKey(email) };
    const { holder } = await this.platform.reservations.find(tenantId, reservation);
    return holder ? [{ tenantId, userId: holder }] : [];
  }

  /**
   * The one question that is put to all tenants at once; it hands out ids only, and none of them
   * leaves the process before the password was right. Those whose address was proven come first:
   * anybody may add people with any address to workspaces of their own.
   */
  private async everywhere(email: string): Promise<readonly Account[]> {
    const { rows } = await this.platform.database.pool('search').query<{ t: string; u: string }>(
      `SELECT tenant_id AS t, id AS u FROM rm_users
        WHERE lower(email) = $1 AND is_active ORDER BY is_verified DESC, tenant_id LIMIT ${MOST}`,
      [emailKey(email)],
    );
    return rows.map(({ t, u }) => ({ tenantId: t, userId: u }));
  }

  async person({ tenantId, userId }: Account): Promise<UserState> {
    return (await this.fold(tenantId, user, userId)) as UserState;
  }

  async workspace(tenantId: string): Promise<TenantState> {
    return (await this.fold(tenantId, tenant, tenantId)) as TenantState;
  }

  /** The account with what is true of it now. */
  async holder({ tenantId, userId }: Account): Promise<Holder> {
    const [person, workspace] = await Promise.all([
      this.person({ tenantId, userId }),
      this.workspace(tenantId),
    ]);
    return { tenantId, userId, person, workspace };
  }

  private fold(tenantId: string, aggregate: object, id: string): Promise<unknown> {
    return this.platform.facts.state(tenantId, aggregate as Aggregate, id);
  }
}
