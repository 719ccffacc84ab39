import type { RequestContext } from '#kernel/context';
import type { ReadModel, Row } from '#kernel/read-model';
import { refusal, type Refusal } from '#kernel/refusal';
import type { FieldChange } from './row-fold.js';

type Rights = Pick<RequestContext, 'fields'>;
type Model = Pick<ReadModel, 'category'>;

/** Fields of a model's rows that a caller does not see. */
export function hiddenFrom({ fields }: Rights, { category }: Model): readonly string[] {
  return fields?.[category]?.hidden ?? [];
}

const without = <Value>(hidden: readonly string[], all: Readonly<Record<string, Value>>) =>
  Object.fromEntries(Object.entries(all).filter(([name]) => !hidden.includes(name)));

/** The model as a caller knows it: what is hidden from them does not exist. */
export function seenBy(ctx: Rights, model: ReadModel): ReadModel {
  const hidden = hiddenFrom(ctx, model);
  return hidden.length > 0 ? { ...model, columns: without(hidden, model.columns) } : model;
}

/** A row as a caller sees it. */
export function rowFor(ctx: Rights, model: Model, row: Row): Row {
  const hidden = hiddenFrom(ctx, model);
  return hidden.length > 0 ? without(hidden, row) : row;
}

/** What changed, as a caller sees it. */
export function changesFor(
  ctx: Rights,
  model: Model,
  changes: readonly FieldChange[],
): readonly FieldChange[] {
  const hidden = hiddenFrom(ctx, model);
  return hidden.length > 0 ? changes.filter(({ field }) => !hidden.includes(field)) : changes;
}

/** Refuses a question that would tell something of a hidden field by its answer. */
export function hiddenAsked(
  ctx: Rights,
  model: ReadModel,
  query: {
    readonly filters: readonly { readonly field: string }[];
    readonly sort: readonly { readonly field: string }[];
  },
): Refusal | undefined {
  const hidden = hiddenFrom(ctx, model);
  const asked = [...query.filters, ...query.sort].find(({ field }) => hidden.includes(field));
  if (!asked) return undefined;
  const message = `Your role does not show ${asked.field} of ${model.name}.`;
  return refusal('FORBIDDEN', 'forbidden', message, [
    {
      field: asked.field,
      rule: 'hidden',
      message,
      remedy: 'Neither filter nor sort by it, or ask an administrator for a role that shows it.',
    },
  ]);
}

/**
 * The columns search may look through where it may not use all of them; undefined where it may. Of
 * a model that lacks the hidden fields already nobody can tell, so it counts as one that has them.
 */
export function searchedFor(ctx: Rights, model: ReadModel): readonly string[] | undefined {
  const hidden = hiddenFrom(ctx, model);
  if (!hidden.some((name) => model.columns[name]?.search ?? true)) return undefined;
  return Object.keys(model.columns).filter(
    (name) => model.columns[name]!.search && !hidden.includes(name),
  );
}
