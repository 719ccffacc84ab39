import type { Row } from '#kernel/read-model';
import {
  rowFact,
  rowsFact,
  type SagaContext,
  type SagaFactRequests,
  type SagaStep,
  type SagaTrigger,
} from '#kernel/saga';
import type { SagaCommand } from '#kernel/saga-events';
import { addWorkingDays, closingOf, openingOf, workdayOf } from '#kernel/work-calendar';
import type { FollowupEvent, followupEnds } from '#event-schemas/automation/followup.events';
import type { DealEvent } from '#event-schemas/sales/deal.events';
import type { TaskEvent } from '#event-schemas/work/task.events';
import type { FollowUpState } from './follow-up.js';
import type { Settings } from './settings.js';

export type FollowUpTrigger = DealEvent | TaskEvent | FollowupEvent;
type Context = SagaContext<Settings>;
type Step = SagaStep<FollowupEvent> | null;
type Planned = Extract<FollowUpState, { status: 'planned' }>;
type Assigned = Extract<FollowUpState, { status: 'assigned' }>;
type WithTask = Extract<FollowUpState, { taskId: string }>;

const TIMERS = ['begin', 'remind', 'escalate'];

/** What a timer’s reaction has to know of others: the deal, its task, the teams of the owner. */
export function facts(
  trigger: SagaTrigger<FollowUpTrigger>,
  state: FollowUpState,
): SagaFactRequests {
  if (trigger.type !== 'FollowupTimerFired') return {};
  const deal = rowFact('deal', trigger.envelope.id);
  if (state.status === 'planned') return { deal };
  if (state.status !== 'assigned') return {};
  const { taskId, ownerId } = state;
  const late = trigger.data.timer === 'escalate' && ownerId !== null;
  return {
    deal,
    task: rowFact('task', taskId),
    teams: late ? rowsFact('teams', 'memberIds', ownerId) : undefined,
  };
}

const row = (ctx: Context, name: string) => (ctx.facts[name] ?? null) as Row | null;
const isGone = (found: Row | null) => !found || found['deletedAt'] !== null;

function plan(state: FollowUpState, ctx: Context): Step {
  const { followUp, times } = ctx.settings;
  if (!followUp.enabled) return null;
  const day = addWorkingDays(workdayOf(ctx.now, times), followUp.afterDays, times);
  const beginAt = openingOf(day, times).toISOString();
  const round = (state.status === 'none' ? 0 : state.round) + 1;
  return {
    fact: { type: 'FollowupPlanned', data: { followupId: ctx.id, round, beginAt } },
    timers: [{ name: 'begin', dueAt: beginAt }],
  };
}

/** Ends the follow-up; what it made is called off. */
function cancel(reason: (typeof followupEnds)[number], ctx: Context): Step {
  return {
    fact: { type: 'FollowupCancelled', data: { followupId: ctx.id, reason } },
    commands: ctx.compensation,
    cancelTimers: TIMERS,
  };
}

function giveTask(state: Planned, ctx: Context): Step {
  const deal = row(ctx, 'deal');
  if (isGone(deal) || deal!['status'] !== 'won') return cancel('deal_gone', ctx);
  const { followUp, times } = ctx.settings;
  const dueDay = addWorkingDays(workdayOf(ctx.now, times), followUp.dueDays, times);
  const dueAt = closingOf(dueDay, times).toISOString();
  const remindAt = openingOf(addWorkingDays(dueDay, -followUp.remindDays, times), times);
  const lateDay = addWorkingDays(dueDay, followUp.escalateDays, times);
  const taskId = ctx.newId(`task-${state.round}`);
  const ownerId = (deal!['ownerId'] as string | null | undefined) ?? null;
  const remind = { name: 'remind', dueAt: remindAt.toISOString() };
  const escalate = { name: 'escalate', dueAt: closingOf(lateDay, times).toISOString() };
  return {
    fact: { type: 'FollowupAssigned', data: { followupId: ctx.id, taskId, ownerId, dueAt } },
    commands: [createTask('task', taskId, followUp.title, { dueDate: dueAt, ownerId }, ctx)],
    // A reminder that would come with the task itself reminds nobody.
    timers: remindAt > ctx.now ? [remind, escalate] : [escalate],
  };
}

function createTask(
  step: string,
  id: string,
  title: string,
  input: { dueDate: string; ownerId: string | null; priority?: string },
  ctx: Context,
): SagaCommand {
  return {
    step,
    command: 'CreateTask',
    id,
    input: { title, taskType: 'follow_up', relatedToType: 'deal', relatedToId: ctx.id, ...input },
    undo: { command: 'CancelTask' },
  };
}

