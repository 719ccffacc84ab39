import type { Config } from '#platform/config/config';
import { readMasterKeys } from '#platform/config/master-key';
import { LogRefusedError, LogUnavailableError } from '#platform/event-store/kurrentdb/errors';
import { KurrentDbServer } from '#platform/event-store/kurrentdb/server';
import { armFailpoint } from '#platform/failpoints';
import { MasterKeys } from '#platform/event-store/key-ring-box';
import { UnsafeDatabaseError } from '#platform/postgres/boot-checks';
import { checkCheckpoints } from '#platform/operations/epoch';
import { isServed } from '#platform/operations/serving';
import { Platform } from '#platform/platform';
import type { Queryable } from '#platform/postgres/database';
import { OutsideCopy } from '#platform/seals/outside-copy';
import { readSealKeys } from '#platform/seals/seal-keys';
import { erasureOf } from './erasure/erasure.js';
import { productEffects, productJobs } from './jobs.js';
import { product } from './product.js';
import { SessionEnds } from './session-ends.js';
import { tenantDeletionOf } from './workspace-deletion/deletion.js';

export type PlatformConfig = Pick<
  Config,
  | 'dataDir'
  | 'importMaxBytes'
  | 'jobKeepDays'
  | 'databaseUrl'
  | 'databaseDirectUrl'
  | 'databasePoolSize'
  | 'redisUrl'
  | 'publicUrl'
  | 'smtpUrl'
  | 'mailFrom'
  | 'kurrentDbUrl'
  | 'kurrentDbPrefix'
  | 'allowUnsafeDurability'
  | 'masterKey'
  | 'masterKeyPrevious'
  | 'sealKey'
  | 'sealsDir'
  | 'erasuresDir'
> &
  Partial<Pick<Config, 'leaseSeconds' | 'failpoint'>>;

export interface OpenedPlatform {
  readonly platform: Platform;
  /** Closes the platform, then lets go of the embedded database. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Takes the few lines a person should know. */
  readonly say?: (line: string) => void;
  readonly log?: (problem: { readonly message: string; readonly error?: unknown }) => void;
  readonly clock?: () => Date;
  /** For tools: where a running server projects the database, its tables are left as they are. */
  readonly besideServer?: boolean;
  /** For a log that was just loaded: there are no rows yet that erasures would have to reach. */
  readonly unbuilt?: boolean;
  /** Told how much the lists beside the database knew and the database did not. */
  readonly settled?: (what: Settled) => void;
}

/** What had to be done again, as after a restoration. */
export interface Settled {
  /** People who were erased. */
  readonly erasures: number;
  /** Workspaces that were deleted. */
  readonly deletions: number;
}

/** The database could not be started or reached; nothing of ours is wrong. */
export class DatabaseUnreachableError extends Error {}

export interface ReachedDatabase {
  /** The migrator's URL. */
  readonly url: string;
  /** What passwords of roles and tokens are made from: the previous key while there is one. */
  readonly masterKey: Buffer;
  /** What wraps and opens the keys of tenants. */
  readonly masters: MasterKeys;
  /** Lets go of the embedded database. */
  release(): Promise<void>;
}

/** The configured database; without one the embedded PostgreSQL is started, or joined. */
export async function reachDatabase(
  config: Pick<PlatformConfig, 'dataDir' | 'databaseUrl' | 'masterKey' | 'masterKeyPrevious'>,
  say?: (line: string) => void,
): Promise<ReachedDatabase> {
  const keys = await readMasterKeys(config);
  const masters = new MasterKeys(keys, () => readMasterKeys(config));
  const known = { masterKey: keys.at(-1)!, masters };
  if (config.databaseUrl) {
    return { url: config.databaseUrl, ...known, release: () => Promise.resolve() };
  }
  const { url, stop } = await startEmbedded(config.dataDir, say);
  return { url, ...known, release: stop };
}

/** Says that the database cannot be reached where that is what went wrong. */
export function plainly(url: string, error: unknown): unknown {
  return isUnreachable(error) ? new DatabaseUnreachableError(reason(url, error)) : error;
}

/** The configured log server; undefined where the log is in the database. */
export async function reachLog({
  kurrentDbUrl: url,
  kurrentDbPrefix: prefix,
}: Pick<PlatformConfig, 'kurrentDbUrl' | 'kurrentDbPrefix'>): Promise<KurrentDbServer | undefined> {
  if (url === undefined) return undefined;
  try {
    return await KurrentDbServer.connect({ url, ...(prefix === undefined ? {} : { prefix }) });
  } catch (error) {
    if (error instanceof LogUnavailableError) throw new DatabaseUnreachableError(error.message);
    if (error instanceof LogRefusedError) throw new UnsafeDatabaseError(error.message);
    throw error;
  }
}

