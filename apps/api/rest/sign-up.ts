import { email, object, optional, text as line, type TObject } from '#kernel/fields';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { tenantProfile } from '#event-schemas/identity/tenant.events';
import type { NewSignUp, SignUps } from '../auth/sign-ups.js';
import { BODY_LIMIT, checked, originOf } from './auth.js';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { newPassword, token } from './password.js';
import { objectOf, plain, text, uuid } from './schemas.js';

export interface SignUpServices {
  readonly signUps: SignUps;
}

const { name, slug, timeZone, locale, currency } = tenantProfile.required;
const asked = object({ email: email({ description: 'Address of the owner to be.' }) });
const completed = object({
  token: token(),
  name,
  slug: optional(slug),
  ownerName: optional(line(200, { description: 'First and last name.' })),
  password: newPassword(),
  timeZone: optional(timeZone),
  locale: optional(locale),
  currency: optional(currency),
});
type Completed = Omit<NewSignUp, 'ownerPassword'> & {
  readonly token: string;
  readonly password: string;
};

function request({ signUps }: SignUpServices, call: Call): Answer | Refusal {
  const given = checked<{ email: string }>(asked as unknown as TObject, call.body);
  if (isRefusal(given)) return given;
  const refused = signUps.request(given.email, originOf(call.request));
  return refused ?? { status: 202, data: { accepted: true } };
}

async function complete({ signUps }: SignUpServices, call: Call): Promise<Answer | Refusal> {
  const input = checked<Completed>(completed as unknown as TObject, call.body);
  if (isRefusal(input)) return input;
  const { token: link, password, ...rest } = input;
  const given = { ...rest, ownerPassword: password };
  const made = await signUps.complete(link, given, originOf(call.request));
  if (isRefusal(made)) return made;
  const { tenantId, slug: workspace, email: address } = made;
  return { status: 201, data: { tenantId, workspace, email: address } };
}

/** Making a workspace by oneself, where the platform lets anybody. */
export function signUpEndpoints(services: SignUpServices): Endpoint[] {
  const open = { method: 'POST', tag: 'auth', access: 'open', bodyLimit: BODY_LIMIT } as const;
  return [
    {
      operation: 'sign_up',
      method: 'GET',
      path: '/auth/sign-up',
      tag: 'auth',
      summary: 'Ask whether anybody may make a workspace',
      access: 'open',
      answer: {
        status: 200,
        description: 'Whether sign-up is open here.',
        data: objectOf({ open: { type: 'boolean' } }),
      },
      handle: () => Promise.resolve({ data: { open: services.signUps.isOpen } }),
    },
    {
      ...open,
      operation: 'request_sign_up',
      path: '/auth/sign-up',
      summary: 'Ask for a link to make a workspace',
      description:
        'Sends a link to the address, which proves that it is yours. The answer is the same for ' +
        'every address. An address gets five links in an hour at most. Refused where `SIGN_UP` is ' +
        'closed.',
      body: plain(asked),
      example: { email: 'gavin@hooli.com' },
      answer: {
        status: 202,
        description: 'Taken; the same for everybody.',
        data: objectOf({ accepted: { const: true } }),
      },
      refusals: ['403 SIGN_UP_CLOSED', '429 TOO_MANY_ATTEMPTS'],
      handle: (call) => Promise.resolve().then(() => request(services, call)),
    },
    {
      ...open,
      operation: 'complete_sign_up',
      path: '/auth/sign-up/complete',
      summary: 'Make a workspace by a link',
      description:
        'Makes the workspace on the plan starter, with its owner. Its short name is made from ' +
        'the name when it is left out. The link is good once and for a day.',
      body: plain(completed),
      answer: {
        status: 201,
        description: 'The workspace is there; sign in to it.',
        data: objectOf({ tenantId: uuid, workspace: text, email: text }),
      },
      refusals: [
        '403 SIGN_UP_CLOSED',
        '409 ALREADY_TAKEN',
        '422 LINK_VOID',
        '422 SLUG_RESERVED',
        '422 WEAK_PASSWORD',
        '429 TOO_MANY_ATTEMPTS',
      ],
      handle: (call) => complete(services, call),
    },
  ];
}
