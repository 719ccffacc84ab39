import type { RequestContext } from '#kernel/context';
import type { ReadModel } from '#kernel/read-model';
import { isRefusal } from '#kernel/refusal';
import type { ReadModelReader } from '#platform/projections/reader';
import type { Visible } from '#platform/projections/visibility';

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
