import { setTimeout as sleep } from 'node:timers/promises';
import { systemContext } from '#platform/platform';
import { socketStorm, tokensFor } from '#test/faults/socket-storm';
import { openWorld, type FaultWorld } from '#test/faults/world';
import { liveSocket, type LiveSocket } from '#test/support/live-socket';
import { amount, median, percentile, type Bench, type Measured } from './bench.js';
import { residentOf } from './processes.js';

const SOCKETS = 1_000;
const AT_ONCE = 50;
const SETTLE_MS = 5_000;
const CHANGES = 60;

async function within<Result>(work: (world: FaultWorld) => Promise<Result>): Promise<Result> {
  const world = await openWorld();
  try {
    return await work(world);
  } finally {
    await world.close();
  }
}

/** What a connected socket that hears nothing takes of its server. */
function memory(): Promise<Measured> {
  return within(async (world) => {
    const server = await world.start('server');
    const tokens = await tokensFor(world, SOCKETS);
    // What the first of everything takes is none of the others' matter.
    const first = await openAll(server.url, tokens, 2);
    await sleep(SETTLE_MS);
    const before = residentOf(server.child.pid!) * 1024;
    const sockets = [...first, ...(await openAll(server.url, tokens, SOCKETS, first.length))];
    await sleep(SETTLE_MS);
    const after = residentOf(server.child.pid!) * 1024;
    for (const socket of sockets) socket.close();
    const note = `${sockets.length} sockets of ${tokens.length} people`;
    const baselineName = 'the process without them';
    return { figure: (after - before) / SOCKETS, baseline: before, baselineName, note };
  });
}

/** Sockets with the numbers from `from` to `to` that hear of everything in the workspace. */
async function openAll(
  url: string,
  tokens: readonly string[],
  to: number,
  from = 0,
): Promise<LiveSocket[]> {
  const sockets: LiveSocket[] = [];
  for (let n = from; n < to; n += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, to - n) }, (_, m) =>
      liveSocket(url, tokens[(n + m) % tokens.length]),
    );
    const opened = await Promise.all(some);
    await Promise.all(opened.map((one) => one.watch([{ to: 'workspace' }])));
    sockets.push(...opened);
  }
  return sockets;
}

/** From a command in one process until the last socket of another one has heard of it. */
function delay(): Promise<Measured> {
  return within(async (world) => {
    const { platform, tenantId } = world;
    const server = await world.start('server');
    const sockets = await openAll(server.url, await tokensFor(world, SOCKETS), SOCKETS);
    const ctx = systemContext(tenantId, 'bench');
    const [heard, read]: [number[], number[]] = [[], []];
    for (let n = -5; n < CHANGES; n++) {
      const before = await platform.store.head();
      const begun = performance.now();
      const everybody = Promise.all(sockets.map(hears)).then(() => performance.now() - begun);
      const made = platform.dispatch('CreateCompany', { name: `Told ${n}` }, ctx);
      const bare = readUntilThere(world, before).then(() => performance.now() - begun);
      const [told, seen] = await Promise.all([everybody, bare, made]);
      if (n >= 0) {
        heard.push(told);
        read.push(seen);
      }
      await sleep(50 + Math.random() * 100);
    }
    for (const socket of sockets) socket.close();
    const worst = `p99 ${amount(percentile(heard, 0.99))} ms`;
    return {
      ...{ figure: median(heard), baseline: median(read), baselineName: 'a bare read of the log' },
      note: `${SOCKETS} sockets hear each change; ${worst}`,
    };
  });
}

/** Resolves with the next change that a socket is told of. */
function hears({ socket }: LiveSocket): Promise<void> {
  return new Promise((resolve) => {
    const listen = ({ changes }: { readonly changes: readonly unknown[] }) => {
      if (changes.length === 0) return;
      socket.off('changes', listen);
      resolve();
    };
    socket.on('changes', listen);
  });
}

/** Reads the log again and again until there is something after a position. */
async function readUntilThere({ platform }: FaultWorld, after: string): Promise<void> {
  while ((await platform.store.readFeed({ after, limit: 1 })).events.length === 0) await sleep(2);
}

/** Every client ends with every change once and in order, though its server is killed. */
function storm(): Promise<Measured> {
  const options = { sockets: SOCKETS, changesPerSecond: 100, seconds: 10 };
  return within(async (world) => {
    const { complete, clients, changes, resumed, lagMs, problems } = await socketStorm(
      world,
      options,
    );
    const note = `${changes} changes, ${resumed} clients came back, ${lagMs} ms behind at the end`;
    return {
      ...{ figure: complete, baseline: clients, baselineName: 'clients', note },
      ...(problems.length > 0 ? { broken: problems.join('; ') } : {}),
    };
  });
}

export const socketBenches: readonly Bench[] = [
  { name: 'memory of an idle socket', unit: 'KiB', run: memory },
  { name: 'change until 1,000 sockets have heard of it', unit: 'ms', run: delay },
  {
    name: 'sockets with every change once, one server killed',
    unit: 'clients',
    leastRatio: 1,
    run: storm,
  },
];
