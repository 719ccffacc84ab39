import type { AnyCommand } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import { refusal, type Refusal } from '#kernel/refusal';

/** Fields of a kind of record that a caller does not change. */
export function lockedFor(
  { fields }: Pick<RequestContext, 'fields'>,
  category: string,
): readonly string[] {
  return fields?.[category]?.locked ?? [];
}

/**
 * Refuses a command that gives or changes fields the caller does not change. What no record can be
 * without is given when it is created, and not changed afterwards.
 */
export function lockedGiven(
  ctx: Pick<RequestContext, 'fields'>,
  { aggregate, creates, changes = [], input: schema }: AnyCommand,
  input: unknown,
): Refusal | undefined {
  const { category } = aggregate as { readonly category: string };
  const needed = creates ? ((schema as { required?: readonly string[] }).required ?? []) : [];
  const given = lockedFor(ctx, category).filter(
    (name) => (name in (input as object) && !needed.includes(name)) || changes.includes(name),
  );
  if (given.length === 0) return undefined;
  const message = `Your role does not change ${given.join(', ')}.`;
  return refusal(
    'FORBIDDEN',
    'forbidden',
    message,
    given.map((field) => ({
      field,
      rule: 'locked',
      message: `Your role does not change ${field}.`,
      remedy: 'Leave it out, or ask an administrator for a role that changes it.',
    })),
  );
}
