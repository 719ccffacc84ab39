import type { Readable } from 'node:stream';
import { importTypes } from '#apps/composition/import/targets';
import { tooLarge } from '#apps/composition/import/import-files';
import type { ImportFile, StartInput } from '#apps/composition/import/imports';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import type { Job } from '#platform/jobs/job';
import { RefusedError } from '../http/answers.js';
import type { Answer, Call, Endpoint } from './endpoint.js';
import {
  dialectParameters,
  importFileSchema,
  nameParameter,
  startBody,
  startParameters,
} from './import-schemas.js';
import { jobAccepted } from './jobs-shown.js';
import { ref } from './schemas.js';
import type { Services } from './services.js';
import { inputOf } from './writes.js';

const invalid = (field: string, rule: string, message: string, remedy: string): Refusal =>
  refusal('VALIDATION_ERROR', 'shape', message, [{ field, rule, message, remedy }]);

/** Files that are too large have a status of their own, and end before they are read. */
function withStatus<Value>(value: Value | Refusal): Value {
  if (isRefusal(value) && value.code === 'FILE_TOO_LARGE') throw new RefusedError(value, 413);
  return value as Value;
}

function fileOf({ imports }: Services, { request, body }: Call): Readable {
  const most = imports.files.maxBytes;
  const bytes = Number(request.headers['content-length'] ?? 0);
  if (bytes > most) throw new RefusedError(tooLarge(most), 413);
  return body as Readable;
}

async function upload(services: Services, call: Call): Promise<Answer | Refusal> {
  const { type, name = 'file.csv' } = call.query;
  if (type === undefined) {
    return invalid('type', 'required', 'type is required.', 'Say what the rows are: contacts.');
  }
  const called = String(name);
  if (called.length > 255 || /[\p{Cc}/\\]/u.test(called) || called.trim() === '') {
    const message = 'name must be the name of a file, of at most 255 characters.';
    return invalid('name', 'text', message, 'Send the name without its folder.');
  }
  const source = fileOf(services, call);
  const { imports } = services;
  const file = withStatus(await imports.upload(call.caller, source, called, String(type)));
  if (isRefusal(file)) return file;
  const data = file as ImportFile;
  return { status: 201, data, headers: { location: `/api/v1/import-files/${data.id}` } };
}

async function describe({ imports }: Services, { caller, params, query }: Call) {
  const data = await imports.file(caller, params['id']!, { ...query });
  return isRefusal(data) ? data : { data };
}

async function start(services: Services, type: string, call: Call): Promise<Answer | Refusal> {
  const { caller, body, query } = call;
  const { platform } = services;
  const isFile = typeof (body as { pipe?: unknown } | null)?.pipe === 'function';
  const job = isFile
    ? await fromFile(services, type, call)
    : Object.keys(query).length > 0
      ? invalid('body', 'body', 'Options go into the JSON body.', 'Leave the query out.')
      : await fromBody(services, type, call);
  if (isRefusal(withStatus(job))) return job as Refusal;
  return jobAccepted(platform, caller, job as Job);
}

async function fromBody({ imports }: Services, type: string, { caller, body }: Call) {
  const input = inputOf(body, {});
  if (isRefusal(input)) return input as Refusal;
  const { fileId, ...asked } = input as { readonly fileId?: unknown };
  if (typeof fileId === 'string') return imports.start(caller, type, fileId, asked);
  const remedy = 'Upload the file at POST /api/v1/import-files and send its id.';
  return invalid('fileId', 'required', 'fileId is required.', remedy);
}

async function fromFile(services: Services, type: string, call: Call) {
  const { dryRun, key, currency } = call.query;
  if (dryRun !== undefined && dryRun !== 'true' && dryRun !== 'false') {
    return invalid('dryRun', 'boolean', 'dryRun must be true or false.', 'Send dryRun=true.');
  }
  const asked: StartInput = {
    ...(dryRun === undefined ? {} : { dryRun: dryRun === 'true' }),
    ...(key === undefined ? {} : { key: String(key).split(',').filter(Boolean) }),
    ...(currency === undefined ? {} : { currency: String(currency) }),
  };
  return services.imports.startFrom(call.caller, fileOf(services, call), type, asked);
}

/** Uploads of files and imports of them, one for each type that can be imported. */
export function importEndpoints(services: Services): Endpoint[] {
  const { registry } = services.platform;
  const described = { data: importFileSchema } as const;
  return [
    {
      operation: 'upload_import_file',
      method: 'POST',
      path: '/import-files',
      tag: 'imports',
      summary: 'Upload a file to import',
      description:
        'The body is the file: CSV with a heading, in the usual encodings and delimiters. It is ' +
        'kept for a week. The answer says what its columns look like and are likely meant for.',
      access: 'signed-in',
      file: 'only',
      query: [nameParameter, typeParameter(importTypes(registry))],
      answer: { status: 201, description: 'The file.', headers: ['Location'], ...described },
      refusals: [
        '403 FORBIDDEN',
        '413 FILE_TOO_LARGE',
        '415 UNSUPPORTED_MEDIA_TYPE',
        '422 LIMIT_REACHED',
        '422 UNREADABLE_FILE',
      ],
      handle: (call) => upload(services, call),
    },
    {
      operation: 'get_import_file',
      method: 'GET',
      path: '/import-files/:id',
      tag: 'imports',
      summary: 'Read what an uploaded file looks like',
      access: 'signed-in',
      query: dialectParameters,
      answer: { status: 200, description: 'The file.', ...described },
      refusals: ['403 FORBIDDEN', '404 NOT_FOUND'],
      handle: (call) => describe(services, call),
    },
    ...importTypes(registry).map((type): Endpoint => ({
      operation: `import_${type}`,
      method: 'POST',
      path: `/${type}/import`,
      tag: type,
      summary: `Import ${type}`,
      description:
        'Begins a job that brings the rows of a file in: of an uploaded one with what becomes of ' +
        'its columns, or of the body as text/csv with everything guessed. Rows are recognised ' +
        'by the key, so that a mended file changes only what differs. Needs the permission ' +
        `\`${type}:update\` as well.`,
      access: { permission: `${type}:create` },
      file: 'also',
      query: startParameters,
      body: startBody,
      example: {
        fileId: '01890a5d-ac96-774b-bcce-b302099a8057',
        mapping: { 'E-mail': { field: 'email' }, Notes: null },
        key: ['email'],
        dryRun: true,
      },
      answer: {
        status: 202,
        description: 'The job; Location says where to follow it.',
        data: ref('Job'),
        headers: ['Location'],
      },
      refusals: [
        '404 NOT_FOUND',
        '413 FILE_TOO_LARGE',
        '415 UNSUPPORTED_MEDIA_TYPE',
        '422 LIMIT_REACHED',
        '422 UNREADABLE_FILE',
      ],
      handle: (call) => start(services, type, call),
    })),
  ];
}

function typeParameter(types: readonly string[]) {
  return {
    name: 'type',
    description: 'What the rows are.',
    required: true,
    schema: { type: 'string', enum: types },
  };
}
