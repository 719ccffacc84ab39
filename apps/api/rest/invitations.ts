import { object, text as line, type TObject } from '#kernel/fields';
import { isRefusal, type Refusal } from '#kernel/refusal';
import type { Acceptance, Invitations } from '../auth/invitations.js';
import type { SignedIn } from '../auth/sign-in.js';
import { BODY_LIMIT, checked, Door, originOf, signInAnswer } from './auth.js';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { newPassword, token } from './password.js';
import { instant, maybe, objectOf, plain, text } from './schemas.js';

export interface InvitationServices {
  readonly invitations: Invitations;
  readonly publicUrl: string;
}

const look = object({ token: token() });
const acceptance = object({
  token: token(),
  firstName: line(100, { description: 'Given name.' }),
  lastName: line(100, { description: 'Family name.' }),
  password: newPassword(),
});

async function shown(invitations: Invitations, { body, request }: Call) {
  const given = checked<{ token: string }>(look as unknown as TObject, body);
  if (isRefusal(given)) return given as Refusal;
  const found = await invitations.shown((given as { token: string }).token, originOf(request));
  return isRefusal(found) ? (found as Refusal) : { data: found };
}

async function accept(
  { invitations }: InvitationServices,
  door: Door,
  call: Call,
): Promise<Answer | Refusal> {
  const given = door.given<Acceptance>(acceptance as unknown as TObject, call);
  if (isRefusal(given)) return given as Refusal;
  const signed = await invitations.accept(given as Acceptance, originOf(call.request));
  if (isRefusal(signed)) return signed as Refusal;
  return 'challenge' in signed ? { data: signed } : door.letIn(signed as SignedIn, call);
}

/** What somebody who was invited does before they have an account. */
export function invitationEndpoints(services: InvitationServices): Endpoint[] {
  const door = new Door(services.publicUrl);
  const common = { method: 'POST', tag: 'auth', access: 'open', bodyLimit: BODY_LIMIT } as const;
  const names = { name: text, slug: text };
  return [
    {
      ...common,
      operation: 'read_invitation',
      path: '/auth/invitation',
      summary: 'Read what a link invites to',
      description: 'The link stays good. The token is sent in the body, so that no log holds it.',
      body: plain(look),
      answer: {
        status: 200,
        description: 'The workspace, the address and the role; names where they are known.',
        data: objectOf({
          workspace: objectOf(names),
          email: text,
          role: text,
          expiresAt: instant,
          firstName: maybe(text),
          lastName: maybe(text),
        }),
      },
      refusals: ['422 LINK_VOID', '429 TOO_MANY_ATTEMPTS'],
      handle: (call) => shown(services.invitations, call),
    },
    {
      ...common,
      operation: 'accept_invitation',
      path: '/auth/accept-invitation',
      summary: 'Accept an invitation',
      description:
        'Makes the account with this name and password, lets it into its teams and signs in; where ' +
        'the role asks for a second factor, as /auth/login does. The link is good once.',
      body: plain(acceptance),
      answer: signInAnswer,
      refusals: [
        '409 ALREADY_EXISTS',
        '422 ALREADY_ACTIVE',
        '422 LINK_VOID',
        '422 WEAK_PASSWORD',
        '429 TOO_MANY_ATTEMPTS',
      ],
      handle: (call) => accept(services, door, call),
    },
  ];
}
