import type { Readable } from 'node:stream';
import { scopeOf, type RequestContext } from '#kernel/context';
import { object, optional, Type, type Static } from '#kernel/fields';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { validate } from '#platform/commands/validation';
import type { Job } from '#platform/jobs/job';
import type { Platform } from '#platform/platform';
import { storageFull } from '../storage.js';
import type { ImportFiles, StoredFile } from './import-files.js';
import { importInput } from './import-job.js';
import { checkImport, describeFile, targetFor, type FileDescription } from './import-spec.js';
import type { Mapping } from './mapping.js';
import { rowsOf } from './estimate.js';
import { sniff } from './reading/index.js';
import type { Dialect } from './reading/types.js';
import type { ImportField, ImportTarget } from './targets.js';

/** A field as the mapping of an import names it. */
export type ShownField = Omit<ImportField, 'place'>;

/** An uploaded file, what its columns look like and what they are likely meant for. */
export interface ImportFile extends FileDescription {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  readonly type: string;
  /** Rows, counted in its beginning and carried on to its size. */
  readonly rowsEstimate: number;
  readonly fields: readonly ShownField[];
}

/** What becomes of an uploaded file, as a request says it. */
export const startInput = object(importInput);
export type StartInput = Static<typeof startInput>;

/** How a file is to be read where what was found in it is wrong. */
const dialectChange = object({
  encoding: optional(Type.Enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'])),
  delimiter: optional(Type.Enum([',', ';', '\t', '|'])),
});

const noSuchFile = refusal('NOT_FOUND', 'missing', 'There is no such file in this workspace.', [
  {
    field: 'fileId',
    rule: 'file',
    message: 'There is no such file in this workspace.',
    remedy: 'Upload the file at POST /api/v1/import-files; it is kept for a week.',
  },
]);

/** Uploads of files and the imports of them, as the APIs offer both. */
export class Imports {
  constructor(
    private readonly platform: Platform,
    readonly files: ImportFiles,
  ) {}

  /** Keeps an upload for a week, and says what it looks like. */
  async upload(
    ctx: RequestContext,
    source: Readable,
    name: string,
    type: string,
  ): Promise<ImportFile | Refusal> {
    const target = targetFor(this.platform, ctx, type);
    if (isRefusal(target)) return target as Refusal;
    const full = await this.full(ctx);
    if (full) return full;
    const stored = await this.take(ctx, source, name, type);
    if (isRefusal(stored)) return stored as Refusal;
    return this.describe(stored as StoredFile, target as ImportTarget);
  }

  private full({ tenantId }: RequestContext): Promise<Refusal | undefined> {
    return storageFull(this.platform, this.files, tenantId);
  }

  private take(ctx: RequestContext, source: Readable, name: string, type: string) {
    const { tenantId, actor } = ctx;
    return this.files.take(source, { tenantId, name, type, createdById: actor.id });
  }

  /** An upload of the caller's own; administrators see those of everybody. */
  async file(ctx: RequestContext, id: string, change: object = {}): Promise<ImportFile | Refusal> {
    const invalid = validate(dialectChange, change);
    if (invalid) return invalid;
    const stored = await this.find(ctx, id);
    if (!stored) return noSuchFile;
    const target = targetFor(this.platform, ctx, stored.type);
    if (isRefusal(target)) return target as Refusal;
    return this.describe(stored, target as ImportTarget, change);
  }

  private async find(ctx: RequestContext, id: string): Promise<StoredFile | undefined> {
    const stored = await this.files.find(ctx.tenantId, id);
    const all = scopeOf(ctx.grants, 'jobs:read') === 'all';
    return stored && (all || stored.createdById === ctx.actor.id) ? stored : undefined;
  }

  private async describe(
    { id, tenantId, name, bytes, type }: StoredFile,
    target: ImportTarget,
    change: Partial<Dialect> = {},
  ): Promise<ImportFile | Refusal> {
    const path = this.files.path(tenantId, id);
    const isAsked = Object.keys(change).length > 0;
    const dialect = isAsked ? { ...(await sniff(path)), ...change } : undefined;
    const described = await describeFile(path, target, dialect);
    if (isRefusal(described)) return described as Refusal;
    const rowsEstimate = await rowsOf(path);
    const fields = target.fields.map(({ place: _place, ...field }) => field);
    return { id, name, bytes, type, rowsEstimate, ...(described as FileDescription), fields };
  }

  /** Begins the import of an upload once it is found possible; a refusal says what is not. */
  async start(
    ctx: RequestContext,
    type: string,
    fileId: string,
    asked: unknown,
  ): Promise<Job | Refusal> {
    const invalid = validate(startInput, asked);
    if (invalid) return invalid;
    const target = targetFor(this.platform, ctx, type);
    if (isRefusal(target)) return target as Refusal;
    const stored = await this.find(ctx, fileId);
    if (!stored) return noSuchFile;
    const full = await this.full(ctx);
    if (full) return full;
    const given = asked as StartInput;
    const checked = await checkImport(this.platform, ctx, {
      ...(given.mapping ? { mapping: given.mapping as Mapping } : {}),
      ...(given.key ? { key: given.key } : {}),
      ...(given.dialect ? { dialect: { ...given.dialect, header: true } as Dialect } : {}),
      ...(given.currency ? { currency: given.currency } : {}),
      type,
      path: this.files.path(ctx.tenantId, stored.id),
      name: stored.name,
    });
    if (isRefusal(checked)) return checked as Refusal;
    // What was guessed is written down: the job does what was checked now.
    const { mapping, dialect, checked: found } = checked;
    const input = { ...given, type, fileId: stored.id, mapping, dialect, key: [...found.key] };
    return this.platform.jobs.start('import', input, ctx);
  }

  /** Uploads a file and begins its import with everything guessed that is not given. */
  async startFrom(
    ctx: RequestContext,
    source: Readable,
    type: string,
    asked: StartInput,
  ): Promise<Job | Refusal> {
    const target = targetFor(this.platform, ctx, type);
    if (isRefusal(target)) return target as Refusal;
    const full = await this.full(ctx);
    if (full) return full;
    const stored = await this.take(ctx, source, `${type}.csv`, type);
    if (isRefusal(stored)) return stored as Refusal;
    return this.start(ctx, type, (stored as StoredFile).id, asked);
  }
}
