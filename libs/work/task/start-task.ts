import type { TaskEvent } from '#event-schemas/work/task.events';
import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { isRefusal } from '#kernel/refusal';
import { task } from './task.js';
import { openTask } from './task-rules.js';

export const startTask = defineCommand({
  name: 'StartTask',
  description: 'Says that somebody is at a pending task.',
  aggregate: task,
  permission: 'tasks:update',
  rest: { method: 'PUT', path: '/tasks/:id/start' },
  input: object({}),
  decide(_command, state, ctx): Decision<TaskEvent> {
    const found = openTask(state);
    if (isRefusal(found)) return found;
    if (found.progress === 'in_progress') return [];
    return [{ type: 'TaskStarted', data: { taskId: ctx.id } }];
  },
  inverse: { undoneBy: 'ReopenTask' },
});
