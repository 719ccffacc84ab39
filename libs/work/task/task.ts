import type { Aggregate } from '#kernel/aggregate';
import type { FieldValues } from '#kernel/fields';
import type { Living } from '#kernel/record-life';
import { sharesOf } from '#kernel/sharing';
import {
  taskEvents,
  taskLife,
  type TaskEvent,
  type taskFields,
} from '#event-schemas/work/task.events';

type TaskBase = Living<FieldValues<typeof taskFields>>;

export interface OpenTask extends TaskBase {
  readonly progress: 'pending' | 'in_progress';
}
export interface CompletedTask extends TaskBase {
  readonly progress: 'completed';
  readonly completedAt: string;
}
export interface CancelledTask extends TaskBase {
  readonly progress: 'cancelled';
}
export type LivingTask = OpenTask | CompletedTask | CancelledTask;
export type TaskState = { readonly status: 'absent' } | LivingTask;

/** The task without what only a completed one has. */
function base(state: LivingTask): TaskBase {
  const { status, values, ownerId, tags, shares = [] } = state;
  return { status, values, ownerId, tags, shares };
}

export const task: Aggregate<TaskState, TaskEvent> = {
  category: 'task',
  stateVersion: 2,
  initial: { status: 'absent' },
  events: taskEvents,
  lists: { shares: 'granteeId' },
  evolve(state, event): TaskState {
    if (taskLife.isLife(event)) {
      const life = taskLife.foldState(state, event);
      return state.status === 'absent' ? { ...life, progress: 'pending' } : { ...state, ...life };
    }
    if (state.status === 'absent') return state;
    switch (event.type) {
      case 'TaskStarted':
        return { ...base(state), progress: 'in_progress' };
      case 'TaskCompleted':
        return { ...base(state), progress: 'completed', completedAt: event.data.completedAt };
      case 'TaskCancelled':
        return { ...base(state), progress: 'cancelled' };
      case 'TaskReopened':
        return { ...base(state), progress: 'pending' };
    }
  },
  status: (state) => state.status,
  // A task is the work of whom it is assigned to; `ownerId` is who answers for it.
  owner: (state) => (state.status === 'absent' ? null : state.values.assignedToId),
  shares: sharesOf,
};
