import { runImport, type ImportReport } from '#apps/composition/import/importer';
import { problemLine } from '#apps/composition/import/problems';
import type { Load } from '#apps/composition/import/load';
import { readRecipe, recipeNames, type Recipe } from '#apps/composition/import/recipe';
import { exit, wholeOption, type Call, type Command } from '../command.js';
import { progressOn } from '../progress.js';
import { project } from '../projecting.js';
import { tenantOf, tenantOption } from '../tenant.js';
import { fileImports } from './import-file.js';

const SHOWN = 50;

/** One progress bar after the other, as the loads of the recipe begin. */
function follow(call: Call) {
  const progress = progressOn(call.out.terminal, call.out.json);
  let current: Load | undefined;
  const end = () => {
    if (current) progress.end();
    current = undefined;
  };
  const update = (load: Load, rows: number, share: number) => {
    if (load !== current) {
      end();
      progress.begin(load.title, 'rows');
    }
    current = load;
    progress.update(rows, share);
  };
  return { update, end };
}

function show(call: Call, report: ImportReport): void {
  const { out } = call;
  out.table(
    [
      { key: 'title', title: 'What' },
      { key: 'created', title: 'Created', right: true },
      { key: 'changed', title: 'Changed', right: true },
      { key: 'unchanged', title: 'Unchanged', right: true },
      { key: 'rejected', title: 'Rejected', right: true },
    ],
    report.loads.map((one) => ({ ...one })),
  );
  const rate = Math.round(report.rows / Math.max(0.001, report.seconds)).toLocaleString('en');
  const rows = report.rows.toLocaleString('en');
  out.line(`${rows} rows in ${report.seconds.toFixed(1)} s, ${rate} rows/s`);
  for (const problem of report.problems.slice(0, SHOWN)) out.line(problemLine(problem));
  const more = report.problemCount - SHOWN;
  if (more > 0) out.line(`… and ${more.toLocaleString('en')} more; --json tells them.`);
  if (report.aborted) out.line('Stopped; the same command goes on where it ended.');
}

function importOf(recipe: Recipe): Command {
  return {
    words: ['import', recipe.name],
    summary: `Loads the data set ${recipe.title} into a workspace.`,
    operands: ['DIR'],
    options: {
      ...tenantOption,
      concurrency: {
        type: 'string',
        value: 'N',
        default: '128',
        description: 'Records under way at once.',
      },
    },
    example:
      `clientforge import ${recipe.name} ../data/${recipe.name} ` +
      '--tenant 01890a5d-ac96-774b-bcce-b302099a8057',
    async run(call) {
      const concurrency = wholeOption(call, 'concurrency', 1, 1000);
      const { platform } = await call.open();
      const { id: tenantId, values } = await tenantOf(call, platform);
      // Beside the import, so that most rows are visible when it ends.
      platform.projections.start();
      const bar = follow(call);
      const report = await runImport(platform, recipe, {
        tenantId,
        timeZone: values.timeZone,
        folder: call.operands[0]!,
        concurrency,
        progress: bar.update,
        signal: call.signal,
      });
      bar.end();
      await project(call, platform);
      call.out.answer(report, () => show(call, report));
      return report.problemCount > 0 || report.aborted ? exit.refused : exit.done;
    },
  };
}

/** One command for each data set the product knows, and for each type of record. */
export const imports: readonly Command[] = [
  ...recipeNames().map((name) => importOf(readRecipe(name))),
  ...fileImports,
];
