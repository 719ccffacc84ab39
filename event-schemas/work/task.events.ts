import { defineEvent, type EventOf } from '#kernel/event';
import { choice, instant, object, recordFields, text, uuid } from '#kernel/fields';
import { recordLife } from '#kernel/record-life';
import { relatedToId, relatedToType } from './related.js';

/** The fields of a task that people edit; how it stands has events of its own. */
export const taskFields = recordFields(
  { title: text(255, { description: 'What is to be done.', examples: ['Call about the offer'] }) },
  {
    description: text(10_000),
    relatedToType: relatedToType(),
    relatedToId: relatedToId(),
    taskType: choice(['call', 'email', 'meeting', 'todo', 'follow_up', 'demo'], {
      description: 'Kind of work; todo when left out.',
    }),
    priority: choice(['low', 'medium', 'high', 'urgent'], {
      description: 'How pressing it is; medium when left out.',
    }),
    dueDate: instant({ description: 'Instant by which it is to be done.' }),
    assignedToId: uuid({ description: 'User who does it; the owner when left out.' }),
  },
);

export const taskLife = recordLife({
  record: 'task',
  names: {
    created: 'TaskCreated',
    changed: 'TaskChanged',
    archived: 'TaskArchived',
    restored: 'TaskRestored',
    deleted: 'TaskDeleted',
    tagsChanged: 'TaskTagsChanged',
    ownerChanged: 'TaskOwnerChanged',
    shared: 'TaskShared',
    sharingEnded: 'TaskSharingEnded',
  },
  fields: taskFields,
  samples: {
    created: {
      title: 'Call about the offer',
      relatedToType: 'deal',
      relatedToId: '01890a5d-ac96-774b-bcce-b302099a8060',
      taskType: 'call',
      priority: 'high',
      dueDate: '2026-02-02T09:00:00.000Z',
    },
    changed: { priority: 'urgent', dueDate: null },
  },
});

const TASK_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const only = { schema: object({ taskId: uuid() }), samples: { 1: { taskId: TASK_ID } } };

export const taskStarted = defineEvent({ type: 'TaskStarted', action: 'started', ...only });
export const taskCompleted = defineEvent({
  type: 'TaskCompleted',
  action: 'completed',
  schema: object({
    taskId: uuid(),
    completedAt: instant({ description: 'When it was done, which may be before it was told.' }),
  }),
  samples: { 1: { taskId: TASK_ID, completedAt: '2026-02-02T08:45:00.000Z' } },
});
export const taskCancelled = defineEvent({ type: 'TaskCancelled', action: 'cancelled', ...only });
export const taskReopened = defineEvent({ type: 'TaskReopened', action: 'reopened', ...only });

export type TaskLifeEvent = Parameters<typeof taskLife.foldState>[1];
export type TaskEvent =
  | TaskLifeEvent
  | EventOf<typeof taskStarted>
  | EventOf<typeof taskCompleted>
  | EventOf<typeof taskCancelled>
  | EventOf<typeof taskReopened>;

export const taskEvents = [
  ...taskLife.events,
  taskStarted,
  taskCompleted,
  taskCancelled,
  taskReopened,
];
