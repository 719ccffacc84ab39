import type {} from '@fastify/cookie';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { flag, object, optional, Type, type TObject } from '#kernel/fields';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { validate } from '#platform/commands/validation';
import type { Origin, SignedIn, SignIn } from '../auth/sign-in.js';
import { workspaceNamed } from '../http/workspace-named.js';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { inputOf } from './writes.js';
import { instant, listOf, maybe, objectOf, plain, refTo, text, uuid } from './schemas.js';
import { notFound, type Services } from './services.js';

export interface AuthServices extends Services {
  readonly signIn: SignIn;
  /** Address people reach the app under. */
  readonly publicUrl: string;
}

/** Who has not signed in has little to say. */
export const BODY_LIMIT = 16_384;

const credentials = object({
  workspace: optional(
    Type.String({
      minLength: 1,
      maxLength: 63,
      description: 'Short name of the workspace; needed when the address is used in several.',
      examples: ['hooli'],
    }),
  ),
  email: Type.String({ minLength: 1, maxLength: 255, examples: ['gavin@hooli.com'] }),
  password: Type.String({ minLength: 1, maxLength: 1024 }),
});
const refreshInput = object({
  refreshToken: optional(Type.String({ minLength: 1, maxLength: 200 })),
});
const logoutInput = object({
  everywhere: optional(flag({ description: 'Ends all sessions of the person.' })),
});

/** Where a request comes from, as sessions and the log keep it. */
export function originOf(request: FastifyRequest): Origin {
  const userAgent = request.headers['user-agent']?.slice(0, 500);
  return { ip: request.ip, requestId: request.id, ...(userAgent ? { userAgent } : {}) };
}

const crossSite = refusal(
  'CROSS_SITE',
  'forbidden',
  'This is for pages of this site and for programs, not for pages of other sites.',
);

/** Whether a page of ours asks; a page of another site is refused, a program is neither. */
export function fromPage({ headers }: FastifyRequest, publicUrl: string): boolean | Refusal {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' ? true : crossSite;
  const { origin } = headers;
  if (origin === undefined) return false;
  const own = [new URL(publicUrl).host, headers.host];
  return URL.canParse(origin) && own.includes(new URL(origin).host) ? true : crossSite;
}

/**
 * Pages keep the refresh token in a cookie that no script reads; programs get it in the answer.
 * The prefix `__Host-` needs HTTPS, which a server on one's own machine does not have.
 */
export class RefreshCookie {
  private readonly secure: boolean;
  private readonly name: string;

  constructor(publicUrl: string) {
    this.secure = publicUrl.startsWith('https:');
    this.name = this.secure ? '__Host-clientforge-refresh' : 'clientforge-refresh';
  }

  read(request: FastifyRequest): string | undefined {
    return request.server.parseCookie(request.headers.cookie ?? '')[this.name];
  }
  write(server: FastifyInstance, token: string, expires: string): string {
    return this.serialize(server, token, new Date(expires));
  }
  clear(server: FastifyInstance): string {
    return this.serialize(server, '', new Date(0));
  }
  private serialize(server: FastifyInstance, value: string, expires: Date): string {
    const path = this.secure ? '/' : '/api/v1/auth';
    const { secure } = this;
    const options = { path, secure, expires, httpOnly: true, sameSite: 'strict' } as const;
    return server.serializeCookie(this.name, value, options);
  }
}

/** Answers a sign-in; a page gets the refresh token as a cookie. */
export function signedInAnswer(
  signed: SignedIn,
  { server }: FastifyRequest,
  cookie?: RefreshCookie,
): Answer {
  const { refreshToken, ...rest } = signed;
  return {
    data: { tokenType: 'Bearer', ...rest, ...(cookie ? {} : { refreshToken }) },
    ...(cookie
      ? {
          headers: {
            'set-cookie': cookie.write(server, refreshToken, signed.refreshTokenExpiresAt),
          },
        }
      : {}),
  };
}

