import type { TaskEvent } from '#event-schemas/work/task.events';
import { defineCommand, type Decision } from '#kernel/command';
import { instant, nullable, object, optional } from '#kernel/fields';
import { isRefusal } from '#kernel/refusal';
import { task } from './task.js';
import { activeTask, openTask, refuse, stepsToOpen } from './task-rules.js';

export const completeTask = defineCommand({
  name: 'CompleteTask',
  description: 'Completes a task, now or at an earlier instant.',
  aggregate: task,
  permission: 'tasks:update',
  rest: { method: 'PUT', path: '/tasks/:id/complete' },
  input: object({
    completedAt: optional(nullable(instant({ description: 'When it was done; now if left out.' }))),
  }),
  decide({ completedAt }, state, ctx): Decision<TaskEvent> {
    const active = activeTask(state);
    if (!isRefusal(active) && active.progress === 'completed') return [];
    const found = openTask(state);
    if (isRefusal(found)) return found;
    const at = completedAt ? new Date(completedAt) : ctx.now;
    if (at > ctx.now) {
      return refuse('COMPLETED_IN_FUTURE', {
        field: 'completedAt',
        rule: 'past',
        message: `${at.toISOString()} is still to come.`,
        remedy: 'Leave completedAt out, or give an instant in the past.',
        value: completedAt,
      });
    }
    return [{ type: 'TaskCompleted', data: { taskId: ctx.id, completedAt: at.toISOString() } }];
  },
  inverse: { undoneBy: ['ReopenTask', 'StartTask'], steps: stepsToOpen },
});
