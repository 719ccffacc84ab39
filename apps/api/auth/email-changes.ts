import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { emailKey } from '#event-schemas/identity/user.events';
import { findToken, readOneTimeToken, useToken } from '#platform/auth/one-time-tokens';
import type { Caller } from '../http/request-context.js';
import { linkVoid, recordOf, type AccountParts } from './account-services.js';
import type { Origin } from './sign-in.js';

const taken = refusal('ALREADY_TAKEN', 'conflict', 'This address is in use in the workspace.', [
  {
    field: 'email',
    rule: 'unique',
    message: 'email belongs to somebody else of the workspace.',
    remedy: 'Give another address.',
  },
]);

/** A new address of one's own, which counts once a link sent to it was opened. */
export class EmailChanges {
  constructor(private readonly parts: AccountParts) {}

  async request(caller: Caller, email: string, origin: Origin): Promise<Refusal | undefined> {
    this.parts.rate.check(origin);
    const { platform } = this.parts;
    const { tenantId, actor } = caller;
    const reservation = { scope: 'user-email', value: emailKey(email) };
    const { holder } = await platform.reservations.find(tenantId, reservation);
    if (holder !== null && holder !== actor.id) return taken;
    const account = { tenantId, userId: actor.id };
    const done = await recordOf(platform, account, 'RequestEmailChange', { email }, origin);
    return isRefusal(done) ? done : undefined;
  }

  /** The address changes by the link alone: whoever opens it reads the mail of the address. */
  async confirm(token: string, origin: Origin): Promise<Refusal | undefined> {
    this.parts.rate.check(origin);
    const { platform, callers } = this.parts;
    const place = readOneTimeToken(token);
    if (!place) return linkVoid;
    const { tenantId } = place;
    const inTenant = <Result>(
      work: Parameters<typeof platform.database.tenant<Result>>[1],
    ): Promise<Result> => platform.database.tenant(tenantId, work);
    const holder = await inTenant((db) => findToken(db, place, 'email-change', platform.clock()));
    if (!holder?.detail) return linkVoid;
    const { subjectId, detail } = holder;
    const email = await platform.keys.openForTenant(tenantId, detail, `link:${subjectId}`);
    const account = { tenantId, userId: subjectId };
    // Decided before the link is used up: a repetition after a crash changes nothing.
    const done = await recordOf(platform, account, 'ConfirmEmailChange', { email }, origin);
    await inTenant((db) => useToken(db, place, 'email-change', platform.clock()));
    callers.forget(tenantId);
    if (!isRefusal(done)) return undefined;
    return done.code === 'ALREADY_TAKEN' ? taken : done;
  }
}
