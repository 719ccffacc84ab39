import type { RecordedEvent } from '#kernel/event';
import type { ReadModel, Row } from '#kernel/read-model';

/** Applies one event to a row: the model's own `evolve`, then what every record carries. */
export function evolveRow(model: ReadModel, row: Row | null, event: RecordedEvent): Row | null {
  const { type, data, ...envelope } = event;
  const next = model.evolve(row, { type, data, envelope });
  if (next === null) return null;
  const at = event.occurredAt.toISOString();
  return {
    ownerId: null,
    tags: [],
    archivedAt: null,
    deletedAt: null,
    ...next,
    id: event.id,
    revision: event.version,
    createdAt: row?.['createdAt'] ?? at,
    createdBy: row ? row['createdBy'] : event.meta.actor.id,
    updatedAt: at,
    updatedBy: event.meta.actor.id,
  };
}

/** What a record looked like: the fold of the events up to both instants, or null. */
export function foldRow(
  model: ReadModel,
  events: readonly RecordedEvent[],
  until: { readonly asOf?: Date; readonly knownAt?: Date; readonly revision?: number } = {},
): Row | null {
  let row: Row | null = null;
  for (const event of events) {
    if (until.asOf && event.occurredAt > until.asOf) break;
    if (until.knownAt && event.recordedAt > until.knownAt) break;
    if (until.revision !== undefined && event.version > until.revision) break;
    row = evolveRow(model, row, event);
  }
  return row;
}

/** One changed field of a timeline entry. */
export interface FieldChange {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** Bookkeeping that follows from the event itself or another field and says nothing to a reader. */
const SILENT = new Set([
  'id',
  'revision',
  'createdAt',
  'createdBy',
  'updatedAt',
  'updatedBy',
  'sharedWith',
]);

/** The fields in which two versions of a row differ. */
export function differences(before: Row | null, after: Row | null): FieldChange[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  const changes: FieldChange[] = [];
  for (const field of names) {
    if (SILENT.has(field)) continue;
    const from = before?.[field] ?? null;
    const to = after?.[field] ?? null;
    const empty = (value: unknown) => Array.isArray(value) && value.length === 0;
    if (from === to || (before === null && empty(to))) continue;
    if (JSON.stringify(from) !== JSON.stringify(to)) changes.push({ field, from, to });
  }
  return changes;
}
