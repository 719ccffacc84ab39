import type { Logger } from 'pino';
import type { Config } from '#platform/config/config';
import type { Platform } from '#platform/platform';
import type { SocketLimits } from './sockets/protocol.js';

export type ApiConfig = Pick<
  Config,
  | 'publicUrl'
  | 'trustedProxies'
  | 'rateLimits'
  | 'bodyLimitBytes'
  | 'lagAlertSeconds'
  | 'horizonAlertSeconds'
  | 'dataDir'
  | 'deletionDays'
  | 'importMaxBytes'
  | 'graphqlIntrospection'
  | 'accessTokenMinutes'
  | 'refreshTokenDays'
  | 'ssoPrivateProviders'
  | 'signUp'
  | 'logLevel'
  | 'environment'
>;

/** A sign-in that the quick start may show, because everybody knows it. */
export interface SampleSignIn {
  readonly workspace: string;
  readonly email: string;
  readonly password: string;
}

export interface ApiOptions {
  readonly platform: Platform;
  readonly config: ApiConfig;
  /** Folder of the built admin; without it only the API is served. */
  readonly pages?: string;
  readonly log?: Logger;
  /** Attempts to sign in that one address has in a minute; 30 when left out. */
  readonly signInsPerMinute?: number;
  /** Bounds of sockets, where they are not the usual ones. */
  readonly sockets?: Partial<SocketLimits>;
  /** Of the demo workspace, where there is one. */
  readonly sample?: SampleSignIn;
}

/** Injection token of {@link ApiOptions}. */
export const API_OPTIONS = Symbol('ApiOptions');

/** Who takes the access tokens this API gives. */
export const AUDIENCE = 'clientforge-api';
