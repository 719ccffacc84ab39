import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { productJobs } from '#apps/composition/jobs';
import { product } from '#apps/composition/product';
import { createWorkspace, type Workspace } from '#apps/composition/workspace';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { installTraces } from '#platform/operations/doctor/traces';
import { Platform, systemContext, type Seals } from '#platform/platform';
import { OutsideCopy } from '#platform/seals/outside-copy';
import { readSealKeys } from '#platform/seals/seal-keys';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import { ailments, examine } from '#test/support/doctor';
import { openTestLog } from '#test/support/given-log';
import { startProcess, type ProcessKind, type ProcessOptions, type Started } from './processes.js';
import type { Writer } from './writers.js';

export interface FaultWorld {
  readonly test: TestDatabase;
  /** A platform of the test's own, that projects nothing. */
  readonly platform: Platform;
  readonly tenantId: string;
  /** Where callers' answers are written down. */
  readonly history: string;
  readonly options: ProcessOptions;
  /** Signs the owner of this workspace in, or of another one. */
  writer(url: string, workspace?: Workspace): Promise<Writer>;
  /** Another workspace with an owner of the same address and password. */
  neighbour(): Promise<Workspace>;
  /** Starts a process of the product on this world; it ends with it at the latest. */
  start(kind: ProcessKind, more?: Partial<ProcessOptions>): Promise<Started>;
  /** Ends what was started and still runs, without asking. */
  killAll(): void;
  /** Waits until all committed so far shows in every read model; fails once nothing moves. */
  caughtUp(seconds?: number): Promise<void>;
  /** What does not hold, by the doctor, with all it can look at. */
  ailments(withHistory?: boolean): Promise<readonly string[]>;
  close(): Promise<void>;
}

const owner = { email: 'richard@piedpiper.example', password: 'paper boats on quiet water' };

export interface WorldOptions {
  /** Administrator's URL of another server than the run's. */
  readonly server?: string;
  /** Where the processes and the platform find the database, if not where it is. */
  readonly through?: (url: string) => string;
  /** The KurrentDB the log is on, if not where the run was told. */
  readonly log?: string;
}

/** A workspace on a database of its own, watched by the doctor's triggers. */
export async function openWorld({ server, through, log }: WorldOptions = {}): Promise<FaultWorld> {
  const dataDir = mkdtempSync(join(tmpdir(), 'clientforge-faults-'));
  const test = await createTestDatabase(undefined, 10, server);
  const seals = async (): Promise<Seals> => ({
    keys: await readSealKeys({ dataDir, sealKey: undefined }),
    copy: new OutsideCopy(join(dataDir, 'seals')),
  });
  const url = through ? through(test.url) : test.url;
  const own = await openTestLog(log);
  const platform = await Platform.open({
    url,
    masterKey: test.masterKey,
    poolSize: 10,
    allowUnsafeDurability: true,
    product,
    jobs: productJobs({
      dataDir,
      erasuresDir: join(dataDir, 'erasures'),
      importMaxBytes: 1_000_000,
    }),
    seals,
    ...(own ? { kurrentDb: own.server } : {}),
  });
  await test.admin((client) => installTraces(client, product.readModels));
  const workspace = async (name: string, slug: string): Promise<Workspace> => {
    const { email: ownerEmail, password: ownerPassword } = owner;
    const planType = 'enterprise';
    const given = { name, slug, ownerEmail, ownerPassword, planType } as const;
    const made = await createWorkspace(platform, given);
    if (isRefusal(made)) throw new Error(made.message);
    return made as Workspace;
  };
  const first = await workspace('Pied Piper', 'pied-piper');
  const history = join(dataDir, 'history.jsonl');
  const options: ProcessOptions = {
    ...{ databaseUrl: url, masterKey: test.masterKey, dataDir },
    ...(own ? { environment: own.settings } : {}),
  };
  const started: Started[] = [];
  const killAll = () => {
    for (const one of started.splice(0)) if (one.isAlive()) one.kill();
  };
  return {
    test,
    platform,
    tenantId: first.tenantId,
    history,
    options,
    start: async (kind, more = {}) => {
      const one = await startProcess(kind, { ...options, ...more });
      started.push(one);
      return one;
    },
    killAll,
    neighbour: () => workspace('Hooli', 'hooli'),
    writer: async (at, { tenantId, ownerId: userId, slug } = first) => {
      const response = await fetch(`${at}/api/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...owner, workspace: slug }),
      });
      const { data } = (await response.json()) as { data: { accessToken: string } };
      return { tenantId, userId, token: data.accessToken };
    },
    caughtUp: async (seconds = 90) => {
      if (own) await platform.store.settled();
      await caughtUp(platform, test, seconds);
    },
    ailments: async (withHistory = true) => {
      const options = withHistory ? { history } : {};
      const kurrentDb = own?.server;
      return ailments(await examine(test, { seals: await seals(), kurrentDb, ...options }));
    },
    close: async () => {
      killAll();
      await platform.close();
      await own?.server.close();
      await test.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Appends events of a company that no decision led to: some that no release knows, for one. */
export async function appendForeign(
  { platform, tenantId }: FaultWorld,
  companyId: string,
  types: readonly string[],
): Promise<void> {
  const { actor, correlationId } = systemContext(tenantId, 'faults');
  for (const type of types) {
    const event = {
      ...{ eventId: uuidv7(), type, schemaVersion: 1 },
      data: JSON.stringify({ companyId, name: 'Later' }),
      meta: JSON.stringify({ actor, correlationId }),
    };
    const done = await platform.store.append({
      ...{ tenantId, commandId: uuidv7(), requestHash: 'ab', result: '{}' },
      streams: [{ streamId: `company-${companyId}`, expected: 'any', events: [event] }],
    });
    if (done.status !== 'appended') throw new Error(`not appended: ${done.status}`);
  }
}

/**
 * Everything in the log at this moment has been applied by the sagas and the read models. Crashes
 * may have left much to do, so whoever is still getting on with it is given the time.
 */
async function caughtUp(platform: Platform, test: TestDatabase, seconds: number): Promise<void> {
  let [until, before] = [0, ''];
  for (;;) {
    const { rows } = await test.admin((client) =>
      client.query<{ processor: string; at: string }>(
        `SELECT processor, string_agg(concat_ws('.', shard, epoch, xid, pos), ' ' ORDER BY shard) AS at
           FROM es_checkpoint c WHERE (shard >= 0 OR shard = -10) AND EXISTS (
           SELECT 1 FROM es_event e WHERE (e.epoch, e.xid, e.pos) > (c.epoch, c.xid, c.pos)
             AND (c.shard < 0 OR c.shard = e.shard)) GROUP BY processor`,
      ),
    );
    if (rows.length === 0) return;
    const now = JSON.stringify(rows);
    if (now !== before) [until, before] = [Date.now() + seconds * 1_000, now];
    if (Date.now() > until) {
      throw new Error(`${rows.map(({ processor }) => processor).join(', ')} did not catch up`);
    }
    await pause(100);
  }
}
