import { object, optional, Type, type TObject } from '#kernel/fields';
import { isUuid } from '#kernel/ids';
import { isRefusal, type Refusal } from '#kernel/refusal';
import type { PasskeyAnswer, PasskeyMade } from '#platform/auth/passkeys';
import { noSuchFactor } from '../auth/mfa-enrolment.js';
import { OwnFactors } from '../auth/mfa-own.js';
import type { SignedIn } from '../auth/sign-in.js';
import { BODY_LIMIT, checked, Door, originOf, tokensAnswer, type AuthServices } from './auth.js';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { listOf, maybe, objectOf, plain, text, uuid } from './schemas.js';

const bytes = Type.String({ maxLength: 8192, pattern: '^[\\w-]*$' });
const answerOf = (response: Parameters<typeof Type.Object>[0], description: string) =>
  Type.Object(
    {
      id: bytes,
      rawId: bytes,
      type: Type.Literal('public-key'),
      response: Type.Object({ clientDataJSON: bytes, ...response }, { additionalProperties: true }),
    },
    { additionalProperties: true, description },
  );
/** What `navigator.credentials.get` answered, as JSON. */
export const passkeyAnswer = answerOf(
  { authenticatorData: bytes, signature: bytes, userHandle: Type.Optional(bytes) },
  'The PublicKeyCredential of navigator.credentials.get, as its toJSON gives it.',
);
export const passkeyMade = answerOf(
  { attestationObject: bytes },
  'The PublicKeyCredential of navigator.credentials.create, as its toJSON gives it.',
);
const name = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '\\S',
  description: 'What the person calls it.',
  examples: ['Laptop'],
});
const asSchema = (properties: Parameters<typeof object>[0]) =>
  object(properties) as unknown as TObject;
const inputs = {
  none: asSchema({}),
  signIn: asSchema({ passkey: passkeyAnswer }),
  second: asSchema({ challenge: Type.String({ minLength: 1, maxLength: 200 }) }),
  add: asSchema({ name: optional(name), passkey: passkeyMade }),
  rename: asSchema({ name }),
};
const options = {
  type: 'object',
  description: 'For navigator.credentials, through PublicKeyCredential.parse…OptionsFromJSON.',
};
const asked = (description: string) => ({ status: 201, description, data: options });

