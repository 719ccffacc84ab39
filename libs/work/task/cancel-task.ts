import type { TaskEvent } from '#event-schemas/work/task.events';
import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { isRefusal } from '#kernel/refusal';
import { task } from './task.js';
import { activeTask, openTask, stepsToOpen } from './task-rules.js';

export const cancelTask = defineCommand({
  name: 'CancelTask',
  description: 'Calls an open task off.',
  aggregate: task,
  permission: 'tasks:update',
  rest: { method: 'PUT', path: '/tasks/:id/cancel' },
  input: object({}),
  decide(_command, state, ctx): Decision<TaskEvent> {
    const active = activeTask(state);
    if (!isRefusal(active) && active.progress === 'cancelled') return [];
    const found = openTask(state);
    if (isRefusal(found)) return found;
    return [{ type: 'TaskCancelled', data: { taskId: ctx.id } }];
  },
  inverse: { undoneBy: ['ReopenTask', 'StartTask'], steps: stepsToOpen },
});
