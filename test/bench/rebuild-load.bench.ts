import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandResult } from '#kernel/command';
import { idleShare, processorTime } from '#platform/processors';
import { median, percentile, type Bench, type Measured } from './bench.js';
import { operate } from './processes.js';
import { dropFormer } from './rebuilding.js';
import { everydayCommands, keepProjecting, lasting, steadily, type Load } from './steady-load.js';
import { openWorld, USUAL, type World } from './world.js';

/** The first of these that the machine holds without a rebuild is the one that is measured. */
const RATES = [500, 300, 200, 150, 100, 50];
const PROBE_SECONDS = 5;
/** Without the rebuild: about as long as one takes, so that both meet as many rare stalls. */
const CALM_SECONDS = 180;
/** What a rebuild leaves to be tidied up is told, and is no part of what it is compared with. */
const AFTER_SECONDS = 30;
/** Slower than this at the 99th percentile, and the machine has nothing left for a rebuild. */
const HELD_MS = 150;
/** Share of the processors' time without which a rebuild would hardly come up with the log. */
const ROOM = 0.1;

/** The log grows by as much again while this is rebuilt at the highest rate, so it ends in minutes. */
const SIZE = { ...USUAL, contacts: 20_000 };

type Command = (n: number) => Promise<CommandResult>;

/** The read model whose rows, versions and timeline take most room. */
function largestModel(world: World): Promise<string> {
  const names = [...world.platform.registry.readModels.keys()];
  return world.admin(async (db) => {
    const { rows } = await db.query<{ name: string }>(
      `SELECT name FROM unnest($1::text[]) AS name,
          LATERAL (SELECT sum(pg_total_relation_size(to_regclass('rm_' || name || part))) AS bytes
            FROM unnest(ARRAY['', '_history', '_timeline']) AS part) AS size
        ORDER BY bytes DESC NULLS LAST LIMIT 1`,
      [names],
    );
    return rows[0]!.name;
  });
}

/** The highest rate that leaves room while nothing is rebuilt, and what did not. */
async function heldRate(command: Command): Promise<{ rate: number; tried: readonly string[] }> {
  const tried: string[] = [];
  let held = RATES.at(-1)!;
  // What is done for the first time is slow.
  await steadily(held, lasting(2 * PROBE_SECONDS, held), command);
  for (const rate of RATES) {
    const before = processorTime();
    const { waits, failures } = await steadily(rate, lasting(PROBE_SECONDS, rate), command);
    const room = idleShare(before, processorTime());
    const p99 = percentile(waits, 0.99);
    held = rate;
    if (failures.length === 0 && p99 <= HELD_MS && room >= ROOM) break;
    const found = `p99 ${p99.toFixed(0)} ms, ${(room * 100).toFixed(0)} % of the processors free`;
    tried.push(`${rate}/s leaves no room for a rebuild on this machine (${found})`);
  }
  return { rate: held, tried };
}

async function measure(world: World, dataDir: string): Promise<Measured> {
  await keepProjecting(world);
  const model = await largestModel(world);
  const command = await everydayCommands(world);
  const { rate, tried } = await heldRate(command);
  const calm = await steadily(rate, lasting(CALM_SECONDS, rate), command);
  let running = true;
  const rebuilding = operate(world, dataDir, ['projections', 'rebuild', model]).finally(
    () => (running = false),
  );
  const during = await steadily(rate, () => !running, command);
  const rebuilt = await rebuilding;
  const after = await steadily(rate, lasting(AFTER_SECONDS, rate), command);
  const verified = await operate(world, dataDir, ['projections', 'verify', model]);
  await dropFormer(world, model);

  const failures = [calm, during, after].flatMap((one: Load) => one.failures);
  const problems = [
    ...(failures.length > 0 ? [`${failures.length} commands failed: ${failures[0]}`] : []),
    ...(rebuilt.code === 0 ? [] : [`the rebuild ended with ${rebuilt.code}`]),
    ...(verified.answer['intact'] === true ? [] : ['rows differ from a fold of the log']),
  ];
  const figure = percentile(during.waits, 0.99);
  return {
    figure,
    baseline: percentile(calm.waits, 0.99),
    baselineName: 'the same without a rebuild',
    note: [
      `${model} at ${rate} commands/s`,
      `p50 ${median(during.waits).toFixed(1)} beside ${median(calm.waits).toFixed(1)} ms`,
      `p99 ${percentile(after.waits, 0.99).toFixed(1)} ms in the ${AFTER_SECONDS} s after it`,
      `${during.waits.length} commands, ${failures.length} failed`,
      `rebuilt in ${rebuilt.seconds.toFixed(0)} s`,
      `${Number(verified.answer['rows']).toLocaleString('en-US')} rows verified`,
      `${rebuilt.memory.toFixed(0)} MiB in the rebuilding process`,
      ...tried,
    ].join('; '),
    ...(problems.length > 0 ? { broken: problems.join('; ') } : {}),
  };
}

/** Commands of this process while another one rebuilds the largest read model. */
export function rebuildLoadBenches(say: (line: string) => void): readonly Bench[] {
  return [
    {
      name: 'commands during a rebuild of the largest read model',
      unit: 'ms p99',
      mostRatio: 2,
      run: async () => {
        const dataDir = mkdtempSync(join(tmpdir(), 'clientforge-bench-'));
        const world = await openWorld(SIZE, say);
        try {
          return await measure(world, dataDir);
        } finally {
          await world.close();
          rmSync(dataDir, { recursive: true, force: true });
        }
      },
    },
  ];
}
