import { randomInt } from 'node:crypto';
import { uuidv7 } from '#kernel/ids';
import { refusal, type Refusal } from '#kernel/refusal';
import { codesSince, keepCode, useCode } from '#platform/auth/email-codes';
import { CHALLENGE_MINUTES } from '#platform/auth/factors-challenge';
import type { Queryable } from '#platform/postgres/database';
import type { Platform } from '#platform/platform';
import { Accounts, type Account, type Holder } from './accounts.js';

/** Codes that one person is sent in an hour. */
const CODES_AN_HOUR = 5;
const HOUR_MS = 3_600_000;
const DIGITS = 6;

const tooMany = refusal(
  'TOO_MANY_ATTEMPTS',
  'limit',
  `There were ${CODES_AN_HOUR} codes in the last hour; use the newest, or try again later.`,
);
/** The refusal of a code by e-mail where there is none. */
export const noEmailCode = refusal(
  'EMAIL_CODE_REFUSED',
  'rule',
  'There is no code by e-mail for this sign-in.',
  [
    {
      field: 'challenge',
      rule: 'email-code',
      message: 'The workspace does not allow it, or the account has a better factor.',
      remedy: 'Give what the sign-in named in factors.',
    },
  ],
);

/** Where a code goes, if the workspace lets this person sign in with one. */
export function recipientOf({ person, workspace }: Holder) {
  if (workspace.status === 'absent' || !workspace.mfaPolicy.emailCodes) return undefined;
  const email = person.status === 'active' ? person.values.email : null;
  return email ? { email, workspace: workspace.values.name } : undefined;
}

/**
 * Codes by e-mail, where a workspace allows them: for people who need a second factor and have none.
 * Who has one is never asked for less, or whoever reads their mail could leave it out.
 */
export class EmailCodes {
  private readonly accounts: Accounts;

  constructor(private readonly platform: Platform) {
    this.accounts = new Accounts(platform);
  }

  /** Sends a code for one sign-in; one that was sent for it before is void. */
  async send(account: Account, place: string): Promise<Refusal | undefined> {
    const { tenantId, userId: subjectId } = account;
    const found = recipientOf(await this.accounts.holder(account));
    if (!found) return noEmailCode;
    const code = String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0');
    const hash = await this.hashOf(account, place, code);
    const now = this.platform.clock();
    const kept = await this.inTenant(tenantId, async (db) => {
      const since = new Date(now.getTime() - HOUR_MS);
      if ((await codesSince(db, account, since)) >= CODES_AN_HOUR) return false;
      await keepCode(db, { ...account, place }, hash, now);
      return true;
    });
    if (!kept) return tooMany;
    const { status } = await this.platform.mail.send({
      tenantId,
      id: uuidv7(now.getTime()),
      template: 'sign-in-code',
      subjectId,
      to: found.email,
      subject: `Your code for ${found.workspace}`,
      paragraphs: [
        `Your code is ${code}.`,
        `It is good once, for ${CHALLENGE_MINUTES} minutes, and for this sign-in only.`,
        'Somebody knows your password if you did not ask for it: change it at once.',
      ],
      reason: 'You get this mail because somebody signs in with your password.',
    });
    return status === 'refused' ? noEmailCode : undefined;
  }

  /** Whether this is the code that was sent for the sign-in, which is used up with it. */
  async check(account: Account, place: string, code: string): Promise<boolean> {
    if (!recipientOf(await this.accounts.holder(account))) return false;
    const hash = await this.hashOf(account, place, code);
    const now = this.platform.clock();
    return this.inTenant(account.tenantId, (db) => useCode(db, { ...account, place }, hash, now));
  }

  /** A million codes are tried soon by whoever has the table; the key of the tenant lies elsewhere. */
  private async hashOf({ tenantId, userId }: Account, place: string, code: string) {
    const { keys } = this.platform;
    return Buffer.from(
      await keys.digest(tenantId, 'request', `email-code:${userId}:${place}:${code}`),
    );
  }

  private inTenant<Result>(tenantId: string, work: (db: Queryable) => Promise<Result>) {
    return this.platform.database.tenant(tenantId, work);
  }
}