/** The body as declared; a secret never goes back in the refusal. */
export function checked<T>(schema: TObject, body: unknown): T | Refusal {
  const input = inputOf(body, {});
  if (isRefusal(input)) return input as Refusal;
  const invalid = validate(schema, input);
  if (!invalid) return input as T;
  const details = invalid.details.map(({ value: _value, ...rest }) => rest);
  return { ...invalid, details };
}

/** Takes what pages of ours and programs send without a session, and answers sign-ins. */
export class Door {
  private readonly cookie: RefreshCookie;

  constructor(private readonly publicUrl: string) {
    this.cookie = new RefreshCookie(publicUrl);
  }

  /** The body as declared, from a page of ours or a program. */
  given<Input>(schema: TObject, { request, body }: Call): Input | Refusal {
    const page = fromPage(request, this.publicUrl);
    return isRefusal(page) ? page : checked<Input>(schema, body);
  }

  /** Answers a sign-in: a page of ours gets the refresh token as a cookie. */
  letIn(signed: SignedIn, { request }: Call): Answer {
    const page = fromPage(request, this.publicUrl) === true;
    return signedInAnswer(signed, request, page ? this.cookie : undefined);
  }
}

async function login(
  { signIn, publicUrl }: AuthServices,
  door: Door,
  call: Call,
): Promise<Answer | Refusal> {
  const given = door.given<{ workspace?: string; email: string; password: string }>(
    credentials as unknown as TObject,
    call,
  );
  if (isRefusal(given)) return given;
  const named = workspaceNamed(call.request, publicUrl);
  const where = { ...(named ? { workspace: named } : {}), ...given };
  const signed = await signIn.signIn(where, originOf(call.request));
  if (isRefusal(signed)) return signed;
  return 'challenge' in signed ? { data: signed } : door.letIn(signed, call);
}

async function refresh(
  { signIn, publicUrl }: AuthServices,
  cookie: RefreshCookie,
  { request, body }: Call,
): Promise<Answer | Refusal> {
  const given = checked<{ refreshToken?: string }>(refreshInput as unknown as TObject, body);
  if (isRefusal(given)) return given;
  const page = given.refreshToken === undefined;
  if (page) {
    const ours = fromPage(request, publicUrl);
    if (isRefusal(ours)) return ours;
  }
  const token = given.refreshToken ?? cookie.read(request);
  if (token === undefined) {
    return refusal('UNAUTHENTICATED', 'unauthenticated', 'There is no refresh token.', [
      { field: 'refreshToken', rule: 'required', message: 'Sign in, and send it.' },
    ]);
  }
  const signed = await signIn.sessions.refresh(token, originOf(request));
  return isRefusal(signed) ? signed : signedInAnswer(signed, request, page ? cookie : undefined);
}

async function logout(
  { signIn }: AuthServices,
  cookie: RefreshCookie,
  { request, caller, body }: Call,
): Promise<Answer | Refusal> {
  const given = checked<{ everywhere?: boolean }>(logoutInput as unknown as TObject, body);
  if (isRefusal(given)) return given;
  await signIn.sessions.signOut(caller, given.everywhere === true, originOf(request));
  return { status: 204, headers: { 'set-cookie': cookie.clear(request.server) } };
}

async function me({ platform }: AuthServices, { caller }: Call): Promise<Answer | Refusal> {
  const { tenantId, actor, role, grants, apiKey } = caller;
  const sessionId = apiKey ? null : caller.sessionId;
  const read = async (name: string, id: string) => {
    const model = platform.registry.readModel(name);
    const { reader } = platform;
    return (await reader.live(tenantId, model, id)) ?? reader.fold(tenantId, model, id);
  };
  const [user, workspace] = await Promise.all([read('users', actor.id), read('tenants', tenantId)]);
  if (!user || !workspace) return notFound({ record: 'person' });
  return { data: { user, workspace, role, permissions: grants, sessionId } };
}

