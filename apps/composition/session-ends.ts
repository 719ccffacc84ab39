import type { RecordedEvent } from '#kernel/event';
import { user, type UserState } from '#identity/user/user';
import { removeFactorsOf } from '#platform/auth/factors';
import { endSessionsOf } from '#platform/auth/sessions';
import type { Platform } from '#platform/platform';

type Log = (problem: { readonly message: string; readonly error?: unknown }) => void;

const TRIES = 5;
const PAUSE_MS = 200;

function endsSessions({ type, data }: RecordedEvent): boolean {
  if (type === 'UserDeactivated' || type === 'UserFactorsReset') return true;
  return type === 'UserPasswordChanged' && (data as { readonly how: string }).how !== 'first';
}

/**
 * Ends the sessions of people who were shut out, whose password changed or whose second factors were
 * reset, whoever did it and by whichever way: it follows the log as the read models do, in the process that writes them.
 */
export class SessionEnds {
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly platform: Platform,
    private readonly log: Log = () => undefined,
  ) {
    platform.projections.events.on('applied', (events) => {
      for (const event of events) if (endsSessions(event)) this.later(event);
    });
  }

  /** Everything told so far is done. */
  settled(): Promise<void> {
    return this.work;
  }

  private later(event: RecordedEvent): void {
    this.work = this.work.then(async () => {
      for (let left = TRIES; ; left--) {
        try {
          return await this.end(event);
        } catch (error) {
          if (left === 1) return this.log({ message: 'sessions could not be ended', error });
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        }
      }
    });
  }

  private async end({ tenantId, id, type, recordedAt }: RecordedEvent): Promise<void> {
    const { database, facts, clock } = this.platform;
    const { status } = (await facts.state(tenantId, user, id)) as UserState;
    const shutOut = type === 'UserDeactivated' && status === 'deactivated';
    // Whoever was let in again meanwhile, or has the new password, keeps what began afterwards.
    const until = shutOut ? {} : { signedInUntil: recordedAt };
    await database.tenant(tenantId, async (db) => {
      // Factors an administrator took away are rows beside the log, which follow it here.
      if (type === 'UserFactorsReset') await removeFactorsOf(db, tenantId, id, recordedAt);
      await endSessionsOf(db, tenantId, id, clock(), until);
    });
  }
}
