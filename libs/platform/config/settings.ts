import {
  base64Key,
  failpointName,
  hostName,
  kurrentDbUrl,
  mailAddress,
  planLimits,
  postgresUrl,
  redisUrl,
  smtpUrl,
  streamPrefix,
  trustedProxies,
  webUrl,
  type Pattern,
} from './setting-patterns.js';

/** What a person may set, declared once as data: read at start, documented in `.env.example`. */
export type Setting = {
  readonly description: string;
  /** Shown in place of a value where none is set and the default is not a plain value. */
  readonly absent?: string;
  readonly secret?: true;
} & (
  | { readonly type: 'text'; readonly default?: string; readonly pattern?: Pattern }
  | { readonly type: 'choice'; readonly default: string; readonly allowed: readonly string[] }
  | {
      readonly type: 'integer';
      readonly default: number;
      readonly min: number;
      readonly max: number;
    }
  | { readonly type: 'boolean'; readonly default: boolean }
);

/** Every setting, in the order in which people meet them. */
export const settings = {
  NODE_ENV: {
    type: 'choice',
    default: 'production',
    allowed: ['production', 'development', 'test'],
    description: 'How the process runs. Tests set it themselves.',
  },
  HOST: {
    type: 'text',
    default: 'localhost',
    pattern: hostName,
    description: 'Address to listen on. localhost is this machine only (IPv4 and IPv6).',
  },
  PORT: {
    type: 'integer',
    default: 3000,
    min: 0,
    max: 65_535,
    description: 'Port to listen on; 0 takes a free one.',
  },
  PUBLIC_URL: {
    type: 'text',
    pattern: webUrl,
    absent: 'http://localhost:PORT',
    description: 'Address under which people reach the app: links, cookies and allowed origins.',
  },
  TRUSTED_PROXIES: {
    type: 'text',
    pattern: trustedProxies,
    absent: 'none',
    description: 'Proxies whose X-Forwarded-* headers are believed.',
  },
  DATA_DIR: {
    type: 'text',
    default: '.data',
    description: 'Folder for keys, files and the embedded database.',
  },
  DEMO: {
    type: 'boolean',
    default: true,
    description: 'Make a demo workspace at first; where others reach it, only if set to true.',
  },
  SIGN_UP: {
    type: 'choice',
    default: 'closed',
    allowed: ['open', 'closed'],
    description: 'Whether anybody with an e-mail address may make a workspace; needs SMTP_URL.',
  },
  LOG_LEVEL: {
    type: 'choice',
    default: 'info',
    allowed: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    description: 'The least serious log line to write.',
  },
  DATABASE_URL: {
    type: 'text',
    pattern: postgresUrl,
    absent: 'the embedded PostgreSQL under DATA_DIR',
    secret: true,
    description: 'PostgreSQL 15 or newer, as a role that may create roles and owns the database.',
  },
  DATABASE_DIRECT_URL: {
    type: 'text',
    pattern: postgresUrl,
    absent: 'DATABASE_URL',
    secret: true,
    description: 'The same database past a connection pooler, for LISTEN and session locks.',
  },
  DATABASE_POOL_SIZE: {
    type: 'integer',
    default: 10,
    min: 2,
    max: 200,
    description: 'Connections each process opens at most, per database role.',
  },
  KURRENTDB_URL: {
    type: 'text',
    pattern: kurrentDbUrl,
    absent: 'the log is in the database',
    secret: true,
    description: 'EventStoreDB 22.10 or newer, or KurrentDB, that holds the log of events.',
  },
  KURRENTDB_STREAM_PREFIX: {
    type: 'text',
    pattern: streamPrefix,
    absent: 'none',
    description: 'Put before the name of every stream, where several installations share a server.',
  },
  REDIS_URL: {
    type: 'text',
    pattern: redisUrl,
    absent: 'the table of jobs in the database',
    secret: true,
    description: 'Redis 6.2 or newer that hands out jobs; with AOF and without eviction.',
  },
  SMTP_URL: {
    type: 'text',
    pattern: smtpUrl,
    absent: 'mail is captured, and administrators read it in the outbox of the app',
    secret: true,
    description: 'Mail server that invitations, password resets and notices are handed to.',
  },
  MAIL_FROM: {
    type: 'text',
    default: 'ClientForge <clientforge@localhost>',
    pattern: mailAddress,
    description: 'Address that mail comes from.',
  },
  ALLOW_UNSAFE_DURABILITY: {
    type: 'boolean',
    default: false,
    description: 'Start although PostgreSQL or Redis may lose what it was given. Tests only.',
  },
  MASTER_KEY: {
    type: 'text',
    pattern: base64Key,
    absent: 'DATA_DIR/keys/master.key, made at the first start',
    secret: true,
    description: 'Key that wraps the keys of all workspaces. Losing it loses all personal data.',
  },
  MASTER_KEY_PREVIOUS: {
    type: 'text',
    pattern: base64Key,
    absent: 'none',
    secret: true,
    description:
      'The key before MASTER_KEY, until `keys rotate --master` has replaced it everywhere.',
  },
  SEAL_KEY: {
    type: 'text',
    pattern: base64Key,
    absent: 'DATA_DIR/keys/seal.key, made at the first start',
    secret: true,
    description: 'Ed25519 key that signs the seals of the log.',
  },
  SEALS_DIR: {
    type: 'text',
    absent: 'DATA_DIR/seals',
    description: 'Folder for the copy of the seals, out of reach of the database’s administrators.',
  },
  ERASURES_DIR: {
    type: 'text',
    absent: 'DATA_DIR/erasures',
    description:
      'Folder for the list of erasures, which a restored database is brought in line with.',
  },
  SEAL_EVERY_SECONDS: {
    type: 'integer',
    default: 10,
    min: 1,
    max: 3_600,
    description: 'Seconds after which what is new in the log is sealed.',
  },
  LEASE_SECONDS: {
    type: 'integer',
    default: 10,
    min: 1,
    max: 300,
    description: 'Seconds after which another process takes over from one that gives no sign.',
  },
  FAILPOINT: {
    type: 'text',
    pattern: failpointName,
    absent: 'none',
    description: 'Where the process ends as if it crashed. Tests only; refused in production.',
  },
  LAG_ALERT_SECONDS: {
    type: 'integer',
    default: 30,
    min: 1,
    max: 86_400,
    description: 'Seconds lists may be behind before health and status call it a problem.',
  },
  HORIZON_ALERT_SECONDS: {
    type: 'integer',
    default: 10,
    min: 1,
    max: 86_400,
    description: 'Seconds a writing transaction may hold the feed back before it is a problem.',
  },
  BODY_LIMIT_BYTES: {
    type: 'integer',
    default: 1_048_576,
    min: 1_024,
    max: 104_857_600,
    description: 'Largest request body, in bytes; uploads have limits of their own.',
  },
  IMPORT_MAX_BYTES: {
    type: 'integer',
    default: 1_073_741_824,
    min: 1_024,
    max: 107_374_182_400,
    description: 'Largest file that can be uploaded for an import, in bytes.',
  },
  SSO_PRIVATE_PROVIDERS: {
    type: 'boolean',
    default: false,
    description: 'Ask identity providers in private networks, and without TLS, too.',
  },
  GRAPHQL_INTROSPECTION: {
    type: 'boolean',
    default: false,
    description: 'Let GraphQL describe its schema and suggest names, for tools that ask for them.',
  },
  ACCESS_TOKEN_MINUTES: {
    type: 'integer',
    default: 15,
    min: 1,
    max: 1_440,
    description: 'Minutes an access token is good for.',
  },
  RATE_LIMITS: {
    type: 'boolean',
    default: true,
    description: 'Bound requests of each address, person and workspace, over all processes.',
  },
  RATE_LIMIT_ADDRESS: {
    type: 'integer',
    default: 6_000,
    min: 1,
    max: 100_000_000,
    description: 'Requests to the API that one address (of IPv6: one /64) has in a minute.',
  },
  RATE_LIMIT_USER: {
    type: 'integer',
    default: 3_000,
    min: 1,
    max: 100_000_000,
    description: 'Requests to the API that one person has in a minute.',
  },
  RATE_LIMIT_PLANS: {
    type: 'text',
    default: 'starter=6000,professional=12000,business=30000,enterprise=100000',
    pattern: planLimits,
    description: 'Requests to the API that a workspace has in a minute, by its plan.',
  },
  JOBS_AT_ONCE: {
    type: 'integer',
    default: 2,
    min: 1,
    max: 50,
    description: 'Jobs, such as imports, that one process runs at once.',
  },
  JOB_KEEP_DAYS: {
    type: 'integer',
    default: 30,
    min: 1,
    max: 3_650,
    description: 'Days after which a job that ended is deleted, with what it kept.',
  },
  DELETION_DAYS: {
    type: 'integer',
    default: 30,
    min: 0,
    max: 3_650,
    description: 'Days a workspace that is to be deleted is closed and can be kept.',
  },
  REFRESH_TOKEN_DAYS: {
    type: 'integer',
    default: 7,
    min: 1,
    max: 365,
    description: 'Days a sign-in lasts without use.',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
