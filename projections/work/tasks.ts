import { taskFields, taskLife, type TaskEvent } from '#event-schemas/work/task.events';
import { choice, instant, nullable } from '#kernel/fields';
import { readModel, type Row } from '#kernel/read-model';
import { sharingColumns } from '#kernel/sharing';

/** Tasks as lists, calendars and records read them. */
export const tasks = readModel<TaskEvent>({
  name: 'tasks',
  record: 'task',
  category: 'task',
  version: 2,
  description: 'What is to be done, by whom and until when.',
  fields: {
    ...taskFields.required,
    ...taskFields.optional,
    status: choice(['pending', 'in_progress', 'completed', 'cancelled'], {
      description: 'How the task stands.',
    }),
    completedAt: nullable(instant({ description: 'When it was done.' })),
    ...sharingColumns,
  },
  filterable: [
    'title',
    'relatedToType',
    'relatedToId',
    'taskType',
    'status',
    'priority',
    'dueDate',
    'completedAt',
    'assignedToId',
    'sharedWith',
  ],
  sortable: ['title', 'dueDate', 'completedAt'],
  searchable: ['title', 'description'],
  references: { assignedToId: 'users' },
  // Lists of one's own show the work assigned to one, whoever answers for it.
  owner: 'assignedToId',
  label: 'title',
  evolve(row, event) {
    if (taskLife.isLife(event)) {
      const next: Row = taskLife.foldRow(row, event, event.envelope.occurredAt);
      return row ? next : { status: 'pending', completedAt: null, ...next };
    }
    switch (event.type) {
      case 'TaskStarted':
        return { ...row, status: 'in_progress' };
      case 'TaskCompleted':
        return { ...row, status: 'completed', completedAt: event.data.completedAt };
      case 'TaskCancelled':
        return { ...row, status: 'cancelled' };
      case 'TaskReopened':
        return { ...row, status: 'pending', completedAt: null };
    }
  },
});
