import type { Config } from '#platform/config/config';
import type { Platform } from '#platform/platform';
import { Leases, newHolder } from '#platform/projections/lease';
import { Sealer, type SealerParts } from '#platform/seals/sealer';

/** The sealer of this process; of several one works at a time. */
export async function sealerOf(
  platform: Platform,
  { sealEverySeconds, leaseSeconds }: Pick<Config, 'sealEverySeconds' | 'leaseSeconds'>,
  log?: SealerParts['log'],
): Promise<Sealer> {
  const { database } = platform;
  return new Sealer({
    ...(await platform.seals()),
    database,
    leases: new Leases(database, newHolder(), leaseSeconds),
    everyMs: sealEverySeconds * 1_000,
    ...(log ? { log } : {}),
  });
}
