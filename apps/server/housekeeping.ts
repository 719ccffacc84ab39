import { PLATFORM_TENANT } from '#kernel/ids';
import { cleanUpAuth } from '#platform/auth/credentials';
import { tenantIds } from '#platform/operations/tenants';
import type { Platform } from '#platform/platform';

type Housed = Pick<Platform, 'database' | 'clock'>;

const DAY = 86_400_000;

/** Deletes what sign-in no longer needs in every workspace, and where none is known. */
export async function cleanUpOnce({ database, clock }: Housed): Promise<void> {
  for (const id of [PLATFORM_TENANT, ...(await tenantIds(database))]) {
    await database.tenant(id, (db) => cleanUpAuth(db, id, clock()));
  }
}

export interface Housekeeping {
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

/** Cleans up now and once a day; `more` is what else is done by the day. */
export function keepHouse(
  platform: Housed,
  log: (error: unknown) => void,
  more: (now: Date) => Promise<void> = () => Promise.resolve(),
): Housekeeping {
  let work = Promise.resolve();
  const clean = () => {
    work = work
      .then(() => cleanUpOnce(platform))
      .catch(log)
      .then(() => more(platform.clock()))
      .catch(log);
  };
  clean();
  const timer = setInterval(clean, DAY).unref();
  return {
    stop: () => {
      clearInterval(timer);
      return work;
    },
  };
}
