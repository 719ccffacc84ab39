import { join, resolve } from 'node:path';
import { planLimitsOf } from './setting-patterns.js';
import { settings, type Setting, type SettingName } from './settings.js';

/** The validated settings of a process; frozen. */
export interface Config {
  readonly environment: 'production' | 'development' | 'test';
  readonly host: string;
  readonly port: number;
  /** Without a slash at the end. */
  readonly publicUrl: string;
  readonly trustedProxies: readonly string[];
  /** Absolute. */
  readonly dataDir: string;
  readonly demo: boolean;
  /** Whether somebody set `DEMO` to true, rather than leaving it at its default. */
  readonly demoAsked: boolean;
  readonly logLevel: LogLevel;
  /** Absent: the embedded PostgreSQL is started. */
  readonly databaseUrl: string | undefined;
  readonly databaseDirectUrl: string | undefined;
  readonly databasePoolSize: number;
  /** Absent: the log is in PostgreSQL. */
  readonly kurrentDbUrl: string | undefined;
  readonly kurrentDbPrefix: string | undefined;
  /** Absent: the table of jobs is their queue. */
  readonly redisUrl: string | undefined;
  /** Absent: mail is captured. */
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  readonly allowUnsafeDurability: boolean;
  /** 32 bytes in base64; absent: the key file under the data folder is read or made. */
  readonly masterKey: string | undefined;
  /** 32 bytes in base64; set while the master key is being replaced. */
  readonly masterKeyPrevious: string | undefined;
  /** 32 bytes in base64; absent: the key file under the data folder is read or made. */
  readonly sealKey: string | undefined;
  /** Absolute. */
  readonly sealsDir: string;
  /** Absolute. */
  readonly erasuresDir: string;
  readonly sealEverySeconds: number;
  /** Seconds a lease lasts without a sign of life. */
  readonly leaseSeconds: number;
  /** Where the process is to end, for tests. */
  readonly failpoint: string | undefined;
  readonly lagAlertSeconds: number;
  readonly horizonAlertSeconds: number;
  readonly bodyLimitBytes: number;
  readonly importMaxBytes: number;
  readonly graphqlIntrospection: boolean;
  readonly ssoPrivateProviders: boolean;
  readonly signUp: 'open' | 'closed';
  readonly accessTokenMinutes: number;
  readonly refreshTokenDays: number;
  readonly rateLimits: RateLimitConfig;
  readonly jobsAtOnce: number;
  readonly jobKeepDays: number;
  readonly deletionDays: number;
}

/** Requests to the API in a minute. */
export interface RateLimitConfig {
  readonly on: boolean;
  readonly perAddress: number;
  readonly perUser: number;
  /** Of a workspace, by its plan. */
  readonly byPlan: Readonly<Record<'starter' | 'professional' | 'business' | 'enterprise', number>>;
}

export type LogLevel = (typeof settings)['LOG_LEVEL']['allowed'][number];

/** One setting as people see it: for `cli config` and for documentation. Secrets are masked. */
export interface DescribedSetting {
  readonly name: SettingName;
  readonly value: string;
  readonly source: 'set' | 'default';
  readonly allowed: string;
  readonly description: string;
}

