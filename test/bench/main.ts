import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { environment } from '#platform/config/environment';
import { startEmbeddedPostgres } from '#platform/postgres/embedded';
import { accessBenches } from './access.bench.js';
import { auditBenches } from './audit.bench.js';
import { amount, runBenches, type Bench, type Row } from './bench.js';
import { encryptionBenches } from './encryption.bench.js';
import { fullEvents, openFullWorld } from './full-world.js';
import { GrowthBenches, type GrownLog } from './growth.bench.js';
import { HttpBenches } from './http.bench.js';
import { importBenches } from './import.bench.js';
import { openLedger, type Ledger } from './ledger.js';
import { kurrentDbBenches } from './kurrentdb.bench.js';
import { ListBenches } from './lists.bench.js';
import { benches as logBenches } from './log.bench.js';
import { describeMachine, machineLines } from './machine.js';
import { projectionBenches } from './projections.bench.js';
import { rebuildLoadBenches } from './rebuild-load.bench.js';
import { Rebuilds } from './rebuilding.js';
import { saveReport, type Report } from './report.js';
import { sagaBenches } from './saga.bench.js';
import { stop } from './served.js';
import { sizeBenches } from './size.bench.js';
import { socketBenches } from './sockets.bench.js';
import { startBenches } from './start.bench.js';
import { visibilityBenches } from './visibility.bench.js';
import { webBenches } from './web.bench.js';
import { eventsOf, openWorld, USUAL, type World } from './world.js';

const usage = `npm run bench -- [options]
  --only NAME   benches whose group or name contains NAME; may be given several times
  --full        lists and projections on 1,000,000 contacts in a log of 10,000,000 events; the
                folder is made once, may take hours, and is gone on with after Ctrl-C
  --size SHARE  of the full size, from 0.001 to 1 (default 1)
  --make        only make the folder
  --data DIR    where everything is kept between runs (default .data/bench)
  --json FILE   write machine, figures and query plans as JSON as well
  --save        bring docs/performance.md up to date
  --list        name the benches`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    full: { type: 'boolean', default: false },
    size: { type: 'string', default: '1' },
    make: { type: 'boolean', default: false },
    data: { type: 'string', default: join('.data', 'bench') },
    json: { type: 'string' },
    save: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const say = (line: string) => process.stderr.write(`${line}\n`);
const folder = resolve(options.data);
const scale = Number(options.size);
if (!(scale >= 0.001 && scale <= 1)) throw new Error('--size is a share from 0.001 to 1');
const full = { folder: join(folder, `full-${scale}`), scale, say };

let world: Promise<World> | undefined;
const theWorld = () => (world ??= options.full ? openFullWorld(full) : openWorld(USUAL, say));
const lists = new ListBenches(theWorld);
const http = new HttpBenches(folder);
const access = accessBenches(theWorld);
const rebuilds = new Rebuilds();

let ledger: Promise<Ledger> | undefined;
const theLedger = () => (ledger ??= openLedger());

let middle: Promise<World> | undefined;
const tenth = { folder: join(folder, `full-${scale / 10}`), scale: scale / 10, say };
/** Logs whose cost is held against that of a small one; the largest is the one of the lists. */
const grown: readonly GrownLog[] = options.full
  ? [
      { events: fullEvents(tenth.scale), world: () => (middle ??= openFullWorld(tenth)) },
      { events: fullEvents(scale), world: theWorld },
    ]
  : [{ events: eventsOf(USUAL), world: theWorld }];
const growth = new GrowthBenches(grown, rebuilds, say);

/** The folder at full size, made if need be, when nobody has it open. */
async function closedFull(): Promise<string> {
  await (await theWorld()).close();
  return full.folder;
}

/** The folder of the server that took commands. */
async function usedServer(): Promise<string> {
  await stop(await http.server());
  return http.dataDir;
}

const groups: Readonly<Record<string, readonly Bench[]>> = {
  log: logBenches,
  kurrentdb: kurrentDbBenches,
  lists: lists.benches(),
  access: access.benches,
  projections: projectionBenches(theWorld, rebuilds),
  growth: growth.benches(),
  visibility: visibilityBenches(theWorld),
  rebuilding: rebuildLoadBenches(say),
  encryption: encryptionBenches(theLedger),
  audit: auditBenches(theLedger),
  size: sizeBenches({
    ...{ world: theWorld, ledger: theLedger, bareServer: () => http.bareServer() },
  }),
  sagas: sagaBenches,
  sockets: socketBenches,
  http: http.commandBenches(),
  import: importBenches(folder, options.full ? 1_000_000 * scale : 200_000),
  web: webBenches(() => http.server()),
  // Last: the world is closed, and its folder started as the product would.
  start: startBenches({
    holding: options.full ? `${amount(fullEvents(scale))} events` : 'a demo workspace',
    dataDir: options.full ? closedFull : usedServer,
    bareServer: () => http.bareServer(),
  }),
};

function chosen(): readonly (readonly [string, readonly Bench[]])[] {
  const wanted = options.only ?? [''];
  const fits = (text: string) => wanted.some((one) => text.includes(one));
  return Object.entries(groups)
    .map(([group, benches]) => {
      const some = fits(group) ? benches : benches.filter(({ name }) => fits(name));
      return [group, some] as const;
    })
    .filter(([, benches]) => benches.length > 0);
}

async function run(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const given = environment['DATABASE_URL'];
  const server = given ? undefined : await startEmbeddedPostgres({ dataDir: folder });
  const url = given ?? server!.url;
  environment['CLIENTFORGE_TEST_DATABASE_URL'] = url;
  try {
    const machine = await describeMachine(url, folder);
    const started = new Date();
    console.log(machineLines(machine).join('\n'));
    const results: { group: string; rows: readonly Row[] }[] = [];
    for (const [group, benches] of chosen()) {
      console.log(`\n${group}`);
      const rows = await runBenches(benches);
      if (rows.length > 0) results.push({ group, rows });
    }
    const report: Report = {
      ...{ date: started.toISOString(), seconds: (Date.now() - started.getTime()) / 1000 },
      ...{ full: options.full, machine, results, plans: lists.plans },
    };
    if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    if (options.save) await saveReport(join('docs', 'performance.md'), report);
    console.log(`\n${summary(report)}`);
  } finally {
    await access.close();
    await http.close();
    await growth.close();
    for (const opened of [ledger, middle, world]) await (await opened)?.close();
    await server?.stop();
  }
}

function summary({ results, seconds }: Report): string {
  const rows = results.flatMap((one) => one.rows).filter(({ bar, broken }) => bar ?? broken);
  const broken = rows.filter(({ holds }) => !holds);
  const names = broken.map(({ name }) => `  ${name}`).join('\n');
  const verdict = `${rows.length - broken.length} of ${rows.length} bars hold`;
  return `${verdict}, ${Math.round(seconds)} s${broken.length > 0 ? `; these do not:\n${names}` : ''}`;
}

if (options.help) console.log(usage);
else if (options.list) {
  for (const [group, benches] of chosen())
    for (const { name } of benches) console.log(`${group}: ${name}`);
} else if (options.make) await (await openFullWorld(full)).close();
else await run();
