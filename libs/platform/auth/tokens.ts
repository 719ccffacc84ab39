import { hkdfSync } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { isUuid, uuidv7 } from '#kernel/ids';
import { newLocatedToken, readLocatedToken, type LocatedToken } from './located-token.js';

/** Who an access token speaks for. What they may do is read per request, never from the token. */
export interface AccessClaims {
  readonly userId: string;
  readonly tenantId: string;
  readonly sessionId: string;
}
export interface AccessToken {
  readonly token: string;
  readonly expiresAt: Date;
}

export interface AccessTokenOptions {
  readonly masterKey: Buffer;
  /** The platform's own address; `iss` of every token. */
  readonly issuer: string;
  /** Who takes the tokens; `aud`. */
  readonly audience: string;
  readonly clock: () => Date;
  /** Minutes a token is good for. */
  readonly minutes?: number;
}

export const ACCESS_MINUTES = 15;
const ALGORITHM = 'HS256';
const TYPE = 'at+jwt';
/** Seconds two servers' clocks may differ. */
const TOLERANCE = 5;

/** Signs and checks access tokens (RFC 9068) under a key derived from the master key. */
export class AccessTokens {
  private readonly key: Uint8Array;

  constructor(private readonly options: AccessTokenOptions) {
    const { masterKey } = options;
    this.key = new Uint8Array(hkdfSync('sha256', masterKey, '', 'access-token:1', 32));
  }

  async sign({ userId, tenantId, sessionId }: AccessClaims): Promise<AccessToken> {
    const { issuer, audience, clock, minutes = ACCESS_MINUTES } = this.options;
    const issued = Math.floor(clock().getTime() / 1000);
    const expires = issued + minutes * 60;
    const token = await new SignJWT({ tid: tenantId, sid: sessionId })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
      .setSubject(userId)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(issued)
      .setExpirationTime(expires)
      .setJti(uuidv7(issued * 1000))
      .sign(this.key);
    return { token, expiresAt: new Date(expires * 1000) };
  }

  /** The claims of a valid token; undefined for everything else, whatever is wrong with it. */
  async verify(token: string): Promise<AccessClaims | undefined> {
    const { issuer, audience, clock, minutes = ACCESS_MINUTES } = this.options;
    try {
      const { payload } = await jwtVerify(token, this.key, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer,
        audience,
        requiredClaims: ['sub', 'tid', 'sid', 'iat', 'exp'],
        maxTokenAge: minutes * 60,
        clockTolerance: TOLERANCE,
        currentDate: clock(),
      });
      const { sub: userId, tid: tenantId, sid: sessionId } = payload;
      const known = isUuid(userId) && isUuid(tenantId) && isUuid(sessionId);
      return known ? { userId, tenantId, sessionId } : undefined;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }
}

/** A refresh token as its holder keeps it, a row of `auth_session`. */
export type RefreshToken = LocatedToken;

const PREFIX = 'cfr_';

export function newRefreshToken(tenantId: string, id: string): RefreshToken {
  return newLocatedToken(PREFIX, tenantId, id);
}

/** Reads where a refresh token belongs; undefined when it cannot be one. Proves nothing yet. */
export function readRefreshToken(token: string): RefreshToken | undefined {
  return readLocatedToken(PREFIX, token);
}
