import type { Aggregate } from '#kernel/aggregate';
import { isUuid } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { userRoles, type UserRole } from '#event-schemas/identity/user.events';
import { invitation, type InvitationState } from '#identity/invitation/invitation';
import { user, type UserState } from '#identity/user/user';
import type { KeptMail } from '#platform/mail/mailer';
import type { Platform } from '#platform/platform';
import type { Caller } from '../http/request-context.js';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { cursor, limit, wholeOf } from './parameters.js';
import { instant, listOf, maybe, objectOf, text, uuid } from './schemas.js';
import { notFound, type Services } from './services.js';

const summary = {
  id: uuid,
  template: { ...text, description: 'Which mail it is: invitation.' },
  status: { type: 'string', enum: ['captured', 'sent', 'refused'] },
  to: text,
  subject: text,
  problem: { ...maybe(text), description: 'Why a mail server refused the address.' },
  createdAt: instant,
};

const whole = {
  ...summary,
  text: { ...maybe(text), description: 'Null where a mail server has it, or it is withheld.' },
  html: maybe(text),
  withheld: {
    type: 'boolean',
    description: 'Whether the text is kept from you, because its reader ranks above you.',
  },
};

const shortOf = ({ subjectId: _subject, text: _text, html: _html, ...mail }: KeptMail) => mail;

const noCursor = refusal('VALIDATION_ERROR', 'shape', 'The cursor does not belong to this list.', [
  {
    field: 'cursor',
    rule: 'cursor',
    message: 'The cursor does not belong to this list.',
    remedy: 'Give pagination.nextCursor of the page before.',
  },
]);

async function list({ platform }: Services, { caller, query }: Call): Promise<Answer | Refusal> {
  const size = wholeOf('limit', query['limit'], [1, 100], 20);
  if (isRefusal(size)) return size;
  const before = query['cursor'] === undefined ? undefined : String(query['cursor']);
  if (before !== undefined && !isUuid(before)) return noCursor;
  const found = await platform.mail.list(caller.tenantId, (size as number) + 1, before);
  const page = found.slice(0, size as number);
  const hasNext = found.length > page.length;
  return {
    data: page.map(shortOf),
    pagination: {
      limit: size,
      hasNext,
      hasPrev: before !== undefined,
      nextCursor: hasNext ? page.at(-1)!.id : null,
    },
  };
}

/** The role of whoever a mail is for: of the person, or of the invitation they have. */
async function roleOf(
  { facts }: Platform,
  tenantId: string,
  id: string,
): Promise<UserRole | undefined> {
  const person = (await facts.state(tenantId, user as Aggregate, id)) as UserState;
  if (person.status !== 'absent') return person.role;
  const invited = (await facts.state(tenantId, invitation as Aggregate, id)) as InvitationState;
  return invited.status === 'absent' ? undefined : invited.role;
}

/** A link in a mail lets its reader act as whom it is for, so it is shown to nobody below them. */
async function isAbove(platform: Platform, caller: Caller, subjectId: string): Promise<boolean> {
  const role = await roleOf(platform, caller.tenantId, subjectId);
  return role !== undefined && userRoles.indexOf(role) < userRoles.indexOf(caller.role);
}

async function one({ platform }: Services, { caller, params }: Call): Promise<Answer | Refusal> {
  const id = params['id']!;
  const mail = isUuid(id) ? await platform.mail.find(caller.tenantId, id) : undefined;
  if (!mail) return notFound({ record: 'mail' });
  const withheld = await isAbove(platform, caller, mail.subjectId);
  const body = withheld ? { text: null, html: null } : { text: mail.text, html: mail.html };
  return { data: { ...shortOf(mail), ...body, withheld } };
}

/** Mail that was sent, or captured while no mail server is set. */
export function outboxEndpoints(services: Services): Endpoint[] {
  const access = { permission: 'outbox:read' } as const;
  return [
    {
      operation: 'list_outbox',
      method: 'GET',
      path: '/outbox',
      tag: 'outbox',
      summary: 'List mail that was sent',
      description: 'The latest first. Without a mail server (SMTP_URL) mail is captured here.',
      access,
      query: [limit, cursor],
      answer: {
        status: 200,
        description: 'A page of mails, without their texts.',
        data: listOf(objectOf(summary)),
        paged: true,
      },
      handle: (call) => list(services, call),
    },
    {
      operation: 'get_outbox_mail',
      method: 'GET',
      path: '/outbox/:id',
      tag: 'outbox',
      summary: 'Read a mail',
      access,
      answer: { status: 200, description: 'The mail.', data: objectOf(whole) },
      refusals: ['404 NOT_FOUND'],
      handle: (call) => one(services, call),
    },
  ];
}
