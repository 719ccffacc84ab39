// `npm run test:kurrentdb`: what is promised of the log, on the EventStoreDB or KurrentDB at
// KURRENTDB_URL. It writes streams of its own prefix there, and nothing of it keeps running.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { jest } from './jest.mjs';
import { prepare } from './prepare.mjs';
import { closingLines, reports, resultsOf, sumOf } from './results.mjs';
import { Advice, main, node24, root } from './shell.mjs';

/** What runs there, by kind: the promises of the port, the sales data, R1 to R9. */
const suites = {
  int: {
    files: ['test/contracts/kurrentdb-(event-store|order|differential|crashes)', 'import-sales'],
  },
  // R5 of the database is about its own feed; the order of this one is among the contracts.
  fault: {
    files: ['test/faults/(crashes|commands|database|projectors|kurrentdb)'],
    titles: 'R[1-46-9] ',
  },
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
  const child = spawn(node24(), [file, version], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [url] = await Promise.race([once(createInterface(child.stdout), 'line'), exited]);
  if (typeof url !== 'string') throw new Advice(`The fake KurrentDB ${version} did not start.`);
  return {
    url,
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}

async function specs(kind) {
  const { files, titles } = suites[kind];
  const report = join(reports, `kurrentdb-${kind}.json`);
  mkdirSync(reports, { recursive: true });
  rmSync(report, { force: true });
  const args = [...files, '--runInBand', '--json', `--outputFile=${report}`];
  if (titles) args.push('-t', titles);
  const { code } = await jest(kind, args, { inherit: true });
  // Jest reports as skipped what its titles leave out.
  const isAsked = new RegExp(titles);
  return resultsOf(`jest ${kind}`, report, code).filter(
    ({ status, titles: own }) => status !== 'skipped' || isAsked.test(own.join(' ')),
  );
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
  const all = [];
  const sums = [];
  try {
    for (const kind of values.only) {
      const results = await specs(kind);
      sums.push(`${kind}: ${sumOf(results)}`);
      all.push(...results);
    }
  } finally {
    await fake?.stop();
  }
  process.stdout.write(`${[...sums, ...closingLines(all)].join('\n')}\n`);
  return all.some((result) => result.status === 'failed') ? 1 : 0;
});