/** Raises the priority of the owner’s task, unless it is as high already. Not undone: nothing is lost by it. */
function press(state: WithTask, task: Row, priority: 'high' | 'urgent'): readonly SagaCommand[] {
  const enough = priority === 'high' ? ['high', 'urgent'] : ['urgent'];
  if (enough.includes(String(task['priority']))) return [];
  const input = { priority };
  return [{ step: 'priority', command: 'ChangeTask', id: state.taskId, input, optional: true }];
}

/** Ends the follow-up where its task ended without our being told; undefined where it goes on. */
function settled(state: Assigned, ctx: Context): Step | undefined {
  const task = row(ctx, 'task');
  if (isGone(task)) return cancel('task_gone', ctx);
  if (task!['status'] === 'completed') return complete(state, ctx);
  return task!['status'] === 'cancelled' ? cancel('task_cancelled', ctx) : undefined;
}

function complete(state: WithTask, ctx: Context): Step {
  const { taskId } = state;
  return {
    fact: { type: 'FollowupCompleted', data: { followupId: ctx.id, taskId } },
    // What was asked of the manager is no longer needed.
    commands: ctx.compensation.filter(({ id }) => id !== taskId),
    cancelTimers: TIMERS,
  };
}

function remind(state: Assigned, ctx: Context): Step {
  const ended = settled(state, ctx);
  if (ended !== undefined) return ended;
  return {
    fact: { type: 'FollowupReminded', data: { followupId: ctx.id, taskId: state.taskId } },
    commands: press(state, row(ctx, 'task')!, 'high'),
  };
}

/** The manager of the first team of the owner that somebody else leads. */
function managerOf(state: Assigned, ctx: Context): string | null {
  const teams = (ctx.facts['teams'] ?? []) as readonly Row[];
  const managers = teams.map((team) => team['managerId'] as string | null);
  return managers.find((id) => id && id !== state.ownerId) ?? null;
}

function escalate(state: Assigned, ctx: Context): Step {
  const ended = settled(state, ctx);
  if (ended !== undefined) return ended;
  const { followUp, times } = ctx.settings;
  const managerId = managerOf(state, ctx);
  const managerTaskId = managerId && ctx.newId(`manager-task-${state.round}`);
  const nextDay = addWorkingDays(workdayOf(ctx.now, times), 1, times);
  const input = {
    dueDate: closingOf(nextDay, times).toISOString(),
    ownerId: managerId,
    priority: 'urgent',
  };
  const { taskId } = state;
  return {
    fact: {
      type: 'FollowupEscalated',
      data: { followupId: ctx.id, taskId, managerId, managerTaskId },
    },
    commands: [
      ...press(state, row(ctx, 'task')!, 'urgent'),
      ...(managerTaskId
        ? [createTask('manager', managerTaskId, `Overdue: ${followUp.title}`, input, ctx)]
        : []),
    ],
  };
}

function onTimer(timer: string, state: FollowUpState, ctx: Context): Step {
  if (timer === 'begin' && state.status === 'planned') return giveTask(state, ctx);
  if (state.status !== 'assigned') return null;
  return timer === 'remind' ? remind(state, ctx) : escalate(state, ctx);
}

/** The rules a follow-up begun today runs by. */
export function firstRules(
  trigger: SagaTrigger<FollowUpTrigger>,
  state: FollowUpState,
  ctx: Context,
): Step {
  if (trigger.type === 'DealWon') {
    return state.status === 'none' || state.status === 'ended' ? plan(state, ctx) : null;
  }
  if (state.status === 'none' || state.status === 'ended') return null;
  const ownTask = 'taskId' in state && trigger.envelope.id === state.taskId;
  switch (trigger.type) {
    case 'DealReopened':
      return cancel('deal_reopened', ctx);
    case 'DealDeleted':
      return cancel('deal_gone', ctx);
    case 'TaskCompleted':
      return ownTask ? complete(state, ctx) : null;
    case 'TaskCancelled':
      return ownTask ? cancel('task_cancelled', ctx) : null;
    case 'TaskDeleted':
      return ownTask ? cancel('task_gone', ctx) : null;
    case 'FollowupTimerFired':
      return onTimer(trigger.data.timer, state, ctx);
    case 'FollowupCommandRefused':
      return trigger.data.step === 'task' ? cancel('task_refused', ctx) : null;
    default:
      return null;
  }
}
