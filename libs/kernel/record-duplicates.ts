import { matchesIn, type FactRequests, type Matches, type Warning } from './command.js';
import type { LifeData } from './record-life.js';
import { refuseWith, type Refusal } from './refusal.js';

export const duplicateRefusals = {
  DUPLICATE: {
    category: 'conflict',
    message: 'A record like this exists already; send allowDuplicate: true to create it anyway.',
  },
} as const;
const refuse = refuseWith(duplicateRefusals);

/** Values that point out an existing record: `refuse` stops the creation, `warn` only tells. */
export interface DuplicateRule {
  readonly readModel: string;
  readonly fields: readonly string[];
  readonly severity: 'refuse' | 'warn';
}

/** Look-ups of the rules whose fields the command gives. */
export function duplicateFacts(
  rules: readonly DuplicateRule[] = [],
  command: LifeData,
): FactRequests {
  return Object.fromEntries(
    rules.flatMap(({ readModel, fields }, n) =>
      fields.every((field) => typeof command[field] === 'string')
        ? [
            [
              `duplicate${n}`,
              matchesIn(
                readModel,
                Object.fromEntries(fields.map((field) => [field, command[field] as string])),
              ),
            ],
          ]
        : [],
    ),
  );
}

/** A refusal when a strict rule matched and duplicates are not allowed, warnings otherwise. */
export function findDuplicates(
  rules: readonly DuplicateRule[] = [],
  facts: Readonly<Record<string, unknown>>,
  allowed: boolean,
): Warning[] | Refusal {
  const warnings: Warning[] = [];
  for (const [n, rule] of rules.entries()) {
    const found = (facts[`duplicate${n}`] ?? []) as Matches;
    if (found.length === 0) continue;
    if (rule.severity === 'refuse' && !allowed) {
      return refuse(
        'DUPLICATE',
        ...found.map((match) => ({
          field: rule.fields[0]!,
          rule: 'duplicate',
          message: `${match.id} has the same ${rule.fields.join(' and ')}.`,
          remedy: 'Use the existing record, or send allowDuplicate: true.',
          value: match.id,
        })),
      );
    }
    // Ids only: answers are kept with the command id, where no erasure of a name would reach them.
    const others = found.length === 1 ? 'another record' : `${found.length} other records`;
    warnings.push({
      code: 'POSSIBLE_DUPLICATE',
      message: `Same ${rule.fields.join(' and ')} as ${others}.`,
      records: found.map(({ id }) => ({ id })),
    });
  }
  return warnings;
}
