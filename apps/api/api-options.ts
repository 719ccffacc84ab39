import type { Logger } from 'pino';
import type { Config } from '#platform/config/config';
import type { Platform } from '#platform/platform';

export type ApiConfig = Pick<
  Config,
  | 'publicUrl'
  | 'trustedProxies'
  | 'bodyLimitBytes'
  | 'graphqlIntrospection'
  | 'logLevel'
  | 'environment'
>;

export interface ApiOptions {
  readonly platform: Platform;
  readonly config: ApiConfig;
  /** Folder of the built admin; without it only the API is served. */
  readonly pages?: string;
  readonly log?: Logger;
}

/** Injection token of {@link ApiOptions}. */
export const API_OPTIONS = Symbol('ApiOptions');

/** Who takes the access tokens this API gives. */
export const AUDIENCE = 'clientforge-api';
