import type { Aggregate } from '#kernel/aggregate';
import { followupEvents, type FollowupEvent } from '#event-schemas/automation/followup.events';

interface Round {
  /** How often the deal was won by now. */
  readonly round: number;
}
interface WithTask extends Round {
  readonly taskId: string;
  /** Owner of the deal when the task was given. */
  readonly ownerId: string | null;
  readonly dueAt: string;
}
export type FollowUpState =
  | { readonly status: 'none' }
  /** The owner gets the task later. */
  | (Round & { readonly status: 'planned' })
  | (WithTask & { readonly status: 'assigned' })
  | (WithTask & { readonly status: 'escalated'; readonly managerTaskId: string | null })
  | (Round & { readonly status: 'ended' });

/** How a won deal is followed up; one per deal, begun anew each time it is won. */
export const followUp: Aggregate<FollowUpState, FollowupEvent> = {
  category: 'followup',
  stateVersion: 1,
  initial: { status: 'none' },
  events: followupEvents,
  evolve(state, event): FollowUpState {
    const round = state.status === 'none' ? 0 : state.round;
    switch (event.type) {
      case 'FollowupPlanned':
        return { status: 'planned', round: event.data.round };
      case 'FollowupAssigned': {
        const { taskId, ownerId, dueAt } = event.data;
        return { status: 'assigned', round, taskId, ownerId, dueAt };
      }
      case 'FollowupEscalated':
        return state.status === 'assigned'
          ? { ...state, status: 'escalated', managerTaskId: event.data.managerTaskId }
          : state;
      case 'FollowupCompleted':
      case 'FollowupCancelled':
        return { status: 'ended', round };
      case 'FollowupReminded':
      case 'FollowupTimerFired':
      case 'FollowupCommandRefused':
        return state;
    }
  },
  status({ status }) {
    if (status === 'none') return 'absent';
    return status === 'ended' ? 'archived' : 'active';
  },
};
