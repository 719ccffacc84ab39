import type { EventOf, Fact } from '#kernel/event';
import { choice, instant, integer, nullable, uuid } from '#kernel/fields';
import { defineStep, sagaFacts, type CommandRefused, type TimerFired } from '#kernel/saga-events';

const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const USER_ID = '01890a5d-ac96-774b-bcce-b302099a8058';
const TASK_ID = '01890a5d-ac96-774b-bcce-b302099a8061';

/** Why a follow-up ended before the task was done. */
export const followupEnds = [
  'deal_reopened',
  'deal_gone',
  'task_cancelled',
  'task_gone',
  'task_refused',
] as const;

/** The follow-up of a won deal; it has the deal's id. */
const followupId = uuid({ description: 'Id of the follow-up, which is the deal’s.' });
const taskId = uuid({ description: 'Task of the deal’s owner.' });
const managerTaskId = nullable(uuid({ description: 'Task of the manager; null without one.' }));

export const followupPlanned = defineStep({
  type: 'FollowupPlanned',
  action: 'planned',
  properties: {
    followupId,
    round: integer(1, 1_000_000, { description: 'How often the deal was won by now.' }),
    beginAt: instant({ description: 'When the owner gets the task.' }),
  },
  sample: { followupId: ID, round: 1, beginAt: '2026-01-22T09:00:00.000Z' },
});
export const followupAssigned = defineStep({
  type: 'FollowupAssigned',
  action: 'task_given',
  properties: {
    followupId,
    taskId,
    ownerId: nullable(uuid({ description: 'Owner of the deal at the time.' })),
    dueAt: instant({ description: 'When the task is to be done.' }),
  },
  sample: { followupId: ID, taskId: TASK_ID, ownerId: USER_ID, dueAt: '2026-01-26T17:00:00.000Z' },
});
export const followupReminded = defineStep({
  type: 'FollowupReminded',
  action: 'reminded',
  properties: { followupId, taskId },
  sample: { followupId: ID, taskId: TASK_ID },
});
export const followupEscalated = defineStep({
  type: 'FollowupEscalated',
  action: 'escalated',
  properties: {
    followupId,
    taskId,
    managerId: nullable(uuid({ description: 'Manager of the owner’s team; null without one.' })),
    managerTaskId,
  },
  sample: { followupId: ID, taskId: TASK_ID, managerId: USER_ID, managerTaskId: null },
});
export const followupCompleted = defineStep({
  type: 'FollowupCompleted',
  action: 'completed',
  properties: { followupId, taskId },
  sample: { followupId: ID, taskId: TASK_ID },
});
export const followupCancelled = defineStep({
  type: 'FollowupCancelled',
  action: 'cancelled',
  properties: { followupId, reason: choice(followupEnds, { description: 'Why it ended.' }) },
  sample: { followupId: ID, reason: 'deal_reopened' },
});

export const followupFacts = {
  timerFired: 'FollowupTimerFired',
  commandRefused: 'FollowupCommandRefused',
} as const;

export type FollowupEvent =
  | EventOf<typeof followupPlanned>
  | EventOf<typeof followupAssigned>
  | EventOf<typeof followupReminded>
  | EventOf<typeof followupEscalated>
  | EventOf<typeof followupCompleted>
  | EventOf<typeof followupCancelled>
  | Fact<'FollowupTimerFired', TimerFired>
  | Fact<'FollowupCommandRefused', CommandRefused>;

export const followupEvents = [
  followupPlanned,
  followupAssigned,
  followupReminded,
  followupEscalated,
  followupCompleted,
  followupCancelled,
  ...sagaFacts({ category: 'followup', ...followupFacts }),
];
