import type { RequestContext } from '#kernel/context';
import { object, uuid } from '#kernel/fields';
import { deriveId, isUuid } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { defineJob, type JobCall, type JobResult } from '#platform/jobs/job';
import type { Platform } from '#platform/platform';
import { personOf } from './mail/sending.js';

export const HAND_OVER_JOB = 'hand-over';

/** Who gives and who gets. */
export const handOverInput = object({
  fromUserId: uuid({ description: 'Person whose records are handed over.' }),
  toUserId: uuid({ description: 'Active person who gets them.' }),
});

/** A kind of record that has somebody who looks after it. */
interface Owned {
  readonly collection: string;
  readonly table: string;
  /** Column that names whoever looks after it. */
  readonly column: string;
  readonly open?: string;
  readonly command: string;
  input(userId: string): object;
}

const owned = (collection: string, command: string): Owned => ({
  collection,
  table: `rm_${collection}`,
  column: 'owner_id',
  command,
  input: (ownerId) => ({ ownerId }),
});

const kinds: readonly Owned[] = [
  owned('companies', 'ChangeCompanyOwner'),
  owned('contacts', 'ChangeContactOwner'),
  owned('deals', 'ChangeDealOwner'),
  {
    collection: 'tasks',
    table: 'rm_tasks',
    column: 'assigned_to_id',
    open: `status IN ('pending', 'in_progress')`,
    command: 'ChangeTask',
    input: (assignedToId) => ({ assignedToId }),
  },
];

/** What somebody needs to hand records of others over. */
export const handOverPermissions: readonly string[] = [
  'users:administer',
  ...kinds.map(({ collection }) => `${collection}:update`),
];

const PAGE = 200;
const FIRST = '00000000-0000-0000-0000-000000000000';

const conditions = ({ column, open }: Owned) =>
  `tenant_id = $1 AND ${column} = $2 AND archived_at IS NULL AND deleted_at IS NULL` +
  (open ? ` AND ${open}` : '');

interface Place {
  readonly kind: number;
  readonly after: string;
  readonly done: number;
  readonly moved: Readonly<Record<string, number>>;
  readonly unmoved: number;
}

const start: Place = { kind: 0, after: FIRST, done: 0, moved: {}, unmoved: 0 };

async function countOf({ database }: Platform, tenantId: string, userId: string): Promise<number> {
  const parts = kinds.map((one) => `SELECT 1 FROM ${one.table} WHERE ${conditions(one)}`);
  const { rows } = await database.tenant(tenantId, (db) =>
    db.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM (${parts.join(' UNION ALL ')}) AS open`,
      [tenantId, userId],
    ),
  );
  return rows[0]!.n;
}

async function pageOf(
  { database }: Platform,
  tenantId: string,
  userId: string,
  kind: Owned,
  after: string,
): Promise<readonly string[]> {
  const { rows } = await database.tenant(tenantId, (db) =>
    db.query<{ id: string }>(
      `SELECT id FROM ${kind.table} WHERE ${conditions(kind)} AND id > $3
        ORDER BY id LIMIT ${PAGE}`,
      [tenantId, userId, after],
    ),
  );
  return rows.map(({ id }) => id);
}

type Call = Pick<
  JobCall<{ fromUserId: string; toUserId: string }>,
  'id' | 'ctx' | 'input' | 'checkpoint' | 'save' | 'signal' | 'platform'
>;

/** The refusal of somebody who cannot be given records. */
export async function handOverProblem(
  platform: Platform,
  { tenantId }: Pick<RequestContext, 'tenantId'>,
  { fromUserId, toUserId }: { readonly fromUserId: string; readonly toUserId: string },
): Promise<Refusal | undefined> {
  const receiver = isUuid(toUserId) ? await personOf(platform, tenantId, toUserId) : undefined;
  if (receiver?.status === 'active' && toUserId !== fromUserId) return undefined;
  const message = 'toUserId has to name another person who is active.';
  return refusal('RECEIVER_NOT_ACTIVE', 'rule', message, [
    { field: 'toUserId', rule: 'reference', message, remedy: 'Choose somebody who is active.' },
  ]);
}

async function run({
  id,
  ctx,
  input,
  checkpoint,
  save,
  signal,
  platform,
}: Call): Promise<JobResult | Refusal> {
  const { tenantId } = ctx;
  const { fromUserId, toUserId } = input;
  const problem = await handOverProblem(platform, ctx, input);
  if (problem) return problem;
  let place = (checkpoint as Place | null) ?? start;
  const total = place.done + (await countOf(platform, tenantId, fromUserId));
  while (place.kind < kinds.length) {
    signal.throwIfAborted();
    const kind = kinds[place.kind]!;
    const ids = await pageOf(platform, tenantId, fromUserId, kind, place.after);
    let [moved, unmoved] = [0, 0];
    for (const record of ids) {
      signal.throwIfAborted();
      const done = await platform.dispatch(kind.command, kind.input(toUserId), ctx, {
        id: record,
        // The same in every try, so that a repetition changes nothing.
        commandId: deriveId(tenantId, `${id}:${kind.collection}:${record}`, 0),
      });
      if (isRefusal(done)) unmoved += 1;
      else moved += 1;
    }
    place = {
      kind: ids.length < PAGE ? place.kind + 1 : place.kind,
      after: ids.length < PAGE ? FIRST : ids.at(-1)!,
      done: place.done + ids.length,
      moved: { ...place.moved, [kind.collection]: (place.moved[kind.collection] ?? 0) + moved },
      unmoved: place.unmoved + unmoved,
    };
    await save(place, { done: place.done, total: Math.max(total, place.done) });
  }
  return { ...place.moved, unmoved: place.unmoved };
}

/** Gives companies, contacts, deals and open tasks of one person to another. */
export const handOverJob = defineJob({
  kind: HAND_OVER_JOB,
  title: () => 'Hand records over to another person',
  input: handOverInput,
  permission: () => handOverPermissions,
  unit: 'records',
  run,
});
