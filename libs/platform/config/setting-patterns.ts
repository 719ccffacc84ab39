import { isFailpoint } from '../failpoints.js';

/** A rule for text, with the words that tell a person what is allowed. */
export interface Pattern {
  readonly test: (value: string) => boolean;
  readonly allowed: string;
}

const PLANS = ['starter', 'professional', 'business', 'enterprise'];

export const postgresUrl: Pattern = {
  test: (value) => isUrl(value, ['postgres:', 'postgresql:']),
  allowed: 'a URL such as postgres://user:password@host:5432/database',
};

export const redisUrl: Pattern = {
  test: (value) => isUrl(value, ['redis:', 'rediss:']),
  allowed: 'a URL such as redis://user:password@host:6379, or rediss:// with TLS',
};

export const kurrentDbUrl: Pattern = {
  // A failed append must come as an error: the client answers it with a wrong revision otherwise.
  test: (value) =>
    /^(kurrentdb|kurrent|kdb|esdb)(\+discover)?:\/\/[^\s/?]+/.test(value) &&
    !/throwOnAppendFailure=false/i.test(value),
  allowed:
    'a URL such as kurrentdb://user:password@host:2113?tls=true, or kurrentdb+discover:// or ' +
    'esdb://, without throwOnAppendFailure=false',
};

export const streamPrefix: Pattern = {
  test: (value) => /^\w{1,64}$/.test(value),
  allowed: 'up to 64 letters, digits and underscores',
};

export const webUrl: Pattern = {
  test: (value) => isUrl(value, ['http:', 'https:']) && !value.endsWith('/'),
  allowed: 'an http or https URL without a slash at the end',
};

export const base64Key: Pattern = {
  test: (value) => /^[A-Za-z0-9+/]{43}=$/.test(value),
  allowed: '32 bytes in base64 (44 characters), such as `openssl rand -base64 32` prints',
};

export const failpointName: Pattern = {
  test: isFailpoint,
  allowed: 'failpoints of libs/platform/failpoints.ts, commas between, `:3` for the third time',
};

export const hostName: Pattern = {
  test: (value) => /^[A-Za-z0-9._:-]+$/.test(value),
  allowed: 'a host name or an IP address',
};

export const smtpUrl: Pattern = {
  test: (value) => isUrl(value, ['smtp:', 'smtps:']),
  allowed: 'a URL such as smtp://user:password@host:587, or smtps:// with TLS from the start',
};

export const mailAddress: Pattern = {
  test: (value) => /^(?:[^<>@\r\n"]* <[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/.test(value),
  allowed: 'an address, or a name with an address: ClientForge <crm@example.com>',
};

export const planLimits: Pattern = {
  test: (value) => {
    const limits = planLimitsOf(value);
    return PLANS.every((plan) => Number.isSafeInteger(limits[plan]) && limits[plan]! > 0);
  },
  allowed: 'a number for each plan: starter=100,professional=500,business=2000,enterprise=10000',
};

export const trustedProxies: Pattern = {
  test: (value) =>
    value.split(',').every((part) => /^[0-9a-fA-F.:]+(\/\d{1,3})?$/.test(part.trim())),
  allowed: 'IP addresses or networks, separated by commas',
};

/** `starter=100,…` as numbers by plan; what cannot be read is left out. */
export function planLimitsOf(value: string): Readonly<Record<string, number>> {
  const parts = value.split(',').map((part) => /^\s*([a-z]+)=(\d{1,9})\s*$/.exec(part));
  return Object.fromEntries(parts.flatMap((part) => (part ? [[part[1], Number(part[2])]] : [])));
}

function isUrl(value: string, protocols: readonly string[]): boolean {
  return URL.canParse(value) && protocols.includes(new URL(value).protocol);
}