/** The product over the configured database. */
export async function openPlatform(
  config: PlatformConfig,
  { say, log, clock, besideServer, unbuilt, settled }: OpenOptions = {},
): Promise<OpenedPlatform> {
  // First of all: nothing is written, not even a key, while the log cannot be reached.
  const kurrentDb = await reachLog(config);
  const {
    url,
    masterKey,
    masters,
    release: letGo,
  } = await reachDatabase(config, say).catch(async (error: unknown) => {
    await kurrentDb?.close();
    throw error;
  });
  const release = async () => {
    await kurrentDb?.close();
    await letGo();
  };
  armFailpoint(config.failpoint);
  let opened: Platform | undefined;
  try {
    const served = besideServer && (await isServed(url));
    const platform = (opened = await Platform.open({
      url,
      ...(served ? { migrate: false } : {}),
      ...(config.databaseDirectUrl ? { directUrl: config.databaseDirectUrl } : {}),
      masterKey,
      masters,
      poolSize: config.databasePoolSize,
      ...(kurrentDb ? { kurrentDb } : {}),
      ...(config.redisUrl ? { redisUrl: config.redisUrl } : {}),
      allowUnsafeDurability: config.allowUnsafeDurability,
      product,
      jobs: productJobs(config),
      effects: productEffects,
      mail: {
        publicUrl: config.publicUrl,
        from: config.mailFrom,
        ...(config.smtpUrl ? { smtpUrl: config.smtpUrl } : {}),
      },
      seals: async () => ({
        keys: await readSealKeys(config),
        copy: new OutsideCopy(config.sealsDir),
      }),
      ...(config.leaseSeconds === undefined ? {} : { leaseSeconds: config.leaseSeconds }),
      ...(clock ? { clock } : {}),
      ...(log ? { log } : {}),
    }));
    const sessionEnds = new SessionEnds(platform, log);
    const close = async () => {
      await platform.projections.close();
      await sessionEnds.settled();
      await platform.close();
      await release();
    };
    // A database that came back from a backup knows less than the lists beside it.
    const settle = async (): Promise<Settled> => {
      const erasure = erasureOf(platform, config);
      // Of a workspace that is gone as a whole nobody has to be erased.
      const deletions = await tenantDeletionOf(platform, config).settle(unbuilt);
      const erasures = await (unbuilt ? erasure.settleLog() : erasure.settle());
      return { erasures, deletions };
    };
    if (!besideServer)
      await checkCheckpoints(platform.database.pool('feed') as unknown as Queryable);
    const done = served ? { erasures: 0, deletions: 0 } : await settle();
    settled?.(done);
    const { erasures, deletions } = done;
    if (erasures > 0) say?.(`Personal data of ${erasures} erased subjects was erased once more.`);
    if (deletions > 0) say?.(`${deletions} deleted workspaces were destroyed to the end.`);
    return { platform, close };
  } catch (error) {
    await opened?.close().catch(() => undefined);
    await release();
    throw plainly(url, error);
  }
}

async function startEmbedded(dataDir: string, say?: (line: string) => void) {
  // Not needed, and so not loaded, where a database is configured.
  const { startEmbeddedPostgres } = await import('#platform/postgres/embedded');
  try {
    return await startEmbeddedPostgres({ dataDir, ...(say ? { log: say } : {}) });
  } catch (error) {
    throw new DatabaseUnreachableError((error as Error).message);
  }
}

/** Network errors, refused passwords, a missing database, a server that starts or is full. */
const UNREACHABLE =
  /^(ECONN|ENOTFOUND|EAI_AGAIN|EHOST|ENET|ETIMEDOUT|28000|28P01|3D000|57P03|53300|08)/;

function isUnreachable(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return UNREACHABLE.test(code ?? '') || /timeout expired|terminated/.test(message ?? '');
}

/** Why, without the password that the URL may hold. */
function reason(url: string, error: unknown): string {
  const { hostname, port, pathname } = new URL(url);
  const why = (error as Error).message || (error as { code?: string }).code || 'no answer';
  return `The database ${hostname}:${port || 5432}${pathname} cannot be reached: ${why}`;
}
