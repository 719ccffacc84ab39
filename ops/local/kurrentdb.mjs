// `npm run test:kurrentdb`: what is promised of the log, on the EventStoreDB or KurrentDB at
// KURRENTDB_URL. It writes streams of its own prefix there, and nothing of it keeps running.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { jest } from './jest.mjs';
import { prepare } from './prepare.mjs';
import { Advice, main, node24, root } from './shell.mjs';

/** What runs there, by kind: the promises of the port, the sales data, R1 to R9. */
const suites = {
  int: ['test/contracts/kurrentdb-(event-store|order|differential|crashes)', 'import-sales'],
  // R5 of the database is about its own feed; the order of this one is among the contracts.
  fault: ['test/faults/(crashes|commands|database|projectors|kurrentdb)', '-t', 'R[1-46-9] '],
};

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: Object.keys(suites) },
    // The stand-in as the server, to try this command itself: proves nothing about a real one.
    fake: { type: 'string' },
  },
});

async function startFake(version) {
  const file = join(root, 'dist', 'test', 'faults', 'kurrentdb', 'main.js');
  const child = spawn(node24(), [file, version], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [url] = await Promise.race([once(createInterface(child.stdout), 'line'), exited]);
  if (typeof url !== 'string') throw new Advice(`The fake KurrentDB ${version} did not start.`);
  return {
    url,
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}

await main(async () => {
  const { KURRENTDB_URL: given } = process.env;
  if (!given && !values.fake) {
    process.stdout.write('skipped: KURRENTDB_URL\n');
    return 0;
  }
  const unknown = values.only.filter((kind) => !(kind in suites));
  if (unknown.length > 0) throw new Advice(`--only takes ${Object.keys(suites).join(' or ')}.`);
  await prepare({ parts: ['backend'], quiet: true });
  const fake = given ? undefined : await startFake(values.fake);
  // Under another name, so that only the specs of this store leave the database for it.
  process.env.CLIENTFORGE_KURRENTDB = given ?? fake.url;
  delete process.env.KURRENTDB_URL;
  let failed = 0;
  for (const kind of values.only) {
    const { code } = await jest(kind, [...suites[kind], '--runInBand'], { inherit: true });
    failed ||= code;
  }
  await fake?.stop();
  return failed;
});
