import { beforeEach, describe, expect, it } from '@jest/globals';
import { defaultFollowUp, defaultWorkCalendar } from '#event-schemas/identity/tenant.events';
import { defineSaga, type AnySaga } from '#kernel/saga';
import { SPEC_ACTOR, SPEC_ID } from '#kernel/specification';
import { SagaPlayer } from '#test/support/saga-player';
import { dealFollowUp } from './saga.js';
import { settings as settingsOf } from './settings.js';

const saga = dealFollowUp as unknown as AnySaga;
const managerId = '01890a5d-ac96-774b-bcce-b302099a8070';
const row = {
  ...defaultWorkCalendar,
  timeZone: 'Europe/Zurich',
  holidays: ['2026-04-03', '2026-04-06'],
  followUp: { ...defaultFollowUp, enabled: true },
};
const facts = {
  deal: { status: 'won', ownerId: SPEC_ACTOR, deletedAt: null },
  task: { status: 'pending', priority: 'medium', deletedAt: null },
  teams: [{ managerId: SPEC_ACTOR }, { managerId: null }, { managerId }],
};
const dealId = SPEC_ID;
const won = { type: 'DealWon', data: { dealId } };
const reopened = { type: 'DealReopened', data: { dealId } };
// A Friday; Good Friday and Easter Monday are holidays, summer time begins on the 29th.
const FRIDAY = '2026-03-27T16:00:00.000Z';

