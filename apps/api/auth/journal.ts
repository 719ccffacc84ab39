import type { Logger } from 'pino';
import type { CommandResult } from '#kernel/command';
import type { Actor } from '#kernel/context';
import type { signInFailures, signInMethods } from '#event-schemas/identity/user.events';
import type { Platform } from '#platform/platform';
import type { Account } from './accounts.js';
import { originContext } from './origin-context.js';
import type { Origin } from './sign-in.js';

type Failure = (typeof signInFailures)[number];
export type SignInMethod = (typeof signInMethods)[number];

const system: Actor = { type: 'system', id: 'sign-in' };

/** Writes what happens at sign-in into the log, as facts about the person. */
export class SignInJournal {
  private readonly pending = new Set<Promise<unknown>>();

  constructor(
    private readonly platform: Platform,
    private readonly log: Logger,
  ) {}

  signedIn(
    account: Account,
    sessionId: string,
    origin: Origin,
    method: SignInMethod = 'password',
  ): Promise<CommandResult> {
    const actor: Actor = { type: 'user', id: account.userId };
    const input = { sessionId, method };
    return this.record('RecordSignIn', account, input, actor, origin);
  }

  signedOut(account: Account, sessionId: string | null, actor: Actor, origin: Origin) {
    return this.record('RecordSignOut', account, { sessionId }, actor, origin);
  }

  /** After the answer: waiting for it would tell a known address from an unknown one. */
  failed(account: Account, reason: Failure, origin: Origin): void {
    this.later(() => this.record('RecordSignInFailure', account, { reason }, system, origin));
  }

  /** Does something beside the answer; a failure is logged, never told. */
  later(work: () => Promise<unknown>): void {
    const task: Promise<unknown> = new Promise((resolve) => setImmediate(resolve))
      .then(work)
      .catch((error: unknown) => this.log.error({ err: error }, 'sign-in was not recorded'))
      .finally(() => this.pending.delete(task));
    this.pending.add(task);
  }

  /** Everything begun has been written. */
  async settled(): Promise<void> {
    await Promise.all(this.pending);
  }

  /** Keeps something the person did at sign-in. */
  byPerson(command: string, account: Account, input: object, origin: Origin) {
    const actor: Actor = { type: 'user', id: account.userId };
    return this.record(command, account, input, actor, origin);
  }

  /** Keeps something somebody did about a person. */
  by(actor: Actor, command: string, account: Account, input: object, origin: Origin) {
    return this.record(command, account, input, actor, origin);
  }

  /** Keeps something that was tried with the account of the person. */
  byProduct(command: string, account: Account, input: object, origin: Origin) {
    return this.record(command, account, input, system, origin);
  }

  private record(
    command: string,
    { tenantId, userId }: Account,
    input: object,
    actor: Actor,
    origin: Origin,
  ): Promise<CommandResult> {
    const ctx = originContext(tenantId, origin, actor, { 'users:record': 'all' });
    return this.platform.dispatch(command, input, ctx, { id: userId });
  }
}
