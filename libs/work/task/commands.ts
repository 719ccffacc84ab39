import { taskLife } from '#event-schemas/work/task.events';
import { commandList } from '#kernel/command';
import { recordCommands } from '#kernel/record-commands';
import { sharingCommands } from '#kernel/record-sharing';
import { missingRelated, relatedFacts } from '../related.js';
import { cancelTask } from './cancel-task.js';
import { completeTask } from './complete-task.js';
import { reopenTask } from './reopen-task.js';
import { startTask } from './start-task.js';
import { task } from './task.js';
import { refuse } from './task-rules.js';

const life = recordCommands(task, taskLife, {
  collection: 'tasks',
  names: {
    create: 'CreateTask',
    change: 'ChangeTask',
    archive: 'ArchiveTask',
    restore: 'RestoreTask',
    delete: 'DeleteTask',
    changeTags: 'ChangeTaskTags',
    changeOwner: 'ChangeTaskOwner',
  },
  references: { assignedToId: 'user' },
  facts: (command, state) =>
    relatedFacts(command, state.status === 'absent' ? undefined : state.values),
  complete: ({ taskType, priority, assignedToId, ownerId }) => ({
    taskType: taskType ?? 'todo',
    priority: priority ?? 'medium',
    assignedToId: assignedToId === undefined ? ownerId : assignedToId,
  }),
  check(values, _before, { facts }) {
    const { relatedToType, relatedToId } = values;
    if (Boolean(relatedToType) !== Boolean(relatedToId)) {
      const field = relatedToType ? 'relatedToId' : 'relatedToType';
      return refuse('RELATION_INCOMPLETE', {
        field,
        rule: 'required',
        message: `${field} is missing.`,
        remedy: 'Send both, or null for both.',
      });
    }
    return missingRelated(values, facts);
  },
});

/** Every command a task takes. */
export const taskCommands = commandList(
  ...Object.values(life),
  ...sharingCommands(task, taskLife, {
    collection: 'tasks',
    names: { share: 'ShareTask', end: 'EndTaskSharing' },
  }),
  startTask,
  completeTask,
  cancelTask,
  reopenTask,
);
