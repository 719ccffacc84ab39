import type { TaskEvent } from '#event-schemas/work/task.events';
import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { isRefusal } from '#kernel/refusal';
import { task } from './task.js';
import { activeTask } from './task-rules.js';

export const reopenTask = defineCommand({
  name: 'ReopenTask',
  description: 'Makes a completed or cancelled task pending again.',
  aggregate: task,
  permission: 'tasks:update',
  rest: { method: 'PUT', path: '/tasks/:id/reopen' },
  input: object({}),
  decide(_command, state, ctx): Decision<TaskEvent> {
    const found = activeTask(state);
    if (isRefusal(found)) return found;
    if (found.progress === 'pending' || found.progress === 'in_progress') return [];
    return [{ type: 'TaskReopened', data: { taskId: ctx.id } }];
  },
});
