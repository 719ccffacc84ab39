import { object, optional, Type, type TObject } from '#kernel/fields';
import { isUuid } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import type { PasskeyMade } from '#platform/auth/passkeys';
import { OwnFactors } from '../auth/mfa-own.js';
import { noSuchFactor } from '../auth/mfa-enrolment.js';
import type { Proof } from '../auth/mfa-proofs.js';
import { STEP_UP_MINUTES } from '../auth/mfa-step-up.js';
import { BODY_LIMIT, checked, Door, originOf, tokenFields, type AuthServices } from './auth.js';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { passkeyAnswer, passkeyMade } from './passkeys.js';
import { count, instant, listOf, maybe, objectOf, plain, text, uuid } from './schemas.js';

const code = Type.String({
  minLength: 6,
  maxLength: 20,
  description: 'Six digits of an authenticator app or a mail, or a recovery code.',
  examples: ['492039'],
});
const password = Type.String({
  minLength: 1,
  maxLength: 1024,
  description: 'Counts for people without a second factor.',
});
const challenge = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'From the answer of the sign-in.',
});
const name = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'What the person calls it.',
  examples: ['Phone'],
});
const asSchema = (properties: Parameters<typeof object>[0]) =>
  object(properties) as unknown as TObject;

const inputs = {
  prove: asSchema({ challenge, code: optional(code), passkey: optional(passkeyAnswer) }),
  begin: asSchema({ challenge }),
  finish: asSchema({ challenge, code: optional(code), passkey: optional(passkeyMade) }),
  stepUp: asSchema({
    code: optional(code),
    password: optional(password),
    passkey: optional(passkeyAnswer),
  }),
  add: asSchema({ name: optional(name) }),
  confirm: asSchema({ code }),
};

const begun = objectOf({
  factorId: uuid,
  secret: { ...text, description: 'Base32, for an app that reads no QR code.' },
  uri: { ...text, description: 'otpauth://…, what a QR code shows.' },
});
const codes = {
  ...maybe(listOf(text)),
  description: 'Each is good once instead of a factor; shown this once.',
};
const roles = listOf(text);
const state = objectOf({
  factors: listOf(
    objectOf({
      id: uuid,
      kind: { type: 'string', enum: ['totp', 'passkey'] },
      name: text,
      createdAt: instant,
      lastUsedAt: maybe(instant),
    }),
  ),
  recoveryCodesLeft: count,
  proofs: {
    ...listOf({ type: 'string', enum: ['totp', 'passkey', 'recovery_code', 'password'] }),
    description: 'What counts as a proof at /auth/mfa/step-up; empty for single sign-on alone.',
  },
  required: { type: 'boolean', description: 'Whether the role needs a second factor.' },
  requiredNow: { type: 'boolean', description: 'Whether that holds already.' },
  passwordMinimum: {
    ...count,
    description: 'Fewest characters of a new password: fewer beside a factor that is enforced.',
  },
  policy: objectOf({
    requiredRoles: roles,
    emailCodes: { type: 'boolean' },
    enforcedFrom: maybe(instant),
  }),
  provenUntil: {
    ...maybe(instant),
    description: 'Until when dangerous actions need no further proof.',
  },
});

/** A first factor as it was made. */
interface Made {
  readonly code: string;
  readonly passkey: PasskeyMade;
}
const oneFactor = refusal('VALIDATION_ERROR', 'shape', 'Give a code or a passkey.', [
  { field: 'code', rule: 'one', message: 'It takes code or passkey, and one of them only.' },
]);

type Handler = (call: Call) => Promise<Answer | Refusal>;

