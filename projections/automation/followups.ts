import { followupEnds, type FollowupEvent } from '#event-schemas/automation/followup.events';
import { choice, instant, nullable, uuid } from '#kernel/fields';
import { readModel } from '#kernel/read-model';

/** How won deals are followed up, one row per deal. */
export const followups = readModel<FollowupEvent>({
  name: 'followups',
  record: 'followup',
  category: 'followup',
  version: 1,
  description: 'How won deals are followed up, by the product itself.',
  fields: {
    status: choice(['planned', 'assigned', 'reminded', 'escalated', 'completed', 'cancelled'], {
      description: 'How far the follow-up is.',
    }),
    relatedToType: choice(['deal'], { description: 'Kind of record it is about.' }),
    relatedToId: uuid({ description: 'The deal.' }),
    beginAt: instant({ description: 'When the owner of the deal gets the task.' }),
    dueAt: nullable(instant({ description: 'When the task is to be done.' })),
    taskId: nullable(uuid({ description: 'Task of the owner.' })),
    managerId: nullable(uuid({ description: 'Manager who was told that the task is late.' })),
    managerTaskId: nullable(uuid({ description: 'Task of the manager.' })),
    endReason: nullable(choice(followupEnds, { description: 'Why it was cancelled.' })),
  },
  filterable: ['status', 'relatedToId', 'beginAt', 'dueAt', 'taskId', 'managerId'],
  sortable: ['beginAt', 'dueAt'],
  searchable: [],
  references: { taskId: 'tasks', managerId: 'users', managerTaskId: 'tasks' },
  owner: 'ownerId',
  label: 'status',
  evolve(row, event) {
    switch (event.type) {
      case 'FollowupPlanned':
        return {
          status: 'planned',
          relatedToType: 'deal',
          relatedToId: event.data.followupId,
          beginAt: event.data.beginAt,
          dueAt: null,
          taskId: null,
          managerId: null,
          managerTaskId: null,
          endReason: null,
          ownerId: null,
        };
      case 'FollowupAssigned': {
        const { taskId, ownerId, dueAt } = event.data;
        return { ...row, status: 'assigned', taskId, ownerId, dueAt };
      }
      case 'FollowupReminded':
        return { ...row, status: 'reminded' };
      case 'FollowupEscalated': {
        const { managerId, managerTaskId } = event.data;
        return { ...row, status: 'escalated', managerId, managerTaskId };
      }
      case 'FollowupCompleted':
        return { ...row, status: 'completed' };
      case 'FollowupCancelled':
        return { ...row, status: 'cancelled', endReason: event.data.reason };
      case 'FollowupTimerFired':
      case 'FollowupCommandRefused':
        return row;
    }
  },
});
