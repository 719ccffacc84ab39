import { describe, expect, it } from '@jest/globals';
import { taskLife, type TaskEvent } from '#event-schemas/work/task.events';
import { given, SPEC_ID } from '#kernel/specification';
import { cancelTask } from './cancel-task.js';
import { completeTask } from './complete-task.js';
import { reopenTask } from './reopen-task.js';
import { startTask } from './start-task.js';
import { task } from './task.js';

const created = taskLife.fact('created', SPEC_ID, { title: 'Call', ownerId: null, tags: [] });
const archived = taskLife.fact('archived', SPEC_ID);
const deleted = taskLife.fact('deleted', SPEC_ID);
const data = { taskId: SPEC_ID };
const completedAt = '2026-01-15T10:00:00.000Z';
const started: TaskEvent = { type: 'TaskStarted', data };
const completed: TaskEvent = { type: 'TaskCompleted', data: { ...data, completedAt } };
const cancelled: TaskEvent = { type: 'TaskCancelled', data };
const reopened: TaskEvent = { type: 'TaskReopened', data };
const after = (...past: TaskEvent[]) => given(task, [created, ...past]);

describe('StartTask', () => {
  it('puts a pending task in progress, once', () => {
    const { events, state } = after().when(startTask);
    expect(events).toEqual([started]);
    expect(state).toMatchObject({ progress: 'in_progress' });
    expect(after(started).when(startTask).events).toEqual([]);
  });

  it('is refused once the task is closed', () => {
    expect(after(completed).when(startTask).refusal?.code).toBe('TASK_CLOSED');
    expect(after(cancelled).when(startTask).refusal?.code).toBe('TASK_CLOSED');
  });
});

describe('CompleteTask', () => {
  it('completes a task, started or not, once', () => {
    const { events, state } = after().when(completeTask);
    expect(events).toEqual([completed]);
    expect(state).toMatchObject({ progress: 'completed', completedAt });
    expect(after(started).when(completeTask).events).toEqual([completed]);
    expect(after(completed).when(completeTask).events).toEqual([]);
  });

  it('takes an earlier instant, in any zone', () => {
    const { events } = after().when(completeTask, { completedAt: '2026-01-14T18:00:00+02:00' });
    expect(events[0]!.data).toEqual({ ...data, completedAt: '2026-01-14T16:00:00.000Z' });
  });

  it('is refused in the future', () => {
    const { refusal } = after().when(completeTask, { completedAt: '2026-01-15T10:00:01Z' });
    expect(refusal).toMatchObject({
      code: 'COMPLETED_IN_FUTURE',
      details: [{ field: 'completedAt' }],
    });
  });

  it('is refused for a cancelled task', () => {
    expect(after(cancelled).when(completeTask).refusal?.code).toBe('TASK_CLOSED');
  });
});

describe('CancelTask', () => {
  it('cancels an open task, once', () => {
    expect(after(started).when(cancelTask).events).toEqual([cancelled]);
    expect(after(cancelled).when(cancelTask).events).toEqual([]);
  });

  it('is refused for a completed task', () => {
    expect(after(completed).when(cancelTask).refusal?.code).toBe('TASK_CLOSED');
  });
});

describe('ReopenTask', () => {
  it('makes a begun, completed or cancelled task pending again', () => {
    expect(after(started).when(reopenTask).events).toEqual([reopened]);
    expect(after(cancelled).when(reopenTask).events).toEqual([reopened]);
    const { events, state } = after(completed).when(reopenTask);
    expect(events).toEqual([reopened]);
    expect(state).toMatchObject({ progress: 'pending' });
    expect(state).not.toHaveProperty('completedAt');
  });

  it('records nothing for a pending task', () => {
    expect(after().when(reopenTask).events).toEqual([]);
  });
});

describe('the progress of a task', () => {
  it('stands still while it is archived, deleted or absent', () => {
    for (const command of [startTask, completeTask, cancelTask, reopenTask]) {
      expect(after(archived).when(command).refusal?.code).toBe('RECORD_ARCHIVED');
      expect(after(deleted).when(command).refusal?.code).toBe('NOT_FOUND');
      expect(given(task).when(command).refusal?.code).toBe('NOT_FOUND');
    }
  });

  it('outlives other changes', () => {
    const changed = taskLife.fact('changed', SPEC_ID, { title: 'Mail' });
    expect(after(completed, changed).state).toMatchObject({ progress: 'completed', completedAt });
  });
});
