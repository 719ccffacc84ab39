import type { Aggregate } from '#kernel/aggregate';
import type { FieldValues } from '#kernel/fields';
import type { RecordState } from '#kernel/record-life';
import { sharesOf } from '#kernel/sharing';
import {
  activityEvents,
  activityLife,
  type ActivityEvent,
  type activityFields,
} from '#event-schemas/work/activity.events';

export type ActivityState = RecordState<FieldValues<typeof activityFields>>;

export const activity: Aggregate<ActivityState, ActivityEvent> = {
  category: 'activity',
  stateVersion: 2,
  initial: { status: 'absent' },
  events: activityEvents,
  lists: { shares: 'granteeId' },
  evolve: (state, event) => activityLife.foldState(state, event),
  status: (state) => state.status,
  owner: (state) => (state.status === 'absent' ? null : state.ownerId),
  shares: sharesOf,
};
