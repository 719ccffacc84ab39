import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from '#kernel/ids';
import type { Seals } from '#platform/platform';
import type { Database } from '#platform/postgres/database';
import { Leases } from '#platform/projections/lease';
import { OutsideCopy } from '#platform/seals/outside-copy';
import { SealKeys } from '#platform/seals/seal-keys';
import { Sealer } from '#platform/seals/sealer';

/** Keys and a folder for seals, gone after the spec. */
export interface TestSeals extends Seals {
  /** A process that seals; `problems` are what it logs. */
  sealer(database: Database, problems?: string[]): Sealer;
  remove(): void;
}

export function testSeals(): TestSeals {
  const folder = mkdtempSync(join(tmpdir(), 'clientforge-seals-'));
  const keys = new SealKeys(randomBytes(32));
  const copy = new OutsideCopy(join(folder, 'seals'));
  return {
    keys,
    copy,
    sealer: (database, problems = []) =>
      new Sealer({
        database,
        keys,
        copy,
        leases: new Leases(database, uuidv7(), 1),
        everyMs: 100,
        log: ({ message, error }) =>
          problems.push(error ? `${message}: ${String(error)}` : message),
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
