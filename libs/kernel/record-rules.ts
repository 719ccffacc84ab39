import type { RecordStatus } from './aggregate.js';
import { recordOf, type FactRequests, type RecordFact } from './command.js';
import { duplicateRefusals } from './record-duplicates.js';
import type { LifeData } from './record-life.js';
import { refuseWith, type Refusal, type RefusalDetail } from './refusal.js';

/** The refusals every record shares. */
export const recordRefusals = {
  NOT_FOUND: { category: 'missing', message: 'There is no such record in this workspace.' },
  ALREADY_EXISTS: { category: 'conflict', message: 'A record with this id exists already.' },
  RECORD_ARCHIVED: { category: 'rule', message: 'The record is archived; restore it first.' },
  REFERENCE_NOT_FOUND: { category: 'rule', message: 'A referenced record does not exist.' },
  ...duplicateRefusals,
} as const;
const refuse = refuseWith(recordRefusals);

/** Refuses what is absent or deleted (404) or archived (422); undefined when it may change. */
export function requireActive(state: { readonly status: RecordStatus }): Refusal | undefined {
  if (state.status === 'absent' || state.status === 'deleted') return refuse('NOT_FOUND');
  return state.status === 'archived' ? refuse('RECORD_ARCHIVED') : undefined;
}

/** Details for each reference whose record does not exist or is deleted. */
export function missingReferences(
  command: LifeData,
  references: Readonly<Record<string, string>>,
  facts: Readonly<Record<string, unknown>>,
): Refusal | undefined {
  const details = Object.entries(references).flatMap(([field, record]): RefusalDetail[] => {
    const fact = facts[field] as RecordFact | undefined;
    if (!fact || fact.status === 'active' || fact.status === 'archived') return [];
    return [
      {
        field,
        rule: 'reference',
        message: `${field} names no ${record} of this workspace.`,
        remedy: `Create the ${record} first or leave ${field} out.`,
        value: command[field],
      },
    ];
  });
  return details.length > 0 ? refuse('REFERENCE_NOT_FOUND', ...details) : undefined;
}

/** Fact requests for the references a command gives. */
export function referenceFacts(
  command: LifeData,
  references: Readonly<Record<string, string>>,
): FactRequests {
  return Object.fromEntries(
    Object.entries(references)
      .filter(([field]) => typeof command[field] === 'string')
      .map(([field, record]) => [field, recordOf(record, command[field] as string)]),
  );
}

function same(a: unknown, b: unknown): boolean {
  return (a ?? null) === (b ?? null) || JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

/** The fields of a command that differ from the record as it is. */
export function changedFields(before: LifeData, command: LifeData, names: readonly string[]) {
  return Object.fromEntries(
    names
      .filter((name) => command[name] !== undefined && !same(command[name], before[name]))
      .map((name) => [name, command[name]]),
  );
}
