import { hashId, PLATFORM_TENANT, uuidv7 } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { emailKey } from '#event-schemas/identity/user.events';
import { createWorkspace, type NewWorkspace, type Workspace } from '#apps/composition/workspace';
import { signUpMail } from '#apps/composition/mail/templates';
import {
  giveBackToken,
  issueToken,
  readOneTimeToken,
  tokensSince,
  useToken,
  type TokenHolder,
} from '#platform/auth/one-time-tokens';
import { linkVoid, recordOf, type AccountParts } from './account-services.js';
import type { Origin } from './sign-in.js';

/** Hours a link to make a workspace is good for. */
export const SIGN_UP_HOURS = 24;
const HOUR_MS = 3_600_000;
const LINKS_AN_HOUR = 5;

const closed = refusal(
  'SIGN_UP_CLOSED',
  'forbidden',
  'Workspaces are made by whoever operates this platform.',
  [
    {
      rule: 'closed',
      message: 'Nobody can sign up here.',
      remedy: 'Ask whoever operates it, or be invited to a workspace.',
    },
  ],
);

/** What somebody says who makes a workspace; the address comes from the link. */
export type NewSignUp = Omit<NewWorkspace, 'ownerEmail' | 'planType' | 'sandbox'>;

/** Lets people make a workspace once they have shown that an address is theirs. */
export class SignUps {
  constructor(
    private readonly parts: Pick<AccountParts, 'platform' | 'rate' | 'signIn'>,
    /** Whether anybody may make a workspace. */
    readonly isOpen: boolean,
  ) {}

  /** Sends a link to the address; the answer is the same whoever it belongs to. */
  request(email: string, origin: Origin): Refusal | undefined {
    if (!this.isOpen) return closed;
    this.parts.rate.check(origin);
    this.parts.signIn.journal.later(() => this.sendLink(email));
    return undefined;
  }

  /**
   * Makes the workspace and its owner. The link is used up first, so that many who come with it at
   * once make one, and given back where nothing was made.
   */
  async complete(
    token: string,
    given: NewSignUp,
    origin: Origin,
  ): Promise<(Workspace & { readonly email: string }) | Refusal> {
    if (!this.isOpen) return closed;
    this.parts.rate.check(origin);
    const { database, clock } = this.parts.platform;
    const place = readOneTimeToken(token);
    if (place?.tenantId !== PLATFORM_TENANT) return linkVoid;
    const holder = await database.tenant(PLATFORM_TENANT, (db) =>
      useToken(db, place, 'sign-up', clock()),
    );
    if (!holder) return linkVoid;
    let isMade = false;
    try {
      const made = await this.make(holder, given, origin);
      isMade = !isRefusal(made);
      return made;
    } finally {
      if (!isMade) await database.tenant(PLATFORM_TENANT, (db) => giveBackToken(db, place));
    }
  }

  private async make({ subjectId, detail }: TokenHolder, given: NewSignUp, origin: Origin) {
    const { platform } = this.parts;
    const email = await platform.keys.openForTenant(PLATFORM_TENANT, detail!, aadOf(subjectId));
    const owned = { ...given, ownerEmail: email };
    // Whoever has the address by now is perhaps not the owner of the workspace it once made.
    const made = await createWorkspace(platform, owned, { by: 'sign-up', onlyNew: true });
    if (isRefusal(made)) return made;
    const owner = { tenantId: made.tenantId, userId: made.ownerId };
    await recordOf(platform, owner, 'RecordEmailVerification', { email }, origin);
    return { ...made, email };
  }

  private async sendLink(email: string): Promise<void> {
    const { database, keys, clock, mail } = this.parts.platform;
    const digest = await keys.digest(PLATFORM_TENANT, 'request', `sign-up:${emailKey(email)}`);
    const subjectId = hashId('sign-up', digest);
    const token = { tenantId: PLATFORM_TENANT, purpose: 'sign-up', subjectId } as const;
    const detail = await keys.sealForTenant(PLATFORM_TENANT, email, aadOf(subjectId));
    const now = clock();
    const issued = await database.tenant(PLATFORM_TENANT, async (db) => {
      // Nobody's mailbox is filled by others.
      const sent = await tokensSince(db, token, new Date(now.getTime() - HOUR_MS));
      if (sent >= LINKS_AN_HOUR) return undefined;
      const expiresAt = new Date(now.getTime() + SIGN_UP_HOURS * HOUR_MS);
      return issueToken(db, { ...token, expiresAt, detail }, now);
    });
    if (!issued) return;
    await mail.send({
      ...signUpMail({ link: `${mail.publicUrl}/sign-up#${issued}`, hours: SIGN_UP_HOURS }),
      tenantId: PLATFORM_TENANT,
      id: uuidv7(now.getTime()),
      template: 'sign-up',
      subjectId,
      to: email,
    });
  }
}

const aadOf = (subjectId: string) => `link:${subjectId}`;
