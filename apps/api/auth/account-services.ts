import type { CommandResult } from '#kernel/command';
import type { Actor, RequestContext } from '#kernel/context';
import { refusal, type Refusal } from '#kernel/refusal';
import { passwordProblem } from '#platform/auth/password';
import type { Platform } from '#platform/platform';
import type { Queryable } from '#platform/postgres/database';
import type { Callers } from '../http/request-context.js';
import { RefusedError } from '../http/answers.js';
import type { Account, Accounts, Person } from './accounts.js';
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

/** Refuses by 429 who asks too often from one address. */
export function takeTurn({ rate }: Pick<AccountParts, 'rate'>, { ip }: Origin): void {
  const seconds = rate.take(ip);
  if (seconds === 0) return;
  const message = `There were too many requests from here; try again in ${seconds} s.`;
  throw new RefusedError(refusal('TOO_MANY_ATTEMPTS', 'limit', message), 429, {
    'retry-after': String(seconds),
  });
}

/** What an attacker knows of somebody, and their password must not be made of. */
export function knownOf({ values }: Pick<Person, 'values'>, workspace: readonly string[]) {
  const email = (values.email ?? '').split(/[@.]/);
  return [values.firstName, values.lastName, ...email, ...workspace].filter(Boolean);
}

/** The refusal of a password that does not obey the rules. */
export function weakPassword(password: string, about: readonly string[]): Refusal | undefined {
  const weak = passwordProblem(password, about);
  return weak && refusal('WEAK_PASSWORD', 'rule', weak.message, [weak]);
}

/** A context in which facts of a person are recorded, with where the request came from. */
export function recordingContext(
  { tenantId, userId }: Account,
  origin: Origin,
  actor: Actor = { type: 'user', id: userId },
): RequestContext {
  return {
    tenantId,
    actor,
    grants: { 'users:record': 'all', 'invitations:record': 'all' },
    requestId: origin.requestId,
    correlationId: origin.requestId,
    ip: origin.ip,
    ...(origin.userAgent ? { userAgent: origin.userAgent } : {}),
  };
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