/** Second factors: the second step of a sign-in, one's own factors, and proofs in between. */
export function mfaEndpoints(services: AuthServices): Endpoint[] {
  const { signIn, publicUrl, callers, platform } = services;
  const door = new Door(publicUrl);
  const own = new OwnFactors(platform, signIn.factors, callers, signIn.journal);
  const post = { method: 'POST', tag: 'auth', bodyLimit: BODY_LIMIT } as const;
  const open = { ...post, access: 'open' } as const;
  const mine = { ...post, access: 'person' } as const;
  const attempts = ['403 FACTOR_REFUSED', '429 TOO_MANY_ATTEMPTS'];
  const tokens = (more = {}) => ({
    status: 200,
    description: 'A short-lived access token, and a refresh token for the next one.',
    data: objectOf(
      { ...tokenFields, ...more },
      Object.keys(tokenFields).filter((field) => !field.startsWith('refreshToken')),
    ),
  });

  const prove: Handler = async (call) => {
    const input = door.given<{ challenge: string } & Proof>(inputs.prove, call);
    if (isRefusal(input)) return input as Refusal;
    const { challenge: token, ...proof } = input as { challenge: string } & Proof;
    const signed = await signIn.proveFactor(token, proof, originOf(call.request));
    return 'refused' in signed ? signed : door.letIn(signed, call);
  };
  const begin: Handler = async (call) => {
    const input = door.given<{ challenge: string }>(inputs.begin, call);
    if (isRefusal(input)) return input as Refusal;
    const done = await signIn.factors.beginEnrolment((input as { challenge: string }).challenge);
    return 'refused' in done ? done : { status: 201, data: done };
  };
  const finish: Handler = async (call) => {
    const input = door.given<{ challenge: string } & Partial<Made>>(inputs.finish, call);
    if (isRefusal(input)) return input as Refusal;
    const {
      challenge: token,
      code: typed,
      passkey,
    } = input as { challenge: string } & Partial<Made>;
    if ((typed === undefined) === (passkey === undefined)) return oneFactor;
    const factor = passkey ? { passkey } : { code: typed! };
    const signed = await signIn.finishEnrolment(token, factor, originOf(call.request));
    return 'refused' in signed ? signed : door.letIn(signed, call);
  };
  const stepUp: Handler = async ({ request, caller, body }) => {
    const input = checked<Proof>(inputs.stepUp, body);
    if (isRefusal(input)) return input as Refusal;
    const done = await own.stepUp(caller, input as Proof, originOf(request));
    return 'refused' in done ? done : { data: { provenUntil: done.until.toISOString() } };
  };
  const add: Handler = async ({ caller, body }) => {
    const input = checked<{ name?: string }>(inputs.add, body);
    if (isRefusal(input)) return input as Refusal;
    const account = { tenantId: caller.tenantId, userId: caller.actor.id };
    const called = (input as { name?: string }).name ?? 'Authenticator app';
    const done = await signIn.factors.enrolments.beginTotp(account, called);
    return 'refused' in done ? done : { status: 201, data: done };
  };
  const confirm: Handler = async ({ request, caller, body }) => {
    const input = checked<{ code: string }>(inputs.confirm, body);
    if (isRefusal(input)) return input as Refusal;
    const account = { tenantId: caller.tenantId, userId: caller.actor.id };
    const done = await signIn.factors.enrolments.confirmTotp(
      account,
      (input as { code: string }).code,
      originOf(request),
      caller.sessionId,
    );
    return 'refused' in done ? done : { data: done };
  };

  return [
    {
      ...open,
      operation: 'prove_factor',
      path: '/auth/mfa/verify',
      summary: 'Complete a sign-in with a second factor',
      description:
        'Takes the `challenge` of the sign-in and a code, or what a passkey signed for ' +
        '/auth/mfa/verify/passkey. Five wrong ones from one place lock the ' +
        'codes of the account for that place for 15 minutes, ten from anywhere for everybody.',
      body: plain(inputs.prove),
      example: { challenge: 'cfm_…', code: '492039' },
      answer: tokens(),
      refusals: ['401 CHALLENGE_ENDED', ...attempts],
      handle: prove,
    },
    {
      ...open,
      operation: 'begin_enrolment',
      path: '/auth/mfa/enrolment',
      summary: 'Begin to add the factor a sign-in needs',
      description: 'For a sign-in that answered `step: enrolment`. The secret is shown this once.',
      body: plain(inputs.begin),
      example: { challenge: 'cfm_…' },
      answer: { status: 201, description: 'What the authenticator app needs.', data: begun },
      refusals: ['401 CHALLENGE_ENDED'],
      handle: begin,
    },
    {
      ...open,
      operation: 'finish_enrolment',
      path: '/auth/mfa/enrolment/confirm',
      summary: 'Complete a sign-in with a new factor',
      description:
        'Takes the first code of the authenticator app, or the passkey that was made for ' +
        '/auth/mfa/enrolment/passkey.',
      body: plain(inputs.finish),
      example: { challenge: 'cfm_…', code: '492039' },
      answer: tokens({ recoveryCodes: codes }),
      refusals: ['401 CHALLENGE_ENDED', '422 PASSKEY_REFUSED', ...attempts],
      handle: finish,
    },
    {
      ...mine,
      operation: 'step_up',
      path: '/auth/mfa/step-up',
      summary: 'Prove who you are once more',
      description:
        'Dangerous actions, such as erasing a person or making an API key, need a sign-in or a ' +
        `proof from the last ${STEP_UP_MINUTES} minutes; without one they answer STEP_UP_REQUIRED. ` +
        'Give a code, what a passkey signed for /auth/mfa/step-up/passkey, or the password where ' +
        'there is no second factor.',
      body: plain(inputs.stepUp),
      example: { code: '492039' },
      answer: {
        status: 200,
        description: 'Until when the proof is good.',
        data: objectOf({ provenUntil: instant }),
      },
      refusals: ['403 FACTOR_NEEDED', ...attempts],
      handle: stepUp,
    },
    {
      operation: 'own_factors',
      method: 'GET',
      path: '/auth/mfa',
      tag: 'auth',
      summary: 'Read one’s own second factors',
      access: 'person',
      answer: {
        status: 200,
        description: 'Factors, and what the workspace asks for.',
        data: state,
      },
      handle: async ({ caller }) => {
        const found = await own.state(caller);
        return 'refused' in found ? found : { data: found };
      },
    },
    {
      ...mine,
      operation: 'add_totp',
      path: '/auth/mfa/totp',
      summary: 'Begin to add an authenticator app',
      description: 'The secret is shown this once; the app counts once a code of it was given.',
      stepUp: true,
      body: plain(inputs.add),
      answer: { status: 201, description: 'What the authenticator app needs.', data: begun },
      refusals: ['422 TOO_MANY_FACTORS'],
      handle: add,
    },
    {
      ...mine,
      operation: 'confirm_totp',
      path: '/auth/mfa/totp/confirm',
      summary: 'Confirm an authenticator app with a code',
      description: 'All other sessions end. With the first factor come ten recovery codes.',
      stepUp: true,
      body: plain(inputs.confirm),
      answer: {
        status: 200,
        description: 'The factor counts from now on.',
        data: objectOf({ factorId: uuid, recoveryCodes: codes }),
      },
      refusals: ['404 NOT_FOUND', ...attempts],
      handle: confirm,
    },
    {
      operation: 'remove_factor',
      method: 'DELETE',
      path: '/auth/mfa/factors/:id',
      tag: 'auth',
      summary: 'Remove one’s own factor',
      description:
        'All other sessions end; with the last factor the recovery codes go as well. A password ' +
        'of fewer than 15 characters does not stand alone: the next sign-in asks for a longer one.',
      access: 'person',
      stepUp: true,
      answer: { status: 204, description: 'Removed.' },
      refusals: ['404 NOT_FOUND', '422 FACTOR_REQUIRED'],
      handle: async ({ request, caller, params }) => {
        const id = params['id']!.toLowerCase();
        if (!isUuid(id)) return noSuchFactor;
        return (await own.remove(caller, id, originOf(request))) ?? { status: 204 };
      },
    },
    {
      ...mine,
      operation: 'new_recovery_codes',
      path: '/auth/mfa/recovery-codes',
      summary: 'Get new recovery codes',
      description: 'Ten codes in place of those before, each good once; shown this once.',
      stepUp: true,
      answer: {
        status: 201,
        description: 'The codes.',
        data: objectOf({ recoveryCodes: listOf(text) }),
      },
      refusals: ['422 FACTOR_MISSING'],
      handle: async ({ request, caller }) => {
        const done = await own.newCodes(caller, originOf(request));
        return isRefusal(done) ? (done as Refusal) : { status: 201, data: { recoveryCodes: done } };
      },
    },
  ];
}