/** Passkeys: signing in with one, proving with one, and one's own; codes by e-mail. */
export function passkeyEndpoints(services: AuthServices): Endpoint[] {
  const { signIn, publicUrl, callers, platform } = services;
  const door = new Door(publicUrl);
  const own = new OwnFactors(platform, signIn.factors, callers, signIn.journal);
  const post = { method: 'POST', tag: 'auth', bodyLimit: BODY_LIMIT } as const;
  const open = { ...post, access: 'open' } as const;
  const mine = { ...post, access: 'person' } as const;
  const attempts = ['403 FACTOR_REFUSED', '429 TOO_MANY_ATTEMPTS'];
  const accountOf = ({ caller }: Call) => ({ tenantId: caller.tenantId, userId: caller.actor.id });

  const told = (done: object | Refusal): Answer | Refusal =>
    isRefusal(done) ? (done as Refusal) : { status: 201, data: done };

  const enter = async (call: Call): Promise<Answer | Refusal> => {
    const input = door.given<{ passkey: PasskeyAnswer }>(inputs.signIn, call);
    if (isRefusal(input)) return input as Refusal;
    const { passkey } = input as { passkey: PasskeyAnswer };
    const signed = await signIn.signInByPasskey(passkey, originOf(call.request));
    return isRefusal(signed) ? (signed as Refusal) : door.letIn(signed as SignedIn, call);
  };
  const second = async (call: Call): Promise<Answer | Refusal> => {
    const input = door.given<{ challenge: string }>(inputs.second, call);
    if (isRefusal(input)) return input as Refusal;
    return told(await signIn.factors.askPasskey((input as { challenge: string }).challenge));
  };
  const first = async (call: Call): Promise<Answer | Refusal> => {
    const input = door.given<{ challenge: string }>(inputs.second, call);
    if (isRefusal(input)) return input as Refusal;
    return told(await signIn.factors.offerPasskey((input as { challenge: string }).challenge));
  };
  const mailCode = async (call: Call): Promise<Answer | Refusal> => {
    const input = door.given<{ challenge: string }>(inputs.second, call);
    if (isRefusal(input)) return input as Refusal;
    const { challenge } = input as { challenge: string };
    const refused = await signIn.sendEmailCode(challenge, originOf(call.request));
    return refused ?? { status: 204 };
  };
  const add = async (call: Call): Promise<Answer | Refusal> => {
    const input = checked<{ name?: string; passkey: PasskeyMade }>(inputs.add, call.body);
    if (isRefusal(input)) return input as Refusal;
    const { name: called = 'Passkey', passkey } = input as { name?: string; passkey: PasskeyMade };
    const { enrolments } = signIn.factors;
    const place = { id: call.caller.sessionId, isSession: true } as const;
    const origin = originOf(call.request);
    return told(await enrolments.addPasskey(accountOf(call), passkey, called, place, origin));
  };
  const rename = async ({ caller, params, body }: Call): Promise<Answer | Refusal> => {
    const input = checked<{ name: string }>(inputs.rename, body);
    if (isRefusal(input)) return input as Refusal;
    const id = params['id']!.toLowerCase();
    if (!isUuid(id)) return noSuchFactor;
    return (await own.rename(caller, id, (input as { name: string }).name)) ?? { status: 204 };
  };

  return [
    {
      ...open,
      operation: 'ask_any_passkey',
      path: '/auth/passkeys/sign-in/options',
      summary: 'Begin to sign in with a passkey',
      description: 'Whose it is the passkey says. The challenge is good once, for ten minutes.',
      answer: asked('What the browser asks a passkey with.'),
      refusals: ['429 TOO_MANY_ATTEMPTS'],
      handle: async (call) => {
        const wrong = door.given(inputs.none, { ...call, body: call.body ?? {} });
        return isRefusal(wrong)
          ? (wrong as Refusal)
          : told(await signIn.askPasskey(originOf(call.request)));
      },
    },
    {
      ...open,
      operation: 'sign_in_by_passkey',
      path: '/auth/passkeys/sign-in',
      summary: 'Sign in with a passkey alone',
      description:
        'The passkey has to have verified the person, and so counts as both factors. Where a ' +
        'workspace forces single sign-on it is refused as a password is.',
      body: plain(inputs.signIn),
      answer: tokensAnswer,
      refusals: ['401 SIGN_IN_REFUSED', '403 SSO_REQUIRED', '403 WORKSPACE_SUSPENDED', ...attempts],
      handle: enter,
    },
    {
      ...open,
      operation: 'ask_second_passkey',
      path: '/auth/mfa/verify/passkey',
      summary: 'Begin to complete a sign-in with a passkey',
      description:
        'Takes the `challenge` of the sign-in; what it answers goes to /auth/mfa/verify.',
      body: plain(inputs.second),
      example: { challenge: 'cfm_…' },
      answer: asked('What the browser asks a passkey of the account with.'),
      refusals: ['401 CHALLENGE_ENDED'],
      handle: second,
    },
    {
      ...open,
      operation: 'offer_first_passkey',
      path: '/auth/mfa/enrolment/passkey',
      summary: 'Begin to add the passkey a sign-in needs',
      description:
        'For a sign-in that answered `step: enrolment`. The passkey that is made goes to ' +
        '/auth/mfa/enrolment/confirm.',
      body: plain(inputs.second),
      example: { challenge: 'cfm_…' },
      answer: asked('What the browser makes a passkey with.'),
      refusals: ['401 CHALLENGE_ENDED', '422 TOO_MANY_FACTORS'],
      handle: first,
    },
    {
      ...open,
      operation: 'send_email_code',
      path: '/auth/mfa/verify/email',
      summary: 'Get a code by e-mail to complete a sign-in',
      description:
        'Where the sign-in named `email_code`: the workspace allows it, and the person has no other ' +
        'factor. Five are sent in an hour; the newest counts, once and for this sign-in.',
      body: plain(inputs.second),
      example: { challenge: 'cfm_…' },
      answer: { status: 204, description: 'Sent.' },
      refusals: ['401 CHALLENGE_ENDED', '422 EMAIL_CODE_REFUSED', '429 TOO_MANY_ATTEMPTS'],
      handle: mailCode,
    },
    {
      ...mine,
      operation: 'ask_own_passkey',
      path: '/auth/mfa/step-up/passkey',
      summary: 'Begin to prove who you are with a passkey',
      description: 'What it answers goes to /auth/mfa/step-up, from the same session.',
      answer: asked('What the browser asks one of your passkeys with.'),
      handle: async ({ caller }) => told(await own.askPasskey(caller)),
    },
    {
      ...mine,
      operation: 'offer_passkey',
      path: '/auth/passkeys/options',
      summary: 'Begin to add a passkey',
      description: 'The challenge is good once, for ten minutes, in this session.',
      stepUp: true,
      answer: asked('What the browser makes a passkey with.'),
      refusals: ['422 TOO_MANY_FACTORS'],
      handle: async (call) => {
        const { enrolments } = signIn.factors;
        return told(await enrolments.beginPasskey(accountOf(call), call.caller.sessionId));
      },
    },
    {
      ...mine,
      operation: 'add_passkey',
      path: '/auth/passkeys',
      summary: 'Add a passkey',
      description: 'All other sessions end. With the first factor come ten recovery codes.',
      stepUp: true,
      body: plain(inputs.add),
      answer: {
        status: 201,
        description: 'The passkey counts from now on.',
        data: objectOf({
          factorId: uuid,
          recoveryCodes: {
            ...maybe(listOf(text)),
            description: 'Each is good once instead of a factor; shown this once.',
          },
        }),
      },
      refusals: ['422 PASSKEY_REFUSED'],
      handle: add,
    },
    {
      operation: 'rename_factor',
      method: 'PATCH',
      path: '/auth/mfa/factors/:id',
      tag: 'auth',
      summary: 'Call one’s own factor something else',
      access: 'person',
      bodyLimit: BODY_LIMIT,
      body: plain(inputs.rename),
      example: { name: 'Laptop' },
      answer: { status: 204, description: 'Renamed.' },
      refusals: ['404 NOT_FOUND'],
      handle: rename,
    },
  ];
}
