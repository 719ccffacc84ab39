import { isUuid } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { cursor, limit, momentOf, wholeOf } from './parameters.js';
import { count, instant, listOf, maybe, objectOf, text, uuid } from './schemas.js';
import type { Services } from './services.js';

interface AccessRow extends Record<string, unknown> {
  readonly id: string;
  readonly actor_id: string;
  readonly record_type: string;
  readonly record_id: string;
  readonly action: string;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly request_id: string | null;
  readonly at: Date;
}

const invalid = (field: string, rule: string, message: string): Refusal =>
  refusal('VALIDATION_ERROR', 'shape', message, [{ field, rule, message }]);

/** Numbered parameters of a statement. */
class Parameters {
  readonly values: unknown[] = [];
  add(value: unknown, type: string): string {
    return `$${this.values.push(value)}::${type}`;
  }
}

const columns = { actorId: 'actor_id', recordType: 'record_type', action: 'action' } as const;

/** Conditions of the query parameters on `access_log`. */
function conditionsOf({ query, caller }: Call, parameters: Parameters): string[] | Refusal {
  const conditions = [`a.tenant_id = ${parameters.add(caller.tenantId, 'uuid')}`];
  for (const [name, column] of Object.entries(columns)) {
    const value = query[name];
    if (value === undefined) continue;
    if (String(value).includes('\u0000')) {
      return invalid(name, 'text', `${name} holds a NUL character.`);
    }
    conditions.push(`a.${column} = ${parameters.add(String(value), 'text')}`);
  }
  const record = query['recordId'];
  if (record !== undefined) {
    if (!isUuid(record)) return invalid('recordId', 'uuid', 'recordId is not a valid uuid.');
    conditions.push(`a.record_id = ${parameters.add(record, 'uuid')}`);
  }
  for (const [name, operator] of [
    ['from', '>='],
    ['to', '<='],
  ] as const) {
    const at = momentOf(name, query[name], caller.timeZone);
    if (isRefusal(at)) return at;
    if (at) conditions.push(`a.at ${operator} ${parameters.add(at, 'timestamptz')}`);
  }
  return conditions;
}

function readCursor(given: unknown): readonly [string, string] | undefined {
  try {
    const [at, id] = JSON.parse(Buffer.from(String(given), 'base64url').toString()) as unknown[];
    const fits = typeof at === 'string' && !Number.isNaN(Date.parse(at)) && isUuid(id);
    return fits ? [at, id] : undefined;
  } catch {
    return undefined;
  }
}

function entryOf(row: AccessRow) {
  return {
    id: row.id,
    actorId: row.actor_id,
    recordType: row.record_type,
    recordId: row.record_id,
    action: row.action,
    ip: row.ip,
    userAgent: row.user_agent,
    requestId: row.request_id,
    at: row.at.toISOString(),
  };
}

async function list(services: Services, call: Call): Promise<Answer | Refusal> {
  const { query, caller } = call;
  const size = wholeOf('limit', query['limit'], [1, 100], 20);
  if (typeof size === 'object') return size;
  const parameters = new Parameters();
  const conditions = conditionsOf(call, parameters);
  if (isRefusal(conditions)) return conditions as Refusal;
  const all = conditions as string[];
  const after = query['cursor'] === undefined ? undefined : readCursor(query['cursor']);
  if (query['cursor'] !== undefined && !after) {
    return invalid('cursor', 'cursor', 'The cursor does not belong to this list.');
  }
  if (after) {
    const [at, id] = [parameters.add(after[0], 'timestamptz'), parameters.add(after[1], 'uuid')];
    all.push(`(a.at, a.id) < (${at}, ${id})`);
  }
  await services.accessLog.flush();
  const { rows } = await services.platform.database.tenant(caller.tenantId, (db) =>
    db.query<AccessRow>(
      `SELECT a.* FROM access_log a WHERE ${all.join(' AND ')}
        ORDER BY a.at DESC, a.id DESC LIMIT ${parameters.add(size + 1, 'int')}`,
      parameters.values,
    ),
  );
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  const hasNext = rows.length > size;
  const next = hasNext && last ? JSON.stringify([last.at.toISOString(), last.id]) : undefined;
  return {
    data: shown.map(entryOf),
    pagination: {
      limit: size,
      hasNext,
      hasPrev: after !== undefined,
      nextCursor: next ? Buffer.from(next).toString('base64url') : null,
    },
  };
}

const LEAST_DAYS = 30;
const DAY = 86_400_000;

async function cleanUp(services: Services, call: Call): Promise<Answer | Refusal> {
  const { query, caller } = call;
  const days = wholeOf('olderThanDays', query['olderThanDays'], [LEAST_DAYS, 36_500], 0);
  if (typeof days === 'object') return days;
  if (days === 0) return invalid('olderThanDays', 'required', 'olderThanDays is required.');
  const before = new Date(services.platform.clock().getTime() - days * DAY);
  await services.accessLog.flush();
  const { rowCount } = await services.platform.database.tenant(caller.tenantId, (db) =>
    db.query('DELETE FROM access_log WHERE tenant_id = $1 AND at < $2', [caller.tenantId, before]),
  );
  // Whoever clears the record of who looked leaves a trace in it.
  services.accessLog.add(caller, 'tenant', caller.tenantId, 'access_log_cleaned');
  await services.accessLog.flush();
  return { data: { deleted: rowCount ?? 0, before: before.toISOString() } };
}

const entry = objectOf({
  id: uuid,
  actorId: text,
  recordType: text,
  recordId: uuid,
  action: text,
  ip: maybe(text),
  userAgent: maybe(text),
  requestId: maybe(text),
  at: instant,
});
const word = (name: string, description: string) => ({ name, description, schema: text });

/** Who looked at what: no facts of the business, and so the only thing that is ever cleaned up. */
export function accessEndpoints(services: Services): Endpoint[] {
  return [
    {
      operation: 'access_log',
      method: 'GET',
      path: '/timeline/access',
      tag: 'timeline',
      summary: 'Read who looked at what',
      access: { permission: 'accessLog:read' },
      query: [
        word('actorId', 'Who looked.'),
        word('recordType', 'At which kind of record: company. What was refused: delete_company.'),
        word('recordId', 'At which record.'),
        word('action', 'What was done: viewed, exported, or refused.'),
        word('from', 'From this instant or day.'),
        word('to', 'To this instant, or the end of this day.'),
        limit,
        cursor,
      ],
      answer: { status: 200, description: 'A page of accesses.', data: listOf(entry), paged: true },
      handle: (call) => list(services, call),
    },
    {
      operation: 'clean_up_access_log',
      method: 'DELETE',
      path: '/timeline/cleanup',
      tag: 'timeline',
      summary: 'Delete old access records',
      description:
        'Deletes records of who looked at what. What happened to records is the log itself and ' +
        'is never deleted.',
      access: { permission: 'tenant:update' },
      query: [
        {
          name: 'olderThanDays',
          description: 'Age in days from which on records are deleted.',
          schema: { type: 'integer', minimum: LEAST_DAYS },
          required: true,
        },
      ],
      answer: {
        status: 200,
        description: 'How many were deleted.',
        data: objectOf({ deleted: count, before: instant }),
      },
      handle: (call) => cleanUp(services, call),
    },
  ];
}
