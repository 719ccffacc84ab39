import type { ReadModel, Row } from '#kernel/read-model';
import { shareFor, type Share } from '#kernel/sharing';

/** What a caller sees beside everything: records of some people, and what is shared with them. */
export interface Reach {
  readonly owners: readonly string[];
  /** The caller and their teams. */
  readonly grantees: readonly string[];
  /** Shares that have ended by then show nothing. */
  readonly at: Date;
}

/** Whose records a caller may see. */
export type Visible = 'all' | Reach;

/** Whether the records of a model can be shared. */
export function isShareable(model: Pick<ReadModel, 'columns'>): boolean {
  return 'sharedWith' in model.columns;
}

/** Whether a caller sees a record, given whose it is and whom it is shared with. */
export function reaches(visible: Visible, owner: unknown, shares: readonly Share[]): boolean {
  if (visible === 'all') return true;
  const { owners, grantees, at } = visible;
  return owners.includes(owner as string) || shareFor(shares, grantees, at) !== undefined;
}

/** Whether a caller sees a row; a model without owners is seen whole. */
export function seesRow(visible: Visible, model: ReadModel, row: Row | null | undefined): boolean {
  if (visible === 'all' || !model.owner) return true;
  return Boolean(row) && reaches(visible, row![model.owner], sharesIn(row!));
}

/** The shares in a row. */
export function sharesIn(row: Row): readonly Share[] {
  return (row['shares'] as readonly Share[] | null | undefined) ?? [];
}

/** Rows shared with one of these at an instant; the first condition is that of an index. */
export function sharedSql(alias: string, grantees: string, at: string): string {
  return `(${alias}.shared_with && ${grantees} AND EXISTS (
    SELECT 1 FROM jsonb_array_elements(${alias}.shares) s
     WHERE s.value->>'granteeId' = ANY (${grantees})
       AND coalesce((s.value->>'until')::timestamptz > ${at}, true)))`;
}
