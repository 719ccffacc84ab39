import pg from 'pg';
import { productEffects } from '#apps/composition/jobs';
import { product } from '#apps/composition/product';
import type { Effect } from '#platform/effects/effect';
import { EventCodec } from '#platform/event-store/codec';
import { KeyRing, PostgresKeyStore } from '#platform/event-store/key-ring';
import type { KurrentDbServer } from '#platform/event-store/kurrentdb/server';
import { PostgresEventStore } from '#platform/event-store/postgres-store';
import { checks, diagnose, type Diagnosis } from '#platform/operations/doctor/doctor';
import type { Seals } from '#platform/platform';
import { Database } from '#platform/postgres/database';

export interface Examined {
  readonly url: string;
  readonly masterKey: Buffer;
}

export interface DoctorOptions {
  readonly deep?: boolean;
  readonly history?: string;
  readonly seals?: Seals;
  /** Where the log is, unless it is in the database. */
  readonly kurrentDb?: KurrentDbServer | undefined;
  /** Effects that were followed, if not the product's. */
  readonly effects?: readonly Effect[];
  /** Only these checks. */
  readonly only?: readonly string[];
}

/** What the doctor says of a database. */
export async function examine(
  { url, masterKey }: Examined,
  { deep = true, history, seals, only, kurrentDb, effects = productEffects }: DoctorOptions = {},
): Promise<readonly Diagnosis[]> {
  const database = new Database({ url, masterKey, poolSize: 4 });
  const owner = new pg.Client({ connectionString: url });
  try {
    await owner.connect();
    const store = new PostgresKeyStore(database);
    const keys = new KeyRing(masterKey, store);
    const codec = new EventCodec(product.events, keys);
    const found: Diagnosis[] = [];
    for (const check of checks.filter(({ name }) => only?.includes(name) ?? true)) {
      const one = await diagnose(check, {
        ...{ url, owner, database, keys, codec, deep, seals },
        store: new PostgresEventStore(database),
        definition: (type) => codec.definition(type),
        models: product.readModels,
        processes: product.processes ?? [],
        effects,
        jobKeepDays: 30,
        poolSize: 10,
        allowUnsafeDurability: true,
        ...(history === undefined ? {} : { history }),
        ...(kurrentDb ? { kurrentDb } : {}),
      });
      found.push(one);
    }
    return found;
  } finally {
    await owner.end().catch(() => undefined);
    await database.close();
  }
}

/** What does not hold, in words; a feed that another run on the same server holds back is left out. */
export function ailments(found: readonly Diagnosis[]): readonly string[] {
  return found
    .filter(({ status, name }) => /^(violated|could not run)$/.test(status) && name !== 'horizon')
    .map(({ name, invariant, example, note }) => `${invariant ?? ''} ${name}: ${example ?? note}`);
}
