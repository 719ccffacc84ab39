import { flag, nullable, object, optional, text, Type, uuid, type Static } from '#kernel/fields';
import { isRefusal, refusal } from '#kernel/refusal';
import { defineJob, type AnyJob } from '#platform/jobs/job';
import { importFile, type ImportCheckpoint } from './file-import.js';
import type { ImportFiles } from './import-files.js';
import { checkImport, permissionsFor } from './import-spec.js';
import type { Mapping } from './mapping.js';
import type { Dialect } from './reading/types.js';

const column = object({
  field: text(200, { description: 'Field of the record.' }),
  format: optional(nullable(text(100, { description: 'How the values are written.' }))),
  aliases: optional(
    Type.Record(Type.String(), Type.String({ maxLength: 1000 }), {
      description: 'Spellings of the file that mean another one.',
    }),
  ),
  by: optional(nullable(text(100, { description: 'Field the named record is found by.' }))),
  missing: optional(
    Type.Enum(['error', 'create', 'empty'], {
      description: 'What becomes of a row that names no record; error when left out.',
    }),
  ),
});

const dialect = object({
  encoding: Type.Enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']),
  delimiter: Type.Enum([',', ';', '\t', '|']),
  header: optional(Type.Literal(true)),
});

/** What becomes of a file; everything left out is guessed from it. */
export const importInput = {
  mapping: optional(
    Type.Record(Type.String(), nullable(column), {
      description: 'Column → field; null for columns that are not imported.',
    }),
  ),
  key: optional(
    Type.Array(text(200), {
      maxItems: 5,
      description: 'Fields a record is recognised by; empty: each row is a new record.',
    }),
  ),
  dialect: optional(dialect),
  currency: optional(
    Type.String({ pattern: '^[A-Z]{3}$', description: 'Of amounts that name none (ISO 4217).' }),
  ),
  dryRun: optional(flag({ description: 'Decides everything and changes nothing.' })),
};

const jobInput = object({ type: text(50), fileId: uuid(), ...importInput });
export type ImportJobInput = Static<typeof jobInput>;

/** The import of an uploaded file, as a job that outlives the request. */
export function importJob(files: ImportFiles): AnyJob {
  return defineJob({
    kind: 'import',
    title: ({ type, dryRun }) => `${dryRun ? 'Trial import' : 'Import'} of ${type}`,
    input: jobInput,
    permission: ({ type }) => permissionsFor(type),
    unit: 'rows',
    async run({ id, ctx, input, checkpoint, save, progress, signal, platform }) {
      const { tenantId } = ctx;
      const stored = await files.find(tenantId, input.fileId);
      if (!stored) return gone;
      const { type, fileId: _id, ...asked } = input;
      const checked = await checkImport(platform, ctx, {
        ...(asked as { mapping?: Mapping; dialect?: Dialect }),
        ...(asked.key ? { key: asked.key } : {}),
        type,
        path: files.path(tenantId, stored.id),
        name: stored.name,
      });
      if (isRefusal(checked)) return checked;
      const result = await importFile(checked, {
        platform,
        ctx,
        importId: id,
        ...files.jobPaths(tenantId, id),
        checkpoint: checkpoint as ImportCheckpoint | null,
        save: (reached) => save(reached, { done: reached.rows }),
        progress,
        signal,
      });
      return { ...result };
    },
    resultFile: ({ tenantId, id }) => files.rejected(tenantId, id),
    forget: ({ tenantId, id }) => files.forgetJob(tenantId, id),
  });
}

const gone = refusal('FILE_GONE', 'missing', 'The uploaded file has been deleted by now.', [
  {
    field: 'fileId',
    rule: 'file',
    message: 'The uploaded file has been deleted by now.',
    remedy: 'Upload it again and begin a new import.',
  },
]);
