// One shape for what every suite reports, and the closing lines of `npm test`.
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './shell.mjs';

/**
 * @typedef {object} Result
 * @property {string} suite  the file or the tool
 * @property {string[]} titles  the test's title, preceded by those of its groups
 * @property {'passed' | 'failed' | 'skipped'} status
 */

/** Where the reports of the runners lie. */
export const reports = join(root, '.cache', 'test-results');

const statusOf = { passed: 'passed', failed: 'failed' };
const idsAtStart = /^(?:[RS]\d+\b[ ,+&]*)+/;

/** Reads the JSON report that Jest and Vitest share; a suite that did not load is one failure. */
function readReport(file, name) {
  if (!existsSync(file)) return [{ suite: name, titles: [`${name} ran`], status: 'failed' }];
  const report = JSON.parse(readFileSync(file, 'utf8'));
  return report.testResults.flatMap(({ name: path, status, assertionResults }) => {
    const suite = relative(root, path);
    const results = assertionResults.map((test) => ({
      suite,
      titles: [...test.ancestorTitles, test.title],
      status: statusOf[test.status] ?? 'skipped',
    }));
    const loaded = status !== 'failed' || results.some((result) => result.status === 'failed');
    return loaded ? results : [...results, { suite, titles: ['loads'], status: 'failed' }];
  });
}

/** The report of a runner that ended with a code. */
export function resultsOf(name, file, code) {
  const results = readReport(file, name);
  const explained = results.some((result) => result.status === 'failed');
  // A runner may fail after its last test, at the clean-up for one; that must not pass unseen.
  return code === 0 || explained
    ? results
    : [...results, { suite: name, titles: [`${name} ends well`], status: 'failed' }];
}

export function sumOf(results) {
  const count = (status) => results.filter((result) => result.status === status).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

/** The closing lines: one per test id, one per suite that did not pass, and the sum as the last. */
export function closingLines(results) {
  return [...idLines(results), ...suiteLines(results), sumOf(results)];
}

function idLines(results) {
  const byId = new Map();
  for (const result of results) {
    for (const id of new Set(result.titles.flatMap(idsOf))) {
      byId.set(id, [...(byId.get(id) ?? []), result]);
    }
  }
  const number = (id) => Number(id.slice(1));
  const inOrder = ([a], [b]) => a[0].localeCompare(b[0]) || number(a) - number(b);
  return [...byId].sort(inOrder).map(([id, own]) => line(id, own));
}

const idsOf = (title) => idsAtStart.exec(title)?.[0].match(/[RS]\d+/g) ?? [];

function suiteLines(results) {
  return [...groupBySuite(results)]
    .map(([suite, own]) => line(suite, own))
    .filter((text) => !text.endsWith(' passed'));
}

// By hand: Node 20 has no Map.groupBy.
function groupBySuite(results) {
  const groups = new Map();
  for (const result of results) {
    groups.set(result.suite, [...(groups.get(result.suite) ?? []), result]);
  }
  return groups;
}

function line(name, results) {
  if (results.some((result) => result.status === 'failed')) return `${name} failed`;
  if (results.some((result) => result.status === 'passed')) return `${name} passed`;
  return `${name} skipped: ${reasonOf(results)}`;
}

function reasonOf(results) {
  const reasons = results.flatMap(
    ({ titles }) => /skipped: (.+)$/.exec(titles.join(' '))?.[1] ?? [],
  );
  return [...new Set(reasons)].join('; ') || 'marked as skipped';
}
