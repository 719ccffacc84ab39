// `npm test`: every check and every suite, one report each, their sum as the last line.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checks, complaintOf } from './checks.mjs';
import { jest, kinds } from './jest.mjs';
import { prepare } from './prepare.mjs';
import { closingLines, reports, resultsOf } from './results.mjs';
import { main, say, tail } from './shell.mjs';
import { webTests } from './web-tests.mjs';

// Browser specs share one screen's worth of CPU time; running two at once only makes them slow.
const workers = { unit: '100%', int: '2', e2e: '2', ui: '1', fault: '1' };

async function toolCheck(name) {
  const complaint = await complaintOf(name);
  return {
    output: complaint,
    results: [{ suite: name, titles: [name], status: statusOf(complaint) }],
  };
}

const statusOf = (complaint) => (complaint ? 'failed' : 'passed');

/** Faults are looked at with every change only as long as that does not take too long. */
const FAULT_MINUTES = 8;

async function specs(kind) {
  const begin = Date.now();
  const report = join(reports, `jest-${kind}.json`);
  const args = ['--json', `--outputFile=${report}`, `--maxWorkers=${workers[kind]}`, '--ci'];
  const { code, output } = await jest(kind, args);
  const found = withReport(`jest ${kind}`, report, code, output);
  if (kind === 'fault' && Date.now() - begin > FAULT_MINUTES * 60_000) {
    const titles = [`ends within ${FAULT_MINUTES} minutes`];
    found.results.push({ suite: `jest ${kind}`, titles, status: 'failed' });
  }
  return found;
}

async function webSpecs() {
  const report = join(reports, 'vitest.json');
  const args = ['--reporters=default', '--reporters=json', `--output-file=${report}`];
  const { code, output } = await webTests(args);
  return withReport('vitest', report, code, output);
}

function withReport(name, report, code, output) {
  const results = resultsOf(name, report, code);
  return { output: code === 0 ? undefined : readable(output), results };
}

// Jest prints its JSON report to the same output when asked for a file; nobody reads that.
const readable = (output) => tail(output.replace(/^\{"num.*$/gm, ''), 300);

async function suite(name, task) {
  const begin = Date.now();
  const { output, results } = await task();
  const seconds = ((Date.now() - begin) / 1000).toFixed(1);
  const failed = results.filter((result) => result.status === 'failed').length;
  if (output) say(output);
  say(`${name}: ${results.length} run, ${failed} failed, ${seconds} s`);
  writeFileSync(join(reports, `${name.replace(' ', '-')}.result.json`), JSON.stringify(results));
  return results;
}

await main(async () => {
  await prepare();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const all = [];
  for (const name of Object.keys(checks)) all.push(...(await suite(name, () => toolCheck(name))));
  for (const kind of kinds) all.push(...(await suite(`jest ${kind}`, () => specs(kind))));
  all.push(...(await suite('vitest', webSpecs)));
  process.stdout.write(`${closingLines(all).join('\n')}\n`);
  return all.some((result) => result.status === 'failed') ? 1 : 0;
});
