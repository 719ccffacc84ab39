import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { amount, share, type Row } from './bench.js';
import { machineLines, type Machine } from './machine.js';
import type { Plan } from './plans.js';

/** Everything one run has found. */
export interface Report {
  readonly date: string;
  readonly seconds: number;
  readonly full: boolean;
  readonly machine: Machine;
  readonly results: readonly { readonly group: string; readonly rows: readonly Row[] }[];
  readonly plans: readonly Plan[];
}

const TITLES: Readonly<Record<string, string>> = {
  log: 'The log',
  kurrentdb: 'The log on KurrentDB',
  lists: 'Lists, boards and searches',
  projections: 'Read models',
  visibility: 'From append to visible row',
  rebuilding: 'Commands during a rebuild',
  growth: 'Cost as the log grows',
  size: 'Room on disk and in memory',
  encryption: 'What encryption costs',
  audit: 'Seals, audit and export',
  sagas: 'A year of a saga',
  http: 'Commands over HTTP',
  import: 'Import, from a file to visible rows',
  web: 'First load of the admin',
  start: 'Start and idle memory',
};

const cell = (text: string) => text.replaceAll('|', '\\|');

function tableOf(rows: readonly Row[]): string[] {
  return [
    '| What | Figure | Baseline | Ratio | Bar | Holds |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => {
      const note = row.note ? ` (${row.note})` : '';
      const broken = row.broken ? `; **${row.broken}**` : '';
      return [
        '',
        cell(row.name),
        `${amount(row.figure)} ${row.unit}${cell(note)}${cell(broken)}`,
        `${amount(row.baseline)}, ${cell(row.baselineName)}`,
        share(row.ratio),
        row.bar ?? '–',
        row.bar || row.broken ? (row.holds ? 'yes' : '**no**') : '–',
        '',
      ]
        .join(' | ')
        .trim();
    }),
  ];
}

/** Groups that were not measured this time keep what was found before, with its date and processor. */
function figures({ date, machine, results }: Report, before: string): string {
  const sections = new Map(
    before
      .split(/^### /mu)
      .slice(1)
      .map((section) => [section.split('\n', 1)[0]!, `### ${section}`.trimEnd()]),
  );
  for (const { group, rows } of results) {
    const title = TITLES[group]!;
    const measured = `Measured on ${date.slice(0, 10)}, ${machine.processor}.`;
    sections.set(title, [`### ${title}`, '', measured, '', ...tableOf(rows)].join('\n'));
  }
  const inOrder = Object.values(TITLES).flatMap((title) => sections.get(title) ?? []);
  const about = machineLines(machine).map((line) => `- ${line}`);
  return [about.join('\n'), ...inOrder].join('\n\n');
}

function plansOf(plans: readonly Plan[]): string {
  return plans
    .map(({ name, statements }) => {
      const blocks = statements.flatMap(({ text, plan }) => ['```', text, '', plan, '```']);
      return [`### ${name}`, '', ...blocks].join('\n');
    })
    .join('\n\n');
}

/** Puts a text in the place of the one between the two marks of its name; new marks go to the end. */
function replaceBetween(
  document: string,
  name: string,
  textAfter: (before: string) => string,
): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  const block = (before: string) => `${begin}\n\n${textAfter(before)}\n\n${end}`;
  if (from < 0 || to < from) return `${document.trimEnd()}\n\n${block('')}\n`;
  const before = document.slice(from + begin.length, to);
  return document.slice(0, from) + block(before) + document.slice(to + end.length);
}

/** Brings the measured parts of the document up to date; what people wrote in it stays. */
export async function saveReport(file: string, report: Report): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '# Performance\n';
  const size = report.full ? 'full size' : 'usual size';
  const withFigures = replaceBetween(before, `figures, ${size}`, (old) => figures(report, old));
  const all =
    report.plans.length > 0
      ? replaceBetween(withFigures, `plans, ${size}`, () => plansOf(report.plans))
      : withFigures;
  const options = { ...(await resolveConfig(file)), filepath: file };
  writeFileSync(file, await format(all, options));
}
