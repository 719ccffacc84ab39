import type { RequestContext } from '#kernel/context';
import type { ReadModel } from '#kernel/read-model';
import { isRefusal } from '#kernel/refusal';
import type { ReadModelReader } from '#platform/projections/reader';
import { seesAccess, SIGN_IN_EVENTS } from '#platform/projections/timeline';
import type { Visible } from '#platform/projections/visibility';
import type { Change } from './change.js';

/** Of which records a caller may know that they changed: of those they may read, or of none. */
export function knownRecords(
  reader: Pick<ReadModelReader, 'visible'>,
  caller: RequestContext,
  model: ReadModel,
): Visible | undefined {
  const visible = reader.visible(caller, model);
  if (isRefusal(visible)) return undefined;
  return model.owner ? visible : 'all';
}

/** Whether a caller may know what was done; who came and went is closed here as in the timeline. */
export function mayHear(caller: RequestContext, { event, actor }: Change): boolean {
  return !SIGN_IN_EVENTS.includes(event) || seesAccess(caller) || actor.id === caller.actor.id;
}
