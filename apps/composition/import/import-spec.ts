import { scopeOf, type RequestContext } from '#kernel/context';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { tenant, type TenantState } from '#identity/tenant/tenant';
import { forbidden } from '#platform/jobs/jobs';
import type { Platform } from '#platform/platform';
import { checkMapping, type CheckedMapping, type Mapping } from './mapping.js';
import { describe, faultOfFile, formats, guessMapping, readRows, sniff } from './reading/index.js';
import type { ColumnSample, Dialect, Guess, ReadSettings } from './reading/types.js';
import { importTarget, importTypes, type ImportTarget } from './targets.js';

/** What somebody asks for: a file, and what becomes of its columns. */
export interface ImportSpec {
  readonly type: string;
  readonly path: string;
  /** How the file is called in problems. */
  readonly name: string;
  /** Guessed when left out. */
  readonly mapping?: Mapping;
  /** Fields a record is recognised by; none: each row is a new record. Guessed when left out. */
  readonly key?: readonly string[];
  /** Sniffed when left out. */
  readonly dialect?: Dialect;
  /** ISO 4217 code of amounts that name none; the workspace's when left out. */
  readonly currency?: string;
  readonly dryRun?: boolean;
}

/** An import that has been found possible and allowed. */
export interface CheckedImport {
  readonly spec: ImportSpec;
  readonly target: ImportTarget;
  readonly dialect: Dialect;
  readonly settings: ReadSettings;
  readonly checked: CheckedMapping;
  readonly mapping: Mapping;
}

/** What a file looks like, and what its columns are likely meant for. */
export interface FileDescription {
  readonly dialect: Dialect;
  readonly columns: readonly (ColumnSample & { readonly guess: Guess })[];
  readonly keyGuess: readonly string[];
}

/** The import target of a type the caller may import, or why not. */
export function targetFor(
  platform: Platform,
  ctx: RequestContext,
  type: string,
): ImportTarget | Refusal {
  const { registry } = platform;
  const target = importTarget(registry, type);
  if (!target) {
    const message = `${type} cannot be imported.`;
    const remedy = `Use ${importTypes(registry).join(', ')}.`;
    return refusal('VALIDATION_ERROR', 'shape', message, [
      { field: 'type', rule: 'type', message, remedy },
    ]);
  }
  const missing = permissionsFor(type).find((one) => !scopeOf(ctx.grants, one));
  return missing === undefined ? target : forbidden(missing);
}

/** What an import of a type needs: it creates records, and changes those it finds. */
export const permissionsFor = (type: string) => [`${type}:create`, `${type}:update`] as const;

/** Currency and zone of a workspace. */
export async function settingsOf(platform: Platform, tenantId: string): Promise<ReadSettings> {
  const state = (await platform.facts.state(tenantId, tenant, tenantId)) as TenantState;
  if (state.status === 'absent') throw new Error(`there is no workspace ${tenantId}`);
  const { currency, timeZone } = state.values;
  return { currency, timeZone };
}

/** Describes a file for an import of a type; a refusal where it is none that can be read. */
export async function describeFile(
  path: string,
  target: ImportTarget,
  given?: Dialect,
): Promise<FileDescription | Refusal> {
  const fault = await faultOfFile(path);
  if (fault) return unreadable(`The file ${fault.message}.`, fault.remedy);
  const dialect = given ?? (await sniff(path));
  const samples = await describe(path, dialect);
  if (samples.length === 0) return unreadable(...(await headingProblem(path, dialect)));
  const headings = samples.map(({ name }) => name);
  const guesses = guessMapping(headings, samples, target.fields, target.type);
  const columns = samples.map((sample) => ({ ...sample, guess: guesses[sample.name]! }));
  return { dialect, columns, keyGuess: keyOf(target, columns) };
}

async function headingProblem(path: string, dialect: Dialect): Promise<[string, string]> {
  const told: [string, string][] = [];
  const rows = readRows(path, dialect, {}, ({ message, remedy }) => {
    told.push([`The file ${message}.`, remedy]);
  });
  for await (const _row of rows) break;
  return told[0] ?? ['The file has no heading.', 'Name the columns in the first line.'];
}

function unreadable(message: string, remedy: string): Refusal {
  const detail = { field: 'file', rule: 'file', message, remedy };
  return refusal('UNREADABLE_FILE', 'rule', message, [detail]);
}

const FILLED = 0.99;

/** The first fields that tell records apart, are guessed and are filled in every row. */
function keyOf(target: ImportTarget, columns: FileDescription['columns']): readonly string[] {
  const { model, adjustment } = target;
  const candidates = adjustment.keys ?? model.lookups.map((field) => [field]);
  const filled = new Set(
    columns.flatMap(({ filled, guess }) => (guess.field && filled >= FILLED ? [guess.field] : [])),
  );
  return candidates.find((key) => key.every((field) => filled.has(field))) ?? [];
}

/** The import as it will run; a refusal names everything that stands against it. */
export async function checkImport(
  platform: Platform,
  ctx: RequestContext,
  spec: ImportSpec,
): Promise<CheckedImport | Refusal> {
  const target = targetFor(platform, ctx, spec.type);
  if (isRefusal(target)) return target;
  const described = await describeFile(spec.path, target, spec.dialect);
  if (isRefusal(described)) return described;
  const own = await settingsOf(platform, ctx.tenantId);
  const settings = { ...own, currency: spec.currency ?? own.currency };
  const { columns, dialect, keyGuess } = described;
  const mapping = spec.mapping ?? guessedMapping(columns);
  const key = spec.key ?? (spec.mapping ? [] : keyGuess);
  const headings = columns.map(({ name }) => name);
  const asked = { mapping, key };
  const checked = checkMapping(platform.registry, ctx, target, asked, headings, settings);
  return isRefusal(checked) ? checked : { spec, target, dialect, settings, checked, mapping };
}

/** The mapping that takes every guess as it is. */
export function guessedMapping(columns: FileDescription['columns']): Mapping {
  const entries = columns.map(({ name, guess: { field, format } }) => [
    name,
    field === null ? null : { field, format },
  ]);
  return Object.fromEntries(entries) as Mapping;
}

export const formatNames = Object.keys(formats);
