import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { uuidv7 } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import type { Job } from '#platform/jobs/job';
import { AUDIT_JOB } from '#platform/operations/audit-job';
import { ExportCancelled, exportTenant } from '#platform/operations/export';
import { readSeal } from '#platform/seals/seal';
import { latestSeals, sealState } from '#platform/seals/state';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { jobAccepted } from './jobs-shown.js';
import { cursor, limit, wholeOf } from './parameters.js';
import { count, instant, listOf, maybe, objectOf, ref, text } from './schemas.js';
import type { Services } from './services.js';

const key = objectOf({
  id: text,
  algorithm: { const: 'Ed25519' },
  publicKey: text,
  current: { type: 'boolean' },
});

const state = objectOf({
  seals: count,
  events: count,
  sealedAt: maybe(instant),
  unsealed: count,
  held: maybe(text),
});

const seal = objectOf({
  number: count,
  events: count,
  total: count,
  sealedAt: instant,
  root: text,
  previous: text,
  key: text,
  resumes: maybe(count),
  reason: maybe(text),
  content: text,
  signature: text,
});

const invalidCursor = refusal(
  'VALIDATION_ERROR',
  'shape',
  'The cursor does not belong to this list.',
  [
    {
      field: 'cursor',
      rule: 'cursor',
      message: 'The cursor does not belong to this list.',
      remedy: 'Give pagination.nextCursor of the page before.',
    },
  ],
);

const underWay = refusal('EXPORT_UNDER_WAY', 'conflict', 'Another export is under way.', [
  { rule: 'single', message: 'Another export is under way.', remedy: 'Try again shortly.' },
]);

async function list({ platform }: Services, call: Call): Promise<Answer | Refusal> {
  const { query, caller } = call;
  const size = wholeOf('limit', query['limit'], [1, 100], 20);
  if (isRefusal(size)) return size;
  const given = query['cursor'];
  if (given !== undefined && !/^[1-9]\d{0,15}$/.test(String(given))) return invalidCursor;
  const before = given === undefined ? Number.MAX_SAFE_INTEGER : Number(given);
  const limited = size as number;
  const rows = await latestSeals(platform.database, caller.tenantId, before, limited + 1);
  const shown = rows.slice(0, limited);
  const hasNext = rows.length > limited;
  return {
    data: shown.flatMap(({ content, signature }) => {
      const read = readSeal(content);
      if (!read) return [];
      const { number, events, total, sealedAt, root, previous, key: signer } = read;
      const { resumes = null, reason = null } = read;
      const known = { number, events, total, sealedAt, root, previous, key: signer };
      return [{ ...known, resumes, reason, content, signature }];
    }),
    pagination: {
      limit: size,
      hasNext,
      hasPrev: given !== undefined,
      nextCursor: hasNext ? String(shown.at(-1)!.number) : null,
    },
  };
}

/** The file as it is read; whoever goes away ends the reading. */
async function exportOf({ platform }: Services, tenantId: string): Promise<Readable> {
  const { keys } = await platform.seals();
  const out = new PassThrough({ highWaterMark: 1 << 20 });
  const gone = new AbortController();
  out.once('close', () => gone.abort(new ExportCancelled('the reader is gone')));
  const write = async (line: string) => {
    gone.signal.throwIfAborted();
    if (!out.write(line)) await once(out, 'drain', { signal: gone.signal });
  };
  const parts = { database: platform.database, keys };
  void exportTenant(parts, tenantId, write, { signal: gone.signal }).then(
    () => out.end(),
    (error: Error) => out.destroy(error),
  );
  return out;
}

/** What is sealed until when, its verification, and the log as a file that proves itself. */
export function auditSealEndpoints(services: Services): Endpoint[] {
  const { platform, accessLog } = services;
  const read = { permission: 'audit:read' } as const;
  // An export holds a connection for as long as its reader takes.
  let exporting = false;
  return [
    {
      operation: 'audit_keys',
      method: 'GET',
      path: '/audit/keys',
      tag: 'audit',
      summary: 'Read the public keys of the seals',
      description: 'The same for every workspace of this installation; needs no sign-in.',
      access: 'open',
      answer: { status: 200, description: 'Every key seals are verified with.', data: listOf(key) },
      handle: async () => ({ data: (await platform.seals()).keys.publicKeys }),
    },
    {
      operation: 'audit_state',
      method: 'GET',
      path: '/audit',
      tag: 'audit',
      summary: 'Read what of the log is sealed until when',
      access: read,
      answer: { status: 200, description: 'How far the log is sealed.', data: state },
      handle: async ({ caller }) => ({
        data: await sealState(platform.database, caller.tenantId),
      }),
    },
    {
      operation: 'audit_seals',
      method: 'GET',
      path: '/audit/seals',
      tag: 'audit',
      summary: 'List seals, the latest first',
      description: '`content` is the text that `signature` signs (Ed25519, base64).',
      access: read,
      query: [limit, cursor],
      answer: { status: 200, description: 'A page of seals.', data: listOf(seal), paged: true },
      handle: (call) => list(services, call),
    },
    {
      operation: 'verify_audit',
      method: 'POST',
      path: '/audit/verifications',
      tag: 'audit',
      summary: 'Verify the log',
      description:
        'Begins a job that recomputes hash chains, seals, signatures and the copy of the seals ' +
        'outside the database. Its `result` says whether all is `intact` and names `violations`.',
      access: read,
      answer: { status: 202, description: 'The job.', data: ref('Job'), headers: ['Location'] },
      handle: async ({ caller }) => {
        const job = await platform.jobs.start(AUDIT_JOB, {}, caller, uuidv7());
        return isRefusal(job) ? (job as Refusal) : jobAccepted(platform, caller, job as Job);
      },
    },
    {
      operation: 'export_audit',
      method: 'GET',
      path: '/audit/export',
      tag: 'audit',
      summary: 'Download the log as a file',
      description:
        'NDJSON with every event, seal and stream head; `ops/audit/verify-export.mjs` verifies ' +
        'it with Node alone. Personal fields stay encrypted.',
      access: { permission: 'audit:export' },
      stepUp: true,
      answer: { status: 200, description: 'The file.', data: text },
      refusals: ['409 EXPORT_UNDER_WAY'],
      handle: async ({ caller }) => {
        if (exporting) return underWay;
        exporting = true;
        accessLog.exported(caller, 'audit');
        const stream = await exportOf(services, caller.tenantId).catch((error: unknown) => {
          exporting = false;
          throw error;
        });
        stream.once('close', () => (exporting = false));
        const name = `log-${caller.tenantId}.ndjson`;
        return {
          headers: {
            'content-type': 'application/x-ndjson; charset=utf-8',
            'content-disposition': `attachment; filename="${name}"`,
          },
          stream,
        };
      },
    },
  ];
}
