import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { systemContext } from '#platform/platform';
import { failpoints, type Failpoint } from '#platform/failpoints';
import { serverUrl } from '#test/support/database';
import { random } from '#test/support/random';
import { crashSoak } from './crash-soak.js';
import { LEASE_SECONDS, startProcess, type ProcessOptions, type Started } from './processes.js';
import { startTcpProxy, type TcpProxy, type Trouble } from './tcp-proxy.js';
import { openWorld, type FaultWorld } from './world.js';
import { startLoad } from './writers.js';

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Processes of a round, and the way to their database. */
interface Scene {
  readonly world: FaultWorld;
  readonly proxy: TcpProxy;
  server: Started;
  worker: Started;
  readonly options: ProcessOptions;
  readonly next: () => number;
}

type Fault = (scene: Scene) => Promise<string>;

/** A process ends as it is killed, or at a failpoint it may or may not reach; then it is there again. */
const killed =
  (which: 'server' | 'worker'): Fault =>
  async (scene) => {
    scene[which].kill();
    await scene[which].exited;
    const hot = scene.next() < 0.5;
    const name = failpoints[Math.floor(scene.next() * failpoints.length)]! as Failpoint;
    const nth = 1 + Math.floor(scene.next() * 20);
    const failpoint = `${name}:${nth}` as const;
    const start = (more: object) => startProcess(which, { ...scene.options, ...more });
    scene[which] = await start(hot ? { failpoint } : {});
    if (!hot) return `${which} killed`;
    await Promise.race([scene[which].exited, pause(3_000)]);
    scene[which].kill();
    await scene[which].exited;
    scene[which] = await start({});
    return `${which} killed, then at ${failpoint}`;
  };

const stopped =
  (which: 'server' | 'worker'): Fault =>
  async (scene) => {
    scene[which].kill('SIGSTOP');
    await pause(LEASE_SECONDS * 1_000 * (0.5 + scene.next() * 1.5));
    scene[which].kill('SIGCONT');
    return `${which} stood still`;
  };

const troubled =
  (words: string, trouble: Trouble): Fault =>
  async ({ proxy, next }) => {
    proxy.suffer(trouble);
    await pause(500 + next() * 2_000);
    proxy.suffer();
    // What waits for an answer that was lost has to learn that it will not come.
    if (trouble.partition || trouble.mute) proxy.reset();
    return words;
  };

/** Each by the row of the acceptance tests it belongs to. */
const faults: readonly (readonly [row: string, fault: Fault])[] = [
  ['R1', killed('worker')],
  ['R2', killed('server')],
  ['R6', stopped('worker')],
  ['R6', stopped('server')],
  ['R3', troubled('slow', { latency: 30 })],
  ['R3', troubled('sliced', { slice: 11 })],
  ['R3', troubled('partitioned', { partition: true })],
  ['R4', troubled('answers lost', { mute: true })],
  [
    'R3',
    async ({ proxy, next }) => {
      proxy.cut();
      await pause(500 + next() * 1_500);
      proxy.suffer();
      return 'unreachable';
    },
  ],
  [
    'R4',
    async ({ proxy }) => {
      await Promise.race([proxy.loseAnswerTo('CompanyCreated'), pause(2_000)]);
      return 'an answer lost after the commit';
    },
  ],
];

/** One round: a fresh workspace, three to six faults one after the other under load, the doctor. */
async function round(number: number, seed: number, only: string | undefined): Promise<boolean> {
  const next = random(seed);
  const chosen = faults.filter(([row]) => only === undefined || row === only);
  if (chosen.length === 0) throw new Error(`no fault belongs to ${only}`);
  const direct = new URL(serverUrl());
  const proxy = await startTcpProxy({ host: direct.hostname, port: Number(direct.port) });
  const world = await openWorld();
  const through = new URL(world.test.url);
  through.port = String(proxy.port);
  const options = { ...world.options, databaseUrl: through.toString() };
  const scene: Scene = {
    ...{ world, proxy, options, next },
    server: await startProcess('server', options),
    worker: await startProcess('worker', options),
  };
  const { history } = world;
  const writer = await world.writer(scene.server.url);
  const load = startLoad({
    url: () => scene.server.url,
    writer,
    writers: 12,
    history,
    pauseMs: 30,
  });
  const suffered: string[] = [];
  let wrong: readonly string[];
  try {
    const ctx = systemContext(world.tenantId, 'soak');
    for (let count = 3 + Math.floor(next() * 4); count > 0; count--) {
      await pause(300 + next() * 1_000);
      const [, fault] = chosen[Math.floor(next() * chosen.length)]!;
      suffered.push(await fault(scene));
      await world.platform.jobs.start('audit', {}, ctx);
    }
    const before = load.counts.ok;
    for (let waited = 0; load.counts.ok < before + 20; waited++) {
      if (waited > 600) throw new Error('commands are not accepted again after 30 s');
      await pause(50);
    }
    await load.stop();
    await world.caughtUp(60);
    await Promise.all([scene.server.stop(), scene.worker.stop()]);
    wrong = [...load.odd, ...(await world.ailments())];
  } catch (error) {
    wrong = [(error as Error).message];
  }
  await load.stop();
  for (const one of [scene.server, scene.worker]) if (one.isAlive()) one.kill();
  const { ok, info } = load.counts;
  const result = wrong.length === 0 ? 'clean' : `violated: ${wrong.join('; ')}`;
  say(`round ${number} (seed ${seed}): ${suffered.join(', ')}; ${ok} ok, ${info} open: ${result}`);
  if (wrong.length > 0) {
    const kept = join('.artefacts', 'soak', String(seed));
    mkdirSync(kept, { recursive: true });
    cpSync(world.options.dataDir, kept, { recursive: true });
    say(
      `evidence of round ${number}: ${kept}; database ${world.test.url.split('/').at(-1)} is dropped`,
    );
  }
  await proxy.close();
  await world.close();
  return wrong.length === 0;
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
    events: { type: 'string', default: '100000' },
    strict: { type: 'boolean', default: false },
  },
});
const [rounds, seed] = [Number(values.rounds), Number(values.seed)];

async function randomRounds(): Promise<boolean> {
  say(`soak: ${rounds} rounds, seed ${seed}`);
  let violated = 0;
  for (let number = 1; number <= rounds; number++) {
    if (!(await round(number, seed + number - 1, values.only))) violated += 1;
  }
  const skipped = 'the scale-out profile is skipped: Redis, KurrentDB and Elasticsearch';
  say(`${rounds - violated} clean, ${violated} violated; ${skipped}`);
  return violated === 0 && !values.strict;
}

const events = Number(values.events);
const clean =
  values.only === 'crashes' ? await crashSoak({ events, seed, say }) : await randomRounds();
process.exitCode = clean ? 0 : 1;