/** The settings are wrong: one line per mistake, each naming the setting and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly mistakes: readonly string[]) {
    super(mistakes.join('\n'));
  }
}

type Environment = Readonly<Record<string, string | undefined>>;
type Value = string | number | boolean | undefined;
type ValueOf<S extends Setting> = S extends { type: 'integer' }
  ? number
  : S extends { type: 'boolean' }
    ? boolean
    : S extends { allowed: readonly (infer A)[] }
      ? A
      : S extends { default: string }
        ? string
        : string | undefined;
type Values = { readonly [N in SettingName]: ValueOf<(typeof settings)[N]> };

const names = Object.keys(settings) as SettingName[];
const truths = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['off', false],
]);

/** Reads and checks all settings at once. @throws ConfigError naming every mistake, not the first. */
export function loadConfig(environment: Environment): Config {
  const mistakes: string[] = [];
  const entries = names.map((name) => {
    const read = readSetting(name, environment);
    if ('mistake' in read) mistakes.push(read.mistake);
    return [name, 'value' in read ? read.value : undefined];
  });
  const values = Object.fromEntries(entries) as Values;
  if (values.FAILPOINT !== undefined && values.NODE_ENV === 'production') {
    mistakes.push('FAILPOINT is refused in production; set NODE_ENV=test to end a process there.');
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  const asked = rawValue('DEMO', environment) !== undefined;
  return toConfig(values, asked);
}

/** Every setting with its value in effect and what is allowed. */
export function describeConfig(environment: Environment): readonly DescribedSetting[] {
  return names.map((name) => {
    const setting: Setting = settings[name];
    const given = rawValue(name, environment);
    const fallback = setting.absent ?? String(defaultOf(setting) ?? '');
    return {
      name,
      value: given === undefined ? fallback : shown(setting, given),
      source: given === undefined ? 'default' : 'set',
      allowed: allowedFor(setting),
      description: setting.description,
    };
  });
}

/** The text of `.env.example`: every setting with its meaning, commented out at its default. */
export function environmentExample(): string {
  const head = '# Settings and their defaults. Nothing needs to be set to start.\n';
  const blocks = describeConfig({}).map(({ name, value, allowed, description }) => {
    const setting: Setting = settings[name];
    const absent = setting.absent === undefined ? '' : `# Absent: ${value}.\n`;
    const example = setting.absent === undefined ? value : '';
    return `# ${description}\n# Allowed: ${allowed}.\n${absent}# ${name}=${example}\n`;
  });
  return [head, ...blocks].join('\n');
}

function toConfig(values: Values, asked: boolean): Config {
  return Object.freeze({
    environment: values.NODE_ENV,
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL ?? `http://localhost:${values.PORT}`,
    trustedProxies: Object.freeze(listOf(values.TRUSTED_PROXIES)),
    dataDir: resolve(values.DATA_DIR),
    demo: values.DEMO,
    demoAsked: values.DEMO && asked,
    logLevel: values.LOG_LEVEL,
    databaseUrl: values.DATABASE_URL,
    databaseDirectUrl: values.DATABASE_DIRECT_URL ?? values.DATABASE_URL,
    databasePoolSize: values.DATABASE_POOL_SIZE,
    kurrentDbUrl: values.KURRENTDB_URL,
    kurrentDbPrefix: values.KURRENTDB_STREAM_PREFIX,
    redisUrl: values.REDIS_URL,
    smtpUrl: values.SMTP_URL,
    mailFrom: values.MAIL_FROM,
    allowUnsafeDurability: values.ALLOW_UNSAFE_DURABILITY,
    masterKey: values.MASTER_KEY,
    masterKeyPrevious: values.MASTER_KEY_PREVIOUS,
    sealKey: values.SEAL_KEY,
    sealsDir: resolve(values.SEALS_DIR ?? join(values.DATA_DIR, 'seals')),
    erasuresDir: resolve(values.ERASURES_DIR ?? join(values.DATA_DIR, 'erasures')),
    sealEverySeconds: values.SEAL_EVERY_SECONDS,
    leaseSeconds: values.LEASE_SECONDS,
    failpoint: values.FAILPOINT,
    lagAlertSeconds: values.LAG_ALERT_SECONDS,
    horizonAlertSeconds: values.HORIZON_ALERT_SECONDS,
    bodyLimitBytes: values.BODY_LIMIT_BYTES,
    importMaxBytes: values.IMPORT_MAX_BYTES,
    graphqlIntrospection: values.GRAPHQL_INTROSPECTION,
    ssoPrivateProviders: values.SSO_PRIVATE_PROVIDERS,
    signUp: values.SIGN_UP,
    accessTokenMinutes: values.ACCESS_TOKEN_MINUTES,
    refreshTokenDays: values.REFRESH_TOKEN_DAYS,
    rateLimits: Object.freeze({
      on: values.RATE_LIMITS,
      perAddress: values.RATE_LIMIT_ADDRESS,
      perUser: values.RATE_LIMIT_USER,
      byPlan: planLimitsOf(values.RATE_LIMIT_PLANS) as RateLimitConfig['byPlan'],
    }),
    jobsAtOnce: values.JOBS_AT_ONCE,
    jobKeepDays: values.JOB_KEEP_DAYS,
    deletionDays: values.DELETION_DAYS,
  });
}

// An empty value is what a commented-out line in a shell or a compose file leaves: not set.
function rawValue(name: SettingName, environment: Environment): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}

function readSetting(
  name: SettingName,
  environment: Environment,
): { value: Value } | { mistake: string } {
  const setting: Setting = settings[name];
  const raw = rawValue(name, environment);
  if (raw === undefined) return { value: defaultOf(setting) };
  const value = parse(setting, raw);
  if (value !== undefined) return { value };
  const seen = shown(setting, raw);
  return { mistake: `${name} is ${JSON.stringify(seen)}; allowed: ${allowedFor(setting)}.` };
}

function parse(setting: Setting, raw: string): Value {
  switch (setting.type) {
    case 'integer': {
      const value = /^\d{1,15}$/.test(raw) ? Number(raw) : NaN;
      return value >= setting.min && value <= setting.max ? value : undefined;
    }
    case 'boolean':
      return truths.get(raw.toLowerCase());
    case 'choice':
      return setting.allowed.includes(raw) ? raw : undefined;
    case 'text':
      return !setting.pattern || setting.pattern.test(raw) ? raw : undefined;
  }
}

function allowedFor(setting: Setting): string {
  switch (setting.type) {
    case 'integer':
      return `a whole number from ${setting.min} to ${setting.max}`;
    case 'boolean':
      return 'true or false';
    case 'choice':
      return setting.allowed.join(', ');
    case 'text':
      return setting.pattern?.allowed ?? 'any text';
  }
}

const defaultOf = (setting: Setting): Value => setting.default;
const shown = (setting: Setting, raw: string): string => (setting.secret ? '********' : raw);

function listOf(text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap((part) => part.trim() || []);
}
