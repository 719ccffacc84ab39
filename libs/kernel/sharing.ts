import type { RequestContext } from './context.js';
import { choice, instant, list, nullable, object, text, uuid, type Static } from './fields.js';

/** How far a share goes: to read the record, or to change it as well. */
export const shareAccess = ['read', 'change'] as const;

/** What is said of everybody a record is shared with. */
export const shareFields = {
  granteeType: choice(['user', 'team'], { description: 'A person or a team.' }),
  granteeId: uuid({ description: 'Id of the person or team.' }),
  access: choice(shareAccess, { description: 'To read the record, or to change it as well.' }),
  until: nullable(instant({ description: 'When it ends; null: when it is taken back.' })),
};
export type Share = Static<ReturnType<typeof object<typeof shareFields>>>;

/** Most people and teams one record is shared with. */
export const MAX_SHARES = 50;

/** Columns of records that can be shared; `sharedWith` is what lists look rows up by. */
export const sharingColumns = {
  shares: list(object(shareFields), MAX_SHARES, {
    description: 'Whom the record is shared with beside its owner.',
  }),
  sharedWith: list(text(50), MAX_SHARES, {
    description: 'Ids of people and teams it is shared with at present; me: you and your teams.',
  }),
};

/** The shares after one was given or changed. */
export function withShare(shares: readonly Share[], given: Share): readonly Share[] {
  return [...withoutShare(shares, given.granteeId), given];
}

export function withoutShare(shares: readonly Share[], granteeId: string): readonly Share[] {
  return shares.filter((share) => share.granteeId !== granteeId);
}

/** Whom shares reach a caller by: themselves and their teams. */
export function granteesOf({ actor, teamIds }: Pick<RequestContext, 'actor' | 'teamIds'>) {
  return [actor.id, ...(teamIds ?? [])];
}

/** The share that holds for one of these at an instant, the one to change before the others. */
export function shareFor(
  shares: readonly Share[],
  grantees: readonly string[],
  at: Date,
): Share | undefined {
  const held = shares.filter(
    ({ granteeId, until }) =>
      grantees.includes(granteeId) && (until === null || Date.parse(until) > at.getTime()),
  );
  return held.find(({ access }) => access === 'change') ?? held[0];
}

/** The shares in the state of a record. */
export function sharesOf(state: object): readonly Share[] {
  return (state as { readonly shares?: readonly Share[] }).shares ?? [];
}