/** What a client gets that signed in. */
export const tokenFields = {
  tokenType: { const: 'Bearer' },
  tenantId: uuid,
  userId: uuid,
  sessionId: uuid,
  accessToken: text,
  accessTokenExpiresAt: instant,
  refreshToken: text,
  refreshTokenExpiresAt: instant,
};
/** What a sign-in answers whose password was right, where a second factor is asked for. */
const secondStepSchema = objectOf({
  step: { type: 'string', enum: ['factor', 'enrolment'] },
  challenge: text,
  challengeExpiresAt: instant,
  factors: listOf({ type: 'string', enum: ['totp', 'passkey', 'recovery_code', 'email_code'] }),
});
const signedInSchema = objectOf(
  tokenFields,
  Object.keys(tokenFields).filter((name) => !name.startsWith('refreshToken')),
);
/** What every way of signing in answers, for the documentation. */
export const tokensAnswer = {
  status: 200,
  description: 'A short-lived access token, and a refresh token for the next one.',
  data: signedInSchema,
};

/** The same, or what is left to do where a second factor is asked for. */
export const signInAnswer = {
  ...tokensAnswer,
  data: { anyOf: [signedInSchema, secondStepSchema] },
};

/** Signing in, going on, signing out, and who one is. */
export function authEndpoints(services: AuthServices): Endpoint[] {
  const cookie = new RefreshCookie(services.publicUrl);
  const door = new Door(services.publicUrl);
  const { registry } = services.platform;
  const common = { method: 'POST', tag: 'auth', bodyLimit: BODY_LIMIT } as const;
  return [
    {
      ...common,
      operation: 'sign_in',
      path: '/auth/login',
      summary: 'Sign in',
      description:
        'The workspace is the one named in the body, else by the header X-Workspace or by the ' +
        'subdomain; without any, the only one of the address. ' +
        'An unknown address and a wrong password are answered alike. Five failures from one place ' +
        'lock the account for that place for 15 minutes, and 30 attempts in a minute are the most ' +
        'from one place. Pages of the app get the refresh token as a cookie. Where a second factor ' +
        'is needed the answer has a `challenge` and no tokens: go on at /auth/mfa/verify, or at ' +
        '/auth/mfa/enrolment where `step` is `enrolment`.',
      access: 'open',
      body: plain(credentials),
      example: { workspace: 'hooli', email: 'gavin@hooli.com', password: '…' },
      answer: signInAnswer,
      refusals: [
        '401 SIGN_IN_REFUSED',
        '403 PASSWORD_TOO_SHORT',
        '403 WORKSPACE_SUSPENDED',
        '409 WORKSPACE_NEEDED',
        '429 TOO_MANY_ATTEMPTS',
      ],
      handle: (call) => login(services, door, call),
    },
    {
      ...common,
      operation: 'refresh',
      path: '/auth/refresh',
      summary: 'Get the next access token',
      description:
        'Each refresh token is good once and answers with the next. One that is used again ends ' +
        'the session, because two have it.',
      access: 'open',
      body: plain(refreshInput),
      answer: tokensAnswer,
      refusals: ['401 SESSION_ENDED'],
      handle: (call) => refresh(services, cookie, call),
    },
    {
      ...common,
      operation: 'sign_out',
      path: '/auth/logout',
      summary: 'Sign out',
      access: 'person',
      body: plain(logoutInput),
      answer: { status: 204, description: 'Signed out.' },
      handle: (call) => logout(services, cookie, call),
    },
    {
      operation: 'me',
      method: 'GET',
      path: '/auth/me',
      tag: 'auth',
      summary: 'Read who one is',
      access: 'signed-in',
      answer: {
        status: 200,
        description: 'The person, the workspace, and what the role allows: permission → scope.',
        data: objectOf({
          user: refTo(registry.readModel('users')),
          workspace: refTo(registry.readModel('tenants')),
          role: text,
          permissions: {
            type: 'object',
            additionalProperties: { type: 'string', enum: ['all', 'team', 'own'] },
          },
          sessionId: maybe(uuid),
        }),
      },
      handle: (call) => me(services, call),
    },
  ];
}
