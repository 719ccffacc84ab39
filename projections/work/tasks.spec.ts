import { describe, expect, it } from '@jest/globals';
import { taskLife, type TaskEvent } from '#event-schemas/work/task.events';
import { rowOf, SPEC_ID } from '#kernel/specification';
import { tasks } from './tasks.js';

const created = taskLife.fact('created', SPEC_ID, {
  title: 'Call',
  assignedToId: SPEC_ID,
  ownerId: null,
  tags: [],
});
const data = { taskId: SPEC_ID };
const completedAt = '2026-01-14T16:00:00.000Z';
const started: TaskEvent = { type: 'TaskStarted', data };
const completed: TaskEvent = { type: 'TaskCompleted', data: { ...data, completedAt } };
const cancelled: TaskEvent = { type: 'TaskCancelled', data };
const reopened: TaskEvent = { type: 'TaskReopened', data };
const row = (...events: readonly TaskEvent[]) => rowOf(tasks, [created, ...events]);

describe('tasks', () => {
  it('show how the task stands', () => {
    expect(row()).toMatchObject({ status: 'pending', completedAt: null, title: 'Call' });
    expect(row(started)).toMatchObject({ status: 'in_progress' });
    expect(row(started, completed)).toMatchObject({ status: 'completed', completedAt });
    expect(row(cancelled)).toMatchObject({ status: 'cancelled' });
    expect(row(completed, reopened)).toMatchObject({ status: 'pending', completedAt: null });
  });

  it('keep the status through other changes', () => {
    const archived = taskLife.fact('archived', SPEC_ID);
    expect(row(completed, archived)).toMatchObject({ status: 'completed', completedAt });
  });

  it('belong to whom they are assigned', () => {
    expect(row()![tasks.owner!]).toBe(SPEC_ID);
  });

  it('fill exactly the declared columns', () => {
    const standard = ['ownerId', 'tags', 'archivedAt', 'deletedAt'];
    const declared = [...Object.keys(tasks.columns), ...standard].sort();
    expect(Object.keys(row()!).sort()).toEqual(declared);
  });
});