describe('the follow-up of a won deal', () => {
  let player: SagaPlayer;
  beforeEach(() => {
    player = new SagaPlayer(saga, settingsOf.read(row), facts);
  });
  const types = () => player.steps.map(({ type }) => type);
  const taskOf = () => (player.instance.state as { taskId: string }).taskId;

  it('gives the task at the opening of the fifth working day, in the zone of the workspace', () => {
    player.happens(won, FRIDAY);
    expect(player.instance.timers['begin']?.dueAt).toBe('2026-04-07T07:00:00.000Z');
    player.until('2026-04-07T07:00:00.000Z');
    const [, assigned] = player.steps;
    expect(assigned!.does.commands).toEqual([
      {
        step: 'task',
        command: 'CreateTask',
        id: taskOf(),
        input: {
          title: 'Follow up on the won deal',
          taskType: 'follow_up',
          relatedToType: 'deal',
          relatedToId: dealId,
          dueDate: '2026-04-09T15:00:00.000Z',
          ownerId: SPEC_ACTOR,
        },
        undo: { command: 'CancelTask' },
      },
    ]);
    expect(assigned!.does.timers).toEqual([
      { name: 'remind', dueAt: '2026-04-08T07:00:00.000Z' },
      { name: 'escalate', dueAt: '2026-04-10T15:00:00.000Z' },
    ]);
  });

  it('reminds, then tells the first manager of the owner’s teams who is somebody else', () => {
    player.happens(won, FRIDAY);
    player.until('2026-05-01T00:00:00.000Z');
    expect(types()).toEqual([
      'FollowupPlanned',
      'FollowupAssigned',
      'FollowupReminded',
      'FollowupEscalated',
    ]);
    expect(player.commands).toEqual(['CreateTask', 'ChangeTask', 'ChangeTask', 'CreateTask']);
    expect(player.steps[3]!.does.commands[1]!.input).toMatchObject({
      ownerId: managerId,
      priority: 'urgent',
      title: 'Overdue: Follow up on the won deal',
      dueDate: '2026-04-13T15:00:00.000Z',
    });
  });

  it('tells nobody where nobody leads, and does not lower a priority', () => {
    player.facts = { ...facts, teams: [], task: { ...facts.task, priority: 'urgent' } };
    player.happens(won, FRIDAY);
    player.until('2026-05-01T00:00:00.000Z');
    expect(types().at(-1)).toBe('FollowupEscalated');
    expect(player.commands).toEqual(['CreateTask']);
  });

  it('ends when the task is done, and calls off what it asked of the manager', () => {
    player.happens(won, FRIDAY);
    player.until('2026-05-01T00:00:00.000Z');
    const taskId = taskOf();
    player.happens({ type: 'TaskCompleted', data: { taskId } }, '2026-05-01T09:00:00Z', dealId);
    expect(types()).not.toContain('FollowupCompleted');
    player.happens({ type: 'TaskCompleted', data: { taskId } }, '2026-05-01T09:00:00Z', taskId);
    const last = player.steps.at(-1)!;
    expect(last.type).toBe('FollowupCompleted');
    expect(last.does.commands.map(({ step, command }) => [step, command])).toEqual([
      ['undo-manager', 'CancelTask'],
    ]);
  });

  it('takes everything back when the deal is reopened, and begins anew when it is won again', () => {
    player.happens(won, FRIDAY);
    player.until('2026-05-01T00:00:00.000Z');
    const first = taskOf();
    player.happens(reopened, '2026-05-01T10:00:00.000Z');
    const { does } = player.steps.at(-1)!;
    expect(does.commands.map(({ step, id }) => [step, id])).toEqual([
      ['undo-manager', expect.any(String)],
      ['undo-task', first],
    ]);
    expect(player.instance).toMatchObject({ timers: {}, done: [], version: null });
    player.happens(reopened, '2026-05-01T11:00:00.000Z');
    player.happens(won, '2026-05-02T10:00:00.000Z');
    player.until('2026-05-12T10:00:00.000Z');
    expect(taskOf()).not.toBe(first);
    expect(player.steps.at(-1)!.does.commands.some(({ step }) => step === 'undo-task')).toBe(false);
  });

  it('cancels its timer when the deal is reopened before the task is given', () => {
    player.happens(won, FRIDAY);
    player.happens(reopened, '2026-03-30T10:00:00.000Z');
    expect(player.steps.at(-1)!.does).toMatchObject({ commands: [], cancelTimers: ['begin'] });
    player.until('2026-05-01T00:00:00.000Z');
    expect(types()).toEqual(['FollowupPlanned', 'FollowupCancelled']);
  });

  it('notices at its next timer what it was not told', () => {
    for (const [task, end] of [
      [{ ...facts.task, status: 'completed' }, 'FollowupCompleted'],
      [{ ...facts.task, status: 'cancelled' }, 'FollowupCancelled'],
      [null, 'FollowupCancelled'],
    ] as const) {
      player = new SagaPlayer(saga, settingsOf.read(row), { ...facts, task });
      player.happens(won, FRIDAY);
      player.until('2026-05-01T00:00:00.000Z');
      expect(types().at(-1)).toBe(end);
    }
    player = new SagaPlayer(saga, settingsOf.read(row), {
      deal: { ...facts.deal, status: 'open' },
    });
    player.happens(won, FRIDAY);
    player.until('2026-05-01T00:00:00.000Z');
    expect(types()).toEqual(['FollowupPlanned', 'FollowupCancelled']);
  });

  it('ends with its task refused, cancelled or deleted, and with the deal', () => {
    const end = (type: string, data: object, record?: string) => {
      player = new SagaPlayer(saga, settingsOf.read(row), facts);
      player.happens(won, FRIDAY);
      player.until('2026-04-07T08:00:00.000Z');
      const of = record === 'task' ? taskOf() : dealId;
      player.happens({ type, data }, '2026-04-07T09:00:00.000Z', of);
      return (player.played.at(-1)!.step?.data as { reason?: string } | undefined)?.reason;
    };
    expect(end('FollowupCommandRefused', { step: 'task' })).toBe('task_refused');
    expect(end('FollowupCommandRefused', { step: 'manager' })).toBeUndefined();
    expect(end('TaskCancelled', {}, 'task')).toBe('task_cancelled');
    expect(end('TaskDeleted', {}, 'task')).toBe('task_gone');
    expect(end('DealDeleted', {})).toBe('deal_gone');
  });

  it('does nothing where follow-ups are switched off', () => {
    player.settings = settingsOf.read({ ...row, followUp: defaultFollowUp });
    expect(player.happens(won, FRIDAY)).toBeNull();
    expect(player.happens(reopened, FRIDAY)).toBeNull();
  });

  it('keeps the hours of the workspace through a year with both changes of the clocks', () => {
    const begun = new Set<string>();
    for (let day = 0; day < 365; day++) {
      player = new SagaPlayer(saga, settingsOf.read(row), facts);
      const at = new Date(Date.parse('2026-01-01T12:00:00Z') + day * 86_400_000).toISOString();
      player.happens(won, at);
      player.until('2028-01-01T00:00:00.000Z');
      expect(types()).toHaveLength(4);
      for (const { does } of player.steps) {
        for (const { name, dueAt } of does.timers) {
          const hour = new Intl.DateTimeFormat('en-GB', {
            timeZone: 'Europe/Zurich',
            hour: '2-digit',
            minute: '2-digit',
            weekday: 'short',
          }).format(new Date(dueAt));
          expect(hour).toMatch(name === 'escalate' ? /17:00$/ : /09:00$/);
          expect(hour).not.toMatch(/^(Sat|Sun)/);
          if (name === 'begin') begun.add(dueAt.slice(11, 16));
        }
      }
    }
    expect([...begun].sort()).toEqual(['07:00', '08:00']);
  });
});

describe('a saga whose rules change', () => {
  const changed = defineSaga({
    ...dealFollowUp,
    react: { ...dealFollowUp.react, 2: () => null },
  }) as unknown as AnySaga;

  it('R23 goes on by the rules it began with; a new instance takes the highest', () => {
    const old = new SagaPlayer(saga, settingsOf.read(row), facts);
    old.happens(won, FRIDAY);
    const later = new SagaPlayer(changed, settingsOf.read(row), facts);
    later.instance = old.instance;
    later.until('2026-04-07T08:00:00.000Z');
    expect(later.steps.map(({ type, does }) => [type, does.version])).toEqual([
      ['FollowupAssigned', 1],
    ]);
    expect(new SagaPlayer(changed, settingsOf.read(row), facts).happens(won, FRIDAY)).toBeNull();
  });

  it('R23 says so when the rules of an instance are gone', () => {
    const only = { ...dealFollowUp, react: { 2: () => null } } as unknown as AnySaga;
    const player = new SagaPlayer(saga, settingsOf.read(row), facts);
    player.happens(won, FRIDAY);
    const later = new SagaPlayer(only, settingsOf.read(row), facts);
    later.instance = player.instance;
    expect(() => later.until('2026-05-01T00:00:00.000Z')).toThrow(
      'version 1, whose rules are gone',
    );
  });
});
