import type { Aggregate } from '#kernel/aggregate';
import type { FieldValues } from '#kernel/fields';
import type { RecordState } from '#kernel/record-life';
import { sharesOf } from '#kernel/sharing';
import {
  companyEvents,
  companyLife,
  type CompanyEvent,
  type companyFields,
} from '#event-schemas/customers/company.events';

export type CompanyState = RecordState<FieldValues<typeof companyFields>>;

export const company: Aggregate<CompanyState, CompanyEvent> = {
  category: 'company',
  stateVersion: 2,
  initial: { status: 'absent' },
  events: companyEvents,
  lists: { shares: 'granteeId' },
  evolve: (state, event) => companyLife.foldState(state, event),
  status: (state) => state.status,
  owner: (state) => (state.status === 'absent' ? null : state.ownerId),
  shares: sharesOf,
};
