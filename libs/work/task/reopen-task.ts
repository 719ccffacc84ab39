import type { TaskEvent } from '#event-schemas/work/task.events';
import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { isRefusal } from '#kernel/refusal';
import { task, type CompletedTask, type LivingTask } from './task.js';
import { activeTask } from './task-rules.js';

export const reopenTask = defineCommand({
  name: 'ReopenTask',
  description: 'Makes a task pending again that was begun, completed or cancelled.',
  aggregate: task,
  permission: 'tasks:update',
  rest: { method: 'PUT', path: '/tasks/:id/reopen' },
  input: object({}),
  decide(_command, state, ctx): Decision<TaskEvent> {
    const found = activeTask(state);
    if (isRefusal(found)) return found;
    if (found.progress === 'pending') return [];
    return [{ type: 'TaskReopened', data: { taskId: ctx.id } }];
  },
  inverse: {
    undoneBy: ['CompleteTask', 'CancelTask', 'StartTask'],
    steps: ({ id, before }) => {
      const { progress } = before as LivingTask;
      if (progress === 'completed') {
        const { completedAt } = before as CompletedTask;
        return [{ command: 'CompleteTask', id, input: { completedAt } }];
      }
      const command = progress === 'cancelled' ? 'CancelTask' : 'StartTask';
      return [{ command, id, input: {} }];
    },
  },
});
