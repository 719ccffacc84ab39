import type { Imports } from '#apps/composition/import/imports';
import type { AnyCommand } from '#kernel/command';
import { isUuid } from '#kernel/ids';
import type { ReadModel, Row } from '#kernel/read-model';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import type { Platform } from '#platform/platform';
import { rowFor } from '#platform/projections/field-rights';
import { positionsOf } from '#platform/projections/position-waiter';
import { seesRow } from '#platform/projections/visibility';
import type { RawParameters } from '#platform/projections/list-query';
import type { AccessLog } from '../http/access-log.js';
import { RefusedError } from '../http/answers.js';
import type { Caller, Callers } from '../http/request-context.js';

/** What the endpoints are made of and work with. */
export interface Services {
  readonly platform: Platform;
  readonly callers: Callers;
  readonly accessLog: AccessLog;
  readonly imports: Imports;
}

/** How long a read waits for `atLeast`, and a write for its own row. */
export const READ_WAIT_MS = 2_000;
export const WRITE_WAIT_MS = 500;

const behind = refusal(
  'NOT_CAUGHT_UP',
  'conflict',
  'The lists have not reached this position yet; try again shortly.',
);

/**
 * Waits until a read model shows the position of `atLeast`. Who asks for it wants to be sure, so
 * an answer that is not there in time is a 503 and never an older list.
 */
export async function reach(
  { platform }: Services,
  models: readonly Pick<ReadModel, 'name'>[],
  query: RawParameters,
): Promise<Refusal | undefined> {
  const position = query['atLeast'];
  if (position === undefined) return undefined;
  let positions: readonly string[];
  try {
    positions = positionsOf(String(position));
  } catch {
    const message = 'atLeast is no position.';
    const remedy = 'Give meta.position of the answer to a write; several are separated by commas.';
    return refusal('VALIDATION_ERROR', 'shape', message, [
      { field: 'atLeast', rule: 'position', message, remedy },
    ]);
  }
  const isReached = await platform.positions.waitForAll(models, positions, READ_WAIT_MS);
  if (!isReached) throw new RefusedError(behind, 503, { 'retry-after': '1' });
  return undefined;
}

export function notFound(model: Pick<ReadModel, 'record'>): Refusal {
  return refusal('NOT_FOUND', 'missing', `There is no such ${model.record} in this workspace.`);
}

/**
 * A record beneath which something is listed or made: the live row, or, where the row is not
 * written yet, its fold from the log.
 */
export async function parentOf(
  { platform }: Services,
  caller: Caller,
  model: ReadModel,
  id: string,
  includeDeleted = false,
): Promise<Row | Refusal> {
  const live = await platform.reader.get(caller, model, id, { includeDeleted });
  if (!isRefusal(live) || live.category !== 'missing' || !isUuid(id)) return live;
  const row = await platform.reader.fold(caller.tenantId, model, id);
  const visible = platform.reader.visible(caller, model);
  if (!row || isRefusal(visible) || (row['deletedAt'] && !includeDeleted)) return live;
  return seesRow(visible, model, row) ? rowFor(caller, model, row) : live;
}

/** The read model whose rows a command's record shows in. */
export function modelOf(platform: Platform, command: AnyCommand): ReadModel | undefined {
  const { category } = command.aggregate as { readonly category: string };
  return [...platform.registry.readModels.values()].find((model) => model.category === category);
}
