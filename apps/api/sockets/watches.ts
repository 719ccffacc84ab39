import type { RequestContext } from '#kernel/context';
import type { ReadModel } from '#kernel/read-model';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import type { Platform } from '#platform/platform';
import type { ChangeDetail } from '../changes/change-details.js';
import type { Change } from '../changes/change.js';
import type { Watched } from './protocol.js';

/** Something that is watched by somebody who may. */
export interface Watch {
  readonly what: Watched;
  /** Whether a change belongs to it. */
  holds(change: Change, detail: ChangeDetail): boolean;
}

type Reading = Pick<Platform, 'reader' | 'registry'>;

const invalid = (field: string, message: string, remedy: string) =>
  refusal('VALIDATION_ERROR', 'shape', message, [{ field, rule: 'required', message, remedy }]);

/** The record a message names, read as its reader would read it over the API. */
export async function readable(
  { reader, registry }: Reading,
  caller: RequestContext,
  { type, id }: Pick<Watched, 'type' | 'id'>,
): Promise<{ readonly model: ReadModel; readonly id: string } | Refusal> {
  const model = modelOf(registry, type);
  if (isRefusal(model)) return model;
  if (!id) return invalid('id', 'id is required.', 'Give the id of the record.');
  const row = await reader.get(caller, model, id, { includeDeleted: true });
  return isRefusal(row) ? row : { model, id: id.toLowerCase() };
}

function modelOf(registry: Platform['registry'], type: string | undefined): ReadModel | Refusal {
  const model = type === undefined ? undefined : registry.modelOfRecord(type);
  if (model) return model;
  const types = registry.product.readModels.map(({ record }) => record).join(', ');
  return invalid('type', 'type is no type of record.', `Use one of ${types}.`);
}

/** What it takes to watch something is what it takes to read it. */
export async function watchOf(
  reading: Reading,
  caller: RequestContext,
  what: Watched,
): Promise<Watch | Refusal> {
  const { reader, registry } = reading;
  const mayRead = (model: ReadModel) => {
    const visible = reader.visible(caller, model);
    return isRefusal(visible) ? visible : undefined;
  };
  switch (what.to) {
    case 'workspace':
      return { what, holds: () => true };
    case 'notifications': {
      const refused = mayRead(registry.readModel('notifications'));
      return refused ?? { what, holds: ({ type }) => type === 'notification' };
    }
    case 'type': {
      const model = modelOf(registry, what.type);
      if (isRefusal(model)) return model;
      return mayRead(model) ?? { what, holds: ({ type }) => type === model.record };
    }
    case 'record': {
      const found = await readable(reading, caller, what);
      if (isRefusal(found)) return found;
      const { model } = found;
      return {
        what,
        holds: ({ type, id }, { linkIds }) =>
          (type === model.record && id === found.id) ||
          (what.related === true && linkIds.includes(found.id)),
      };
    }
    case 'board': {
      const found = await readable(reading, caller, { ...what, type: 'pipeline' });
      const refused = isRefusal(found) ? found : mayRead(registry.readModel('deals'));
      if (isRefusal(found) || refused) return refused ?? (found as Refusal);
      return {
        what,
        holds: ({ type, id }, { linkIds }) =>
          type === 'deal' ? linkIds.includes(found.id) : type === 'pipeline' && id === found.id,
      };
    }
  }
}
