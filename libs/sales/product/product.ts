import type { Aggregate } from '#kernel/aggregate';
import type { FieldValues } from '#kernel/fields';
import type { RecordState } from '#kernel/record-life';
import { sharesOf } from '#kernel/sharing';
import {
  productEvents,
  productLife,
  type ProductEvent,
  type productFields,
} from '#event-schemas/sales/product.events';

export type ProductState = RecordState<FieldValues<typeof productFields>>;

export const product: Aggregate<ProductState, ProductEvent> = {
  category: 'product',
  stateVersion: 2,
  initial: { status: 'absent' },
  events: productEvents,
  lists: { shares: 'granteeId' },
  evolve: (state, event) => productLife.foldState(state, event),
  status: (state) => state.status,
  owner: (state) => (state.status === 'absent' ? null : state.ownerId),
  shares: sharesOf,
};
