import { plainly, reachDatabase, reachLog } from '#apps/composition/open-platform';
import { isUuid } from '#kernel/ids';
import {
  compareStreams,
  type Comparison,
  type Difference,
} from '#platform/event-store/kurrentdb/compare';
import { LogCopy } from '#platform/event-store/kurrentdb/log-copy';
import { logPlace, moveLog } from '#platform/event-store/kurrentdb/place';
import type { KurrentDbServer } from '#platform/event-store/kurrentdb/server';
import { transferToServer } from '#platform/event-store/kurrentdb/transfer';
import { verifyTenant } from '#platform/operations/audit';
import { isServed } from '#platform/operations/serving';
import { Database } from '#platform/postgres/database';
import { migrate } from '#platform/postgres/migrate';
import { newHolder } from '#platform/projections/lease';
import { exit, required, UsageError, type Call, type Command } from '../command.js';
import { progressOn, type Progress } from '../progress.js';

interface Parts {
  readonly call: Call;
  readonly url: string;
  readonly database: Database;
  readonly server: KurrentDbServer;
  readonly progress: Progress;
  readonly tenantId: string | undefined;
}

const count = (value: number) => value.toLocaleString('en');

/** Reads every event back and recomputes what the copy says of it. */
async function verified({
  call,
  database,
  server,
  progress,
  tenantId,
}: Parts): Promise<Comparison> {
  progress.begin('Reading back', 'streams');
  const comparison = await compareStreams(database, server, {
    whole: true,
    signal: call.signal,
    ...(tenantId === undefined ? {} : { tenantId }),
    progress: (done, total) => progress.update(done, done / total),
  });
  progress.end();
  return comparison;
}

/** Where the chains in PostgreSQL do not hold, which from then on would be the log. */
async function brokenChains({ call, database }: Parts): Promise<readonly Difference[]> {
  const found: Difference[] = [];
  const { rows } = await database
    .pool('feed')
    .query<{ id: string }>('SELECT DISTINCT tenant_id AS id FROM es_stream');
  for (const { id: tenantId } of rows) {
    const { violations } = await verifyTenant(database, tenantId, () =>
      call.signal.throwIfAborted(),
    );
    for (const { streamId, version, message } of violations) {
      found.push({ tenantId, streamId: streamId ?? '', version: version ?? 0, message });
    }
  }
  return found;
}

function differ(call: Call, differences: readonly Difference[]): number {
  const lines = differences.map(
    ({ tenantId, streamId, message }) => `${streamId} of tenant ${tenantId}: ${message}`,
  );
  call.out.fail('DIFFERENT', `The stores differ, so nothing was switched. ${lines.join('; ')}`);
  return exit.refused;
}

async function toKurrentDb(parts: Parts): Promise<number> {
  const { call, url, database, server, progress, tenantId } = parts;
  progress.begin('Copying', 'events');
  const { events, present } = await transferToServer(database, server, {
    signal: call.signal,
    ...(tenantId === undefined ? {} : { tenantId }),
    progress: (done, total) => progress.update(done, done / total),
  });
  progress.end();
  const newest = await server.newest();
  const comparison = await verified(parts);
  if (comparison.differences.length > 0) return differ(call, comparison.differences);
  const isMoved = tenantId === undefined;
  if (isMoved) {
    // From one server to another, or to a restored one: the copy reads it from its beginning.
    const { store } = await logPlace(database);
    const again = store === 'kurrentdb';
    await moveLog(url, 'kurrentdb', again ? undefined : newest?.at, again);
  }
  const { streams } = comparison;
  call.out.answer({ to: 'kurrentdb', events, present, streams, moved: isMoved }, () => {
    call.out.line(
      `${count(events)} events of ${count(streams)} streams are on KurrentDB, verified.`,
    );
    if (present > 0) call.out.line(`${count(present)} of them were there before.`);
    call.out.line(
      isMoved
        ? 'The log is in KurrentDB now: start with KURRENTDB_URL set.'
        : 'The log stays where it is: only a copy of all tenants moves it.',
    );
  });
  return exit.done;
}

async function toPostgres(parts: Parts): Promise<number> {
  const { call, url, database, server, progress } = parts;
  const { store, epoch } = await logPlace(database);
  if (store === 'postgres') {
    call.out.fail('NOTHING_TO_COPY', 'The log of this database is in PostgreSQL.');
    return exit.refused;
  }
  progress.begin('Copying', 'events');
  const copy = new LogCopy({ database, server, epoch, holder: newHolder() });
  await copy.catchUp(call.signal, (done) => progress.update(done));
  progress.end();
  const comparison = await verified(parts);
  const differences = [...comparison.differences, ...(await brokenChains(parts))];
  if (differences.length > 0) return differ(call, differences);
  await moveLog(url, 'postgres');
  const { streams, events } = comparison;
  call.out.answer({ to: 'postgres', events, streams, moved: true }, () => {
    call.out.line(
      `${count(events)} events of ${count(streams)} streams are in PostgreSQL, verified.`,
    );
    call.out.line('The log is in PostgreSQL now: start without KURRENTDB_URL.');
  });
  return exit.done;
}

/** What was asked, checked before anything is reached. */
function asked(call: Call) {
  const to = required(call, 'to');
  if (to !== 'kurrentdb' && to !== 'postgres') {
    throw new UsageError(`--to takes kurrentdb or postgres, not ${to}.`);
  }
  const tenantId = call.text('tenant')?.toLowerCase();
  if (tenantId !== undefined && !isUuid(tenantId)) throw new UsageError('--tenant takes an id.');
  if (tenantId !== undefined && to === 'postgres') {
    throw new UsageError('--tenant goes with --to kurrentdb: PostgreSQL gets the whole log.');
  }
  if (call.config.kurrentDbUrl === undefined) {
    throw new UsageError('Set KURRENTDB_URL to the server to copy to or from.');
  }
  return { to, tenantId } as const;
}

export const copyEvents: Command = {
  words: ['events', 'copy'],
  summary: 'Moves the log between PostgreSQL and KurrentDB, verified; goes on where it broke off.',
  options: {
    to: { type: 'string', value: 'STORE', required: true, description: 'kurrentdb or postgres.' },
    tenant: { type: 'string', value: 'ID', description: 'Copies one tenant and moves nothing.' },
  },
  example: 'clientforge events copy --to kurrentdb',
  async run(call) {
    const { to, tenantId } = asked(call);
    const server = (await reachLog(call.config))!;
    const { url, masterKey, release } = await reachDatabase(call.config, (line) =>
      call.out.note(line),
    );
    const database = new Database({ url, masterKey, poolSize: 4 });
    try {
      if (await isServed(url)) {
        call.out.fail('SERVED', 'A server is running on this database; stop it first.');
        return exit.refused;
      }
      await migrate(url, masterKey);
      const progress = progressOn(call.out.terminal, call.out.json);
      const parts = { call, url, database, server, progress, tenantId };
      return await (to === 'kurrentdb' ? toKurrentDb(parts) : toPostgres(parts));
    } catch (error) {
      throw plainly(url, error);
    } finally {
      await server.close();
      await database.close();
      await release();
    }
  },
};
