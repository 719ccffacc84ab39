import { appendFileSync, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import type { Failpoint } from '#platform/failpoints';
import { systemContext } from '#platform/platform';
import { random } from '#test/support/random';
import { killAtEach, ofWorkers, stirredWorld, whileStirring } from './two-workers.js';
import { openWorld, type FaultWorld } from './world.js';

const LANES = 32;
/** Events of a company: it is created once and then changed. */
const EVENTS_EACH = 5;
const MINUTE = 60_000;
const STIR_MS = 1_000;

export interface CrashSoak {
  /** Events that commands write while the workers crash. */
  readonly events: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** Commands on companies, each of one event, in two workspaces; answers are written down. */
async function writeLog(
  { platform, tenantId, history }: FaultWorld,
  otherTenantId: string,
  events: number,
  told: (written: number) => void,
): Promise<void> {
  const contexts = [tenantId, otherTenantId].map((id) => systemContext(id, 'soak'));
  const counts = { begun: 0, written: 0 };
  const once = async (number: number) => {
    const ctx = contexts[Math.floor(number / EVENTS_EACH) % contexts.length]!;
    const id = uuidv7();
    for (let revision = 1; revision <= EVENTS_EACH; revision++) {
      const commandId = uuidv7();
      const [command, input] =
        revision === 1
          ? ['CreateCompany', { name: `Company ${id}` }]
          : ['ChangeCompany', { employeeCount: revision }];
      const result = await platform.dispatch(command as string, input, ctx, { id, commandId });
      if (isRefusal(result)) throw new Error(`${command as string}: ${result.message}`);
      const place = { tenantId: ctx.tenantId, commandId, streamId: `company-${id}`, events: 1 };
      appendFileSync(history, `${JSON.stringify({ outcome: 'ok', ...place, revision })}\n`);
      counts.written += 1;
      told(counts.written);
    }
  };
  const lane = async () => {
    while (counts.begun < events) {
      const number = counts.begun;
      counts.begun += EVENTS_EACH;
      await once(number);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** What `doctor --deep` prints, and whether everything it could look at holds. */
async function doctor(world: FaultWorld): Promise<[readonly string[], boolean]> {
  const args = ['doctor', '--deep', '--history', world.history];
  const one = await world.start('cli', { args });
  const { code } = await one.exited;
  return [one.said.filter((line) => !line.startsWith('Examining')), code === 0];
}

/**
 * Two workers beside commands that write a long log, each of them killed at every failpoint of a
 * worker; then one that catches up, and the doctor. True when every invariant holds.
 */
export async function crashSoak({ events, seed, say }: CrashSoak): Promise<boolean> {
  const world = await openWorld();
  const next = random(seed);
  const begun = Date.now();
  const seconds = () => Math.round((Date.now() - begun) / 1_000);
  let [holds, written] = [false, 0];
  try {
    const follow = await stirredWorld(world);
    const all = () => new Set<Failpoint>(ofWorkers);
    const progress = setInterval(() => say(`${seconds()} s: ${written} events`), 20_000);
    const bothAtOnce = () =>
      Promise.all([
        writeLog(world, follow.tenantId, events, (count) => (written = count)),
        killAtEach({
          ...{ world, waiting: [all(), all()], withinMs: 30 * MINUTE },
          passes: () => 1 + Math.floor(next() * 3),
        }),
      ]);
    const [, reached] = await whileStirring(follow, bothAtOnce, STIR_MS).finally(() =>
      clearInterval(progress),
    );
    say(`${seconds()} s: ${written} events; ${reached.length} times a worker was killed:`);
    for (const name of ofWorkers) {
      say(`  ${name} ${reached.filter((one) => one === name).length}`);
    }
    const healthy = await world.start('worker');
    await world.caughtUp(900);
    // The last events are sealed a moment later.
    await pause(3_000);
    say(`${seconds()} s: caught up; doctor --deep:`);
    const [lines, fine] = await doctor(world);
    for (const line of lines) say(`  ${line}`);
    await healthy.stop();
    holds = fine;
  } catch (error) {
    say((error as Error).message);
  }
  world.killAll();
  if (!holds) {
    const kept = join('.artefacts', 'soak', String(seed));
    mkdirSync(kept, { recursive: true });
    cpSync(world.options.dataDir, kept, { recursive: true });
    say(`evidence: ${kept}`);
  }
  await world.close();
  say(`${seconds()} s, seed ${seed}: ${holds ? 'every invariant holds' : 'violated'}`);
  return holds;
}
