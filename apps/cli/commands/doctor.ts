import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { productEffects } from '#apps/composition/jobs';
import {
  plainly,
  reachDatabase,
  reachLog,
  type ReachedDatabase,
} from '#apps/composition/open-platform';
import { product } from '#apps/composition/product';
import { EventCodec } from '#platform/event-store/codec';
import type { KurrentDbServer } from '#platform/event-store/kurrentdb/server';
import { KeyRing, PostgresKeyStore } from '#platform/event-store/key-ring';
import { PostgresEventStore } from '#platform/event-store/postgres-store';
import { checks, diagnose, type Diagnosis } from '#platform/operations/doctor/doctor';
import type { DoctorParts } from '#platform/operations/doctor/check';
import { Database } from '#platform/postgres/database';
import { OutsideCopy } from '#platform/seals/outside-copy';
import { readSealKeys } from '#platform/seals/seal-keys';
import type { Config } from '#platform/config/config';
import type { Call, Command } from '../command.js';
import { printable } from '../output.js';
import { progressOn } from '../progress.js';

/** What monitoring is told: these are the doctor's own. */
const answers = { holds: 0, violated: 1, notRun: 2 } as const;

/** What seals are signed with, unless it would have to be made first. */
async function sealsOf(config: Config): Promise<DoctorParts['seals']> {
  const { dataDir, sealKey, sealsDir } = config;
  if (!sealKey && !existsSync(join(dataDir, 'keys', 'seal.key'))) return undefined;
  return { keys: await readSealKeys(config), copy: new OutsideCopy(sealsDir) };
}

/** The database as it is: nothing is migrated, so that what is out of date can be told. */
async function examine<Result>(
  call: Call,
  { url, masterKey, masters }: ReachedDatabase,
  kurrentDb: KurrentDbServer | undefined,
  work: (parts: DoctorParts) => Promise<Result>,
): Promise<Result> {
  const history = call.text('history');
  const { databasePoolSize: poolSize, allowUnsafeDurability, jobKeepDays } = call.config;
  const database = new Database({ url, masterKey, poolSize: 4 });
  const owner = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'clientforge-doctor',
  });
  try {
    await owner.connect();
    const keys = new KeyRing(masters, new PostgresKeyStore(database));
    const codec = new EventCodec(product.events, keys);
    return await work({
      ...{ url, owner, database, keys, codec, poolSize, allowUnsafeDurability, jobKeepDays },
      store: new PostgresEventStore(database),
      ...(kurrentDb ? { kurrentDb } : {}),
      definition: (type) => codec.definition(type),
      models: product.readModels,
      processes: product.processes ?? [],
      effects: productEffects,
      seals: await sealsOf(call.config),
      deep: call.flag('deep'),
      ...(history === undefined ? {} : { history }),
      signal: call.signal,
    });
  } catch (error) {
    throw plainly(url, error);
  } finally {
    await owner.end().catch(() => undefined);
    await database.close();
  }
}

const COLOURS = {
  holds: 'green',
  violated: 'red',
  'not checked': 'dim',
  'could not run': 'yellow',
} as const;

function show(call: Call, one: Diagnosis): void {
  const { out } = call;
  const counted = `${one.checked.toLocaleString('en')} ${one.unit}`;
  const status = out.style(COLOURS[one.status], one.status.padEnd(13));
  const looked = one.status === 'holds' || one.status === 'violated' ? ` (${counted})` : '';
  const rest = [one.example, one.note].filter((text) => text !== undefined).map(printable);
  const words = rest.length > 0 ? `: ${rest.join('; ')}` : '';
  out.line(`${status}  ${(one.invariant ?? '').padEnd(3)}  ${one.title}${looked}${words}`);
}

async function run(call: Call): Promise<number> {
  const kurrentDb = await reachLog(call.config);
  const reached = await reachDatabase(call.config, (line) => call.out.note(line));
  try {
    const found = await examine(call, reached, kurrentDb, async (parts) => {
      const all: Diagnosis[] = [];
      const progress = progressOn(call.out.terminal, call.out.json);
      progress.begin('Examining', 'checks');
      for (const check of checks) {
        progress.update(all.length, all.length / checks.length);
        all.push(await diagnose(check, parts));
      }
      progress.update(all.length, 1);
      progress.end();
      return all;
    });
    const any = (status: Diagnosis['status']) => found.some((one) => one.status === status);
    const holds = !any('violated') && !any('could not run');
    call.out.answer({ holds, checks: found }, () => found.forEach((one) => show(call, one)));
    if (any('violated')) return answers.violated;
    return holds ? answers.holds : answers.notRun;
  } finally {
    await reached.release();
    await kurrentDb?.close();
  }
}

export const doctor: Command = {
  words: ['doctor'],
  summary: 'Checks the server, the log and the read models; ends with 2 where it could not run.',
  options: {
    deep: { type: 'boolean', description: 'Fold every read model anew, and open every key.' },
    history: {
      type: 'string',
      value: 'FILE',
      description: 'What callers were told, a JSON object a line, held against the log.',
    },
  },
  example: 'clientforge doctor --deep',
  async run(call) {
    try {
      return await run(call);
    } catch (error) {
      call.out.fail('NOT_RUN', (error as Error).message);
      return answers.notRun;
    }
  },
};
