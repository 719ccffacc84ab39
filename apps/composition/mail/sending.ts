import { fold, streamId, type Aggregate } from '#kernel/aggregate';
import { refusal, type Refusal } from '#kernel/refusal';
import { tenant, type TenantState } from '#identity/tenant/tenant';
import { user, type UserState } from '#identity/user/user';
import type { EffectCall } from '#platform/effects/effect';
import { JobStopped, type JobResult } from '#platform/jobs/job';
import { issueToken, type TokenPurpose } from '#platform/auth/one-time-tokens';
import type { MailText } from '#platform/mail/layout';
import type { Platform } from '#platform/platform';

export type Person = Exclude<UserState, { status: 'absent' }>;
export type Workspace = Exclude<TenantState, { status: 'absent' }>;

type Call = Pick<EffectCall, 'event' | 'key' | 'platform'>;

/** The person as they are now; undefined where there is none. */
export async function personOf(
  platform: Platform,
  tenantId: string,
  id: string,
): Promise<Person | undefined> {
  const state = (await platform.facts.state(tenantId, user as Aggregate, id)) as UserState;
  return state.status === 'absent' ? undefined : state;
}

/** The person as they were before an event of their stream. */
export async function personBefore({ event, platform }: Call): Promise<Person | undefined> {
  const { tenantId, id, version } = event;
  const stored = await platform.store.readStream(tenantId, streamId(user.category, id));
  const events = await platform.codec.decode(stored);
  const earlier = events.filter((one) => one.version < version);
  const state = fold(user as Aggregate, earlier) as UserState;
  return state.status === 'absent' ? undefined : state;
}

/**
 * The workspace; undefined where there is none.
 * @throws JobStopped while it is suspended: the mail waits until it is open again.
 */
export async function workspaceOf({ event, platform }: Call): Promise<Workspace | undefined> {
  const { tenantId } = event;
  const state = (await platform.facts.state(
    tenantId,
    tenant as Aggregate,
    tenantId,
  )) as TenantState;
  if (state.status === 'suspended') throw new JobStopped('handover');
  return state.status === 'active' ? state : undefined;
}

/** First and last name. */
export function nameOf({ values }: Person): string {
  return [values.firstName, values.lastName].filter(Boolean).join(' ');
}

/**
 * The address of a page with a new token behind `#`, where no server and no log reads it. Made when
 * the mail is, so that neither events nor jobs ever hold it.
 */
export async function linkOf(
  { event, platform }: Call,
  page: string,
  token: {
    readonly purpose: TokenPurpose;
    readonly subjectId: string;
    readonly expiresAt: Date;
    /** What the token stands for; sealed. */
    readonly detail?: string;
  },
): Promise<string> {
  const { tenantId } = event;
  const { keys, database, mail, clock } = platform;
  const { detail, ...rest } = token;
  const sealed =
    detail === undefined
      ? {}
      : { detail: await keys.sealForTenant(tenantId, detail, `link:${token.subjectId}`) };
  const text = await database.tenant(tenantId, (db) =>
    issueToken(db, { tenantId, ...rest, ...sealed }, clock()),
  );
  return `${mail.publicUrl}/${page}#${text}`;
}

/** Sends the mail of an effect; an address that is refused for good ends its job. */
export async function sendMail(
  { event, key, platform }: Call,
  mail: MailText & {
    readonly template: string;
    readonly to: string;
    readonly subjectId: string;
  },
): Promise<JobResult | Refusal> {
  const delivery = await platform.mail.send({ ...mail, tenantId: event.tenantId, id: key });
  if (delivery.status !== 'refused') return { mailId: key, status: delivery.status };
  return refusal('MAIL_REFUSED', 'rule', delivery.problem, [
    { message: delivery.problem, remedy: 'Correct the address, then send it once more.' },
  ]);
}
