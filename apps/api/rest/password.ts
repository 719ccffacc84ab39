import {
  object,
  optional,
  text as line,
  email as address,
  Type,
  type TObject,
} from '#kernel/fields';
import { isRefusal, type Refusal } from '#kernel/refusal';
import type { EmailChanges } from '../auth/email-changes.js';
import type { Passwords } from '../auth/passwords.js';
import type { SignedIn } from '../auth/sign-in.js';
import {
  signedInAnswer,
  BODY_LIMIT,
  checked,
  fromPage,
  originOf,
  RefreshCookie,
  tokensAnswer,
} from './auth.js';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { plain } from './schemas.js';

export interface PasswordServices {
  readonly passwords: Passwords;
  readonly emailChanges: EmailChanges;
  readonly publicUrl: string;
}

/** A link's token as it stands behind `#`. */
export const token = () =>
  Type.String({ minLength: 1, maxLength: 200, description: 'What stands behind # in the link.' });
export const newPassword = () =>
  Type.String({
    minLength: 1,
    maxLength: 1024,
    description: 'At least 15 characters, at most 256; none that is tried first by attackers.',
  });

const forgotten = object({
  workspace: optional(line(63, { description: 'Short name of the workspace.' })),
  email: Type.String({ minLength: 1, maxLength: 255, examples: ['gavin@hooli.com'] }),
});
const reset = object({ token: token(), password: newPassword() });
const change = object({
  currentPassword: Type.String({ minLength: 1, maxLength: 1024 }),
  password: newPassword(),
});
const newAddress = object({ email: address({ description: 'The new address.' }) });
const confirmation = object({ token: token() });

const accepted: Answer = { status: 202, data: { accepted: true } };
const acceptedAnswer = {
  status: 202,
  description: 'Taken; the same for everybody.',
  data: {
    type: 'object',
    properties: { accepted: { const: true } },
    required: ['accepted'],
    additionalProperties: false,
  },
};
const done: Answer = { status: 204 };

/** The input as declared, handed on; a refusal of it or of the work is the answer. */
async function taking<T>(
  schema: object,
  { body }: Call,
  work: (given: T) => Promise<Answer | Refusal>,
): Promise<Answer | Refusal> {
  const given = checked<T>(schema as TObject, body);
  return isRefusal(given) ? given : work(given as T);
}

/** Passwords and addresses of people who change or forgot theirs. */
export function passwordEndpoints({
  passwords,
  emailChanges,
  publicUrl,
}: PasswordServices): Endpoint[] {
  const cookie = new RefreshCookie(publicUrl);
  const common = { tag: 'auth', bodyLimit: BODY_LIMIT } as const;
  const nothing = (description: string) => ({ status: 204, description });
  return [
    {
      ...common,
      operation: 'forgot_password',
      method: 'POST',
      path: '/auth/forgot-password',
      summary: 'Ask for a link to choose a new password',
      description:
        'Sends a link to the address where it belongs to somebody who may sign in. The answer and ' +
        'its time are the same for every address. A person gets five links in an hour at most.',
      access: 'open',
      body: plain(forgotten),
      example: { workspace: 'hooli', email: 'gavin@hooli.com' },
      answer: acceptedAnswer,
      refusals: ['429 TOO_MANY_ATTEMPTS'],
      handle: (call) =>
        taking<{ workspace?: string; email: string }>(forgotten, call, (given) => {
          passwords.request(given.email, given.workspace, originOf(call.request));
          return Promise.resolve(accepted);
        }),
    },
    {
      ...common,
      operation: 'reset_password',
      method: 'POST',
      path: '/auth/reset-password',
      summary: 'Choose a new password by a link',
      description:
        'The link is good once and for an hour. All sessions of the person end; they sign in with ' +
        'the new password, and with a second factor where they have one.',
      access: 'open',
      body: plain(reset),
      answer: nothing('The password is changed.'),
      refusals: ['422 LINK_VOID', '422 WEAK_PASSWORD', '429 TOO_MANY_ATTEMPTS'],
      handle: (call) =>
        taking<{ token: string; password: string }>(reset, call, async (given) => {
          const { token: link, password } = given;
          return (await passwords.reset(link, password, originOf(call.request))) ?? done;
        }),
    },
    {
      ...common,
      operation: 'change_password',
      method: 'PUT',
      path: '/auth/password',
      summary: 'Change one’s own password',
      description: 'All other sessions end; this one goes on with the tokens of the answer.',
      access: 'person',
      body: plain(change),
      answer: tokensAnswer,
      refusals: [
        '403 STEP_UP_REQUIRED',
        '422 WRONG_PASSWORD',
        '422 WEAK_PASSWORD',
        '429 TOO_MANY_ATTEMPTS',
      ],
      handle: (call) =>
        taking<{ currentPassword: string; password: string }>(change, call, async (given) => {
          const { request, caller } = call;
          const page = fromPage(request, publicUrl);
          if (isRefusal(page)) return page as Refusal;
          const signed = await passwords.change(caller, given, originOf(request));
          if (isRefusal(signed)) return signed as Refusal;
          return signedInAnswer(signed as SignedIn, request, page === true ? cookie : undefined);
        }),
    },
    {
      ...common,
      operation: 'request_email_change',
      method: 'POST',
      path: '/auth/email-changes',
      summary: 'Ask for another address of one’s own',
      description:
        'Sends a link to the new address. The address changes once the link is opened, and the ' +
        'former address is told.',
      access: 'person',
      stepUp: true,
      body: plain(newAddress),
      example: { email: 'gb@hooli.com' },
      answer: acceptedAnswer,
      refusals: ['409 ALREADY_TAKEN', '429 TOO_MANY_ATTEMPTS'],
      handle: (call) =>
        taking<{ email: string }>(newAddress, call, async ({ email }) => {
          const { caller, request } = call;
          return (await emailChanges.request(caller, email, originOf(request))) ?? accepted;
        }),
    },
    {
      ...common,
      operation: 'confirm_email_change',
      method: 'POST',
      path: '/auth/confirm-email',
      summary: 'Confirm a new address by a link',
      access: 'open',
      body: plain(confirmation),
      answer: nothing('The address is changed.'),
      refusals: ['409 ALREADY_TAKEN', '422 LINK_VOID', '429 TOO_MANY_ATTEMPTS'],
      handle: (call) =>
        taking<{ token: string }>(confirmation, call, async ({ token: link }) => {
          return (await emailChanges.confirm(link, originOf(call.request))) ?? done;
        }),
    },
  ];
}
