import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { importFile, type ImportResult } from '#apps/composition/import/file-import';
import {
  checkImport,
  describeFile,
  guessedMapping,
  targetFor,
  type CheckedImport,
  type FileDescription,
} from '#apps/composition/import/import-spec';
import { startInput } from '#apps/composition/import/imports';
import type { Mapping } from '#apps/composition/import/mapping';
import { problemLine } from '#apps/composition/import/problems';
import { importTypes } from '#apps/composition/import/targets';
import { product } from '#apps/composition/product';
import type { RequestContext } from '#kernel/context';
import { isRefusal } from '#kernel/refusal';
import { uuidv7 } from '#kernel/ids';
import { Registry } from '#platform/commands/registry';
import { validate } from '#platform/commands/validation';
import { systemContext, type Platform } from '#platform/platform';
import { exit, orRefused, UsageError, type Call, type Command } from '../command.js';
import { progressOn } from '../progress.js';
import { project } from '../projecting.js';
import { tenantOf, tenantOption } from '../tenant.js';

const SHOWN = 50;

/** The guess with what `--map` says: `Mail=email,Notes=` leaves the notes out. */
function withMap(guess: Mapping, text: string): Mapping {
  const pairs = text.split(',').map((pair) => {
    const at = pair.lastIndexOf('=');
    if (at < 1) throw new UsageError(`--map takes COLUMN=FIELD, not ${pair}.`);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  const named = new Set(pairs.map(([, field]) => field).filter(Boolean));
  const kept = Object.entries(guess).filter(([, given]) => !given || !named.has(given.field));
  const given = pairs.map(([column, field]) => [column, field ? { field } : null] as const);
  return Object.fromEntries([...kept, ...given]);
}

/** What `--map-file` holds, in the words of the REST API. */
async function mapFile(path: string): Promise<Mapping> {
  let mapping: unknown;
  try {
    mapping = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`--map-file ${path} cannot be read: ${(error as Error).message}`);
  }
  const invalid = validate(startInput, { mapping });
  if (invalid) throw new UsageError(`--map-file ${path}: ${invalid.message}`);
  return mapping as Mapping;
}

function showMapping(
  call: Call,
  { columns, dialect }: FileDescription,
  mapping: Mapping,
  key: readonly string[],
): void {
  const { out } = call;
  const delimiter = dialect.delimiter === '\t' ? 'tab' : dialect.delimiter;
  out.line(`${dialect.encoding}, cells between ${delimiter}`);
  out.table(
    [
      { key: 'column', title: 'Column' },
      { key: 'field', title: 'Field' },
      { key: 'format', title: 'Format' },
      { key: 'sample', title: 'For example' },
    ],
    columns.map(({ name, samples }) => ({
      column: name,
      field: mapping[name]?.field ?? '–',
      format: mapping[name]?.format ?? '',
      sample: (samples[0] ?? '').slice(0, 40),
    })),
  );
  out.line(key.length > 0 ? `Recognised by ${key.join(', ')}.` : 'Each row is a new record.');
}

function show(call: Call, result: ImportResult, name: string, aborted: boolean): void {
  const { out } = call;
  const { created, changed, unchanged, rejected, rows, seconds, dryRun } = result;
  const rate = Math.round(rows / Math.max(0.001, seconds)).toLocaleString('en');
  const would = dryRun ? 'A dry run, nothing was changed: ' : '';
  const counts = [
    `${created.toLocaleString('en')} created`,
    `${changed.toLocaleString('en')} changed`,
    `${unchanged.toLocaleString('en')} unchanged`,
    `${rejected.toLocaleString('en')} rejected`,
  ];
  out.line(`${would}${counts.join(', ')}`);
  out.line(`${rows.toLocaleString('en')} rows in ${seconds.toFixed(1)} s, ${rate} rows/s`);
  for (const problem of result.problems.slice(0, SHOWN)) {
    out.line(problemLine({ file: name, ...problem }));
  }
  const more = result.problemCount - Math.min(SHOWN, result.problems.length);
  if (more > 0) out.line(`… and ${more.toLocaleString('en')} more; --result FILE tells them all.`);
  if (aborted) out.line('Stopped; with a key the same command goes on where it ended.');
}

async function carryOut(
  call: Call,
  platform: Platform,
  ctx: RequestContext,
  checked: CheckedImport,
): Promise<{ result: ImportResult | undefined; importId: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'clientforge-import-'));
  const importId = uuidv7();
  const progress = progressOn(call.out.terminal, call.out.json);
  progress.begin(`Import of ${checked.spec.type}`, 'rows');
  const partly = { last: undefined as ImportResult | undefined };
  try {
    const result = await importFile(checked, {
      platform,
      ctx,
      importId,
      resultPath: call.text('result') ?? join(folder, 'rejected.csv'),
      outcomePath: join(folder, 'rows'),
      progress: (done, total) => progress.update(done, total ? done / total : undefined),
      signal: call.signal,
      stopped: (result) => (partly.last = result),
    });
    return { result, importId };
  } catch (error) {
    if (!call.signal.aborted) throw error;
    return { result: partly.last, importId };
  } finally {
    progress.end();
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(call: Call, type: string): Promise<number> {
  const path = call.operands[0]!;
  const { platform } = await call.open();
  const { id: tenantId } = await tenantOf(call, platform);
  const ctx = systemContext(tenantId, 'import');
  const target = orRefused(targetFor(platform, ctx, type));
  const described = orRefused(await describeFile(path, target));
  const guess = guessedMapping(described.columns);
  const [map, file] = [call.text('map'), call.text('map-file')];
  const base = file === undefined ? guess : await mapFile(file);
  const mapping = map === undefined ? base : withMap(base, map);
  const key = call.text('key')?.split(',').filter(Boolean) ?? described.keyGuess;
  const mapped = new Set(Object.values(mapping).flatMap((given) => given?.field ?? []));
  const usable = call.text('key') ? key : key.every((field) => mapped.has(field)) ? key : [];
  if (call.flag('show-guess')) {
    const answer = { dialect: described.dialect, mapping, key: usable };
    call.out.answer(answer, () => showMapping(call, described, mapping, usable));
    return exit.done;
  }
  const dryRun = call.flag('dry-run');
  const currency = call.text('currency');
  const spec = { type, path, name: basename(path), mapping, key: usable, dryRun };
  const checked = await checkImport(platform, ctx, {
    ...spec,
    ...(currency ? { currency } : {}),
  });
  if (isRefusal(checked)) orRefused(checked);
  if (!call.out.json) showMapping(call, described, mapping, usable);
  const guessed = map === undefined && file === undefined;
  if (guessed && !dryRun && !(await call.confirm('Import like this?'))) return exit.refused;
  platform.projections.start();
  const { result, importId } = await carryOut(call, platform, ctx, checked as CheckedImport);
  if (!dryRun) await project(call, platform);
  const aborted = call.signal.aborted;
  const document = { importId, aborted, ...result };
  call.out.answer(document, () => result && show(call, result, spec.name, aborted));
  return aborted || (result?.problemCount ?? 0) > 0 ? exit.refused : exit.done;
}

function importOf(type: string): Command {
  return {
    words: ['import', type],
    summary: `Brings the rows of a CSV file into a workspace as ${type}.`,
    operands: ['FILE'],
    options: {
      ...tenantOption,
      map: {
        type: 'string',
        value: 'COLUMN=FIELD,…',
        description: 'Fields of columns; the others as guessed, an empty field leaves one out.',
      },
      'map-file': {
        type: 'string',
        value: 'FILE.json',
        description: 'The mapping in the words of the REST API, instead of the guess.',
      },
      key: {
        type: 'string',
        value: 'FIELD,…',
        description: 'Fields a record is recognised by; guessed when left out.',
      },
      'dry-run': { type: 'boolean', description: 'Decides everything and changes nothing.' },
      'show-guess': { type: 'boolean', description: 'Shows what the columns mean, and ends.' },
      currency: { type: 'string', value: 'EUR', description: 'Of amounts that name none.' },
      result: { type: 'string', value: 'FILE', description: 'CSV file for all rejected rows.' },
    },
    example:
      `clientforge import ${type} ${type}.csv --dry-run ` +
      '--tenant 01890a5d-ac96-774b-bcce-b302099a8057',
    run: (call) => run(call, type),
  };
}

/** One command for each type of record that can be imported. */
export const fileImports: readonly Command[] = importTypes(new Registry(product)).map(importOf);
