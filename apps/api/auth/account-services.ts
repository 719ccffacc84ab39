import type { CommandResult } from '#kernel/command';
import type { Actor, RequestContext } from '#kernel/context';
import { refusal, type Refusal } from '#kernel/refusal';
import { MIN_PASSWORD, passwordProblem } from '#platform/auth/password';
import type { Platform } from '#platform/platform';
import type { Queryable } from '#platform/postgres/database';
import { settingAt } from '#platform/settings/settings-reader';
import type { Callers } from '../http/request-context.js';
import type { Account, Accounts, Person } from './accounts.js';
import { originContext } from './origin-context.js';
import type { SignIn, Origin } from './sign-in.js';
import type { SignInRate } from './sign-in-rate.js';

/** What links, passwords and addresses of people are changed with. */
export interface AccountParts {
  readonly platform: Platform;
  readonly accounts: Accounts;
  readonly callers: Callers;
  readonly signIn: SignIn;
  /** Bounds what one address asks for without a session. */
  readonly rate: SignInRate;
}

/** A link that is unknown, used, replaced or too old: which of them is nobody's business. */
export const linkVoid = refusal(
  'LINK_VOID',
  'rule',
  'The link is not valid any more: it is good once and for a limited time.',
  [
    {
      field: 'token',
      rule: 'token',
      message: 'token is not valid any more.',
      remedy: 'Ask for a new link and open it from the newest mail.',
    },
  ],
);

/** What an attacker knows of somebody, and their password must not be made of. */
export function knownOf({ values }: Pick<Person, 'values'>, workspace: readonly string[]) {
  const email = (values.email ?? '').split(/[@.]/);
  return [values.firstName, values.lastName, ...email, ...workspace].filter(Boolean);
}

/**
 * Fewest characters of a password in a workspace. One that asks for more than the product gets them,
 * whatever else people prove.
 */
export async function passwordMinimum(
  platform: Platform,
  tenantId: string,
  minimum = MIN_PASSWORD,
): Promise<number> {
  const own = await settingAt(platform, 'security.passwordMinLength', { tenantId });
  return own > MIN_PASSWORD ? own : minimum;
}

/** The refusal of a password that does not obey the rules. */
export async function weakPassword(
  platform: Platform,
  tenantId: string,
  password: string,
  about: readonly string[],
  minimum = MIN_PASSWORD,
): Promise<Refusal | undefined> {
  const least = await passwordMinimum(platform, tenantId, minimum);
  const weak = passwordProblem(password, about, least);
  return weak && refusal('WEAK_PASSWORD', 'rule', weak.message, [weak]);
}

/** A context in which facts of a person are recorded, with where the request came from. */
export function recordingContext(
  { tenantId, userId }: Account,
  origin: Origin,
  actor: Actor = { type: 'user', id: userId },
): RequestContext {
  const grants = { 'users:record': 'all', 'invitations:record': 'all' } as const;
  return originContext(tenantId, origin, actor, grants);
}

/** Records a fact of a person's account, done by themselves. */
export function recordOf(
  platform: Platform,
  account: Account,
  command: string,
  input: object,
  origin: Origin,
  actor?: Actor,
): Promise<CommandResult> {
  const ctx = recordingContext(account, origin, actor);
  return platform.dispatch(command, input, ctx, { id: account.userId });
}

/**
 * The moment a session that follows an event may begin: after it by the clock of the log, whose
 * time decides which sessions the event ends.
 */
export async function afterLog(db: Queryable, clock: () => Date): Promise<Date> {
  const { rows } = await db.query<{ at: Date }>('SELECT clock_timestamp() AS at');
  return new Date(Math.max(clock().getTime(), rows[0]!.at.getTime() + 1));
}
