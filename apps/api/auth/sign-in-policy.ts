import { userRoles, type UserRole } from '#event-schemas/identity/user.events';
import { MIN_PASSWORD_WITH_FACTOR } from '#platform/auth/password';
import type { Platform } from '#platform/platform';
import { passwordMinimum } from './account-services.js';
import { Accounts, type Workspace } from './accounts.js';
import { STEP_UP_MINUTES } from './mfa-step-up.js';

/** Active people of a role: all of them, and those a required second factor would stop. */
export interface RoleFactors {
  readonly role: UserRole;
  readonly people: number;
  /** They have a password and no factor; whoever signs in elsewhere is asked for one there. */
  readonly withoutFactor: number;
}

/** Everything a workspace says about how its people sign in, with what follows from it. */
export async function signInPolicy(platform: Platform, tenantId: string, idleDays: number) {
  const [workspace, alone, besideFactor, people] = await Promise.all([
    new Accounts(platform).workspace(tenantId),
    passwordMinimum(platform, tenantId),
    passwordMinimum(platform, tenantId, MIN_PASSWORD_WITH_FACTOR),
    factorsByRole(platform, tenantId),
  ]);
  const { requiredRoles, enforcedFrom, emailCodes } = (workspace as Workspace).mfaPolicy;
  return {
    secondFactor: { requiredRoles, enforcedFrom: enforcedFrom ?? null, emailCodes },
    people,
    password: { alone, besideFactor },
    sessions: { idleDays, stepUpMinutes: STEP_UP_MINUTES },
  };
}

async function factorsByRole(platform: Platform, tenantId: string): Promise<RoleFactors[]> {
  const { rows } = await platform.database.tenant(tenantId, (db) =>
    db.query<{ role: UserRole; people: number; without_factor: number }>(
      `SELECT u.role, count(*)::int AS people,
              count(*) FILTER (WHERE c.user_id IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM auth_factor f WHERE f.tenant_id = $1 AND f.user_id = u.id
                   AND f.confirmed_at IS NOT NULL))::int AS without_factor
         FROM rm_users u
         LEFT JOIN auth_credential c ON c.tenant_id = $1 AND c.user_id = u.id
        WHERE u.tenant_id = $1 AND u.is_active GROUP BY u.role`,
      [tenantId],
    ),
  );
  const found = new Map(rows.map((row) => [row.role, row]));
  return userRoles.map((role) => {
    const { people = 0, without_factor: withoutFactor = 0 } = found.get(role) ?? {};
    return { role, people, withoutFactor };
  });
}
