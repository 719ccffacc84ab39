import { recordOf, type FactRequests } from '#kernel/command';
import { missingReferences } from '#kernel/record-rules';
import type { Refusal } from '#kernel/refusal';

/** What a task or note is about. */
export interface Related {
  readonly relatedToType?: string | null;
  readonly relatedToId?: string | null;
}

/** Looks the related record up when a command names it; `before` fills in what it leaves out. */
export function relatedFacts(command: Related, before: Related = {}): FactRequests {
  if (command.relatedToType === undefined && command.relatedToId === undefined) return {};
  const { relatedToType: type, relatedToId: id } = { ...before, ...command };
  return type && id ? { relatedToId: recordOf(type, id) } : {};
}

/** A refusal when the related record was looked up and is not there. */
export function missingRelated(
  { relatedToType, relatedToId }: Related,
  facts: Readonly<Record<string, unknown>>,
): Refusal | undefined {
  return missingReferences({ relatedToId }, { relatedToId: relatedToType ?? 'record' }, facts);
}
