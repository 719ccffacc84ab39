import type { Done, InverseStep } from '#kernel/inverse';
import { recordRefusals, requireActive } from '#kernel/record-rules';
import { isRefusal, refuseWith, type Refusal } from '#kernel/refusal';
import type { LivingTask, OpenTask, TaskState } from './task.js';

export const refuse = refuseWith({
  ...recordRefusals,
  RELATION_INCOMPLETE: {
    category: 'rule',
    message: 'relatedToType and relatedToId come together or not at all.',
  },
  TASK_CLOSED: {
    category: 'rule',
    message: 'The task is completed or cancelled; reopen it first.',
  },
  COMPLETED_IN_FUTURE: {
    category: 'rule',
    message: 'A task cannot have been completed in the future.',
  },
});

/** The task, when it may be changed. */
export function activeTask(state: TaskState): LivingTask | Refusal {
  return requireActive(state) ?? (state as LivingTask);
}

/** The task, when it is neither completed nor cancelled. */
export function openTask(state: TaskState): OpenTask | Refusal {
  const found = activeTask(state);
  if (isRefusal(found)) return found;
  if (found.progress === 'pending' || found.progress === 'in_progress') return found;
  return refuse('TASK_CLOSED', {
    rule: 'open',
    message: `The task is ${found.progress}.`,
    remedy: 'Reopen the task, then try again.',
  });
}

/** Takes back what closed a task: pending again, or begun as it was. */
export function stepsToOpen({ id, before }: Done<unknown, TaskState>): InverseStep[] {
  const begun = (before as LivingTask).progress === 'in_progress';
  const reopen = { command: 'ReopenTask', id, input: {} };
  return begun ? [reopen, { command: 'StartTask', id, input: {} }] : [reopen];
}
