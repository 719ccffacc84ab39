import type { DemoCompany } from './customers.js';
import type { DemoDeal } from './deals.js';
import type { Dice } from './dice.js';
import type { History } from './history.js';
import { activitySubjects, noteTexts, taskTitles } from './names.js';

const TASKS = 170;
const NOTES = 130;
const ACTIVITIES = 190;
const priorities = ['low', 'medium', 'medium', 'high', 'urgent'] as const;

interface Subject {
  readonly relatedToType: 'company' | 'contact' | 'deal';
  readonly relatedToId: string;
  readonly from: Date;
  readonly until: Date;
}

/** What people do around the deals: tasks, notes and logged activities. */
export class WorkMaker {
  constructor(
    private readonly history: History,
    private readonly dice: Dice,
    private readonly people: readonly string[],
    private readonly companies: readonly DemoCompany[],
    private readonly deals: readonly DemoDeal[],
  ) {}

  make(): void {
    for (let n = 0; n < TASKS; n++) this.task(n);
    for (let n = 0; n < NOTES; n++) this.note(n);
    for (let n = 0; n < ACTIVITIES; n++) this.activity(n);
  }

  private subject(): Subject {
    const { dice } = this;
    const { end } = this.history.setting;
    if (dice.chance(0.6)) {
      const deal = dice.pick(this.deals);
      const until = deal.closedAt ?? end;
      return { relatedToType: 'deal', relatedToId: deal.id, from: deal.at, until };
    }
    const company = dice.pick(this.companies);
    if (dice.chance(0.4)) {
      const { id: relatedToId, at: from } = company;
      return { relatedToType: 'company', relatedToId, from, until: end };
    }
    const { id: relatedToId, at: from } = dice.pick(company.contacts);
    return { relatedToType: 'contact', relatedToId, from, until: end };
  }

  private task(n: number): void {
    const { history, dice } = this;
    const { end } = history.setting;
    const { from, until, ...related } = this.subject();
    const id = history.id(`task ${n}`);
    const at = dice.between(from, until);
    const [taskType, title] = dice.pick(taskTitles);
    const ownerId = dice.pick(this.people);
    const due = dice.later(at, 1, 15);
    const priority = dice.pick(priorities);
    const input = { title, taskType, priority, dueDate: due.toISOString(), ownerId, ...related };
    const needs = [ownerId, related.relatedToId];
    if (!history.add(at, 'CreateTask', id, input, needs)) return;
    if (dice.chance(0.25)) history.add(dice.later(at, 0, 1), 'StartTask', id);
    const last = history.last(id)!;
    const done = dice.later(
      last,
      0,
      Math.max(1, (due.getTime() - last.getTime()) / 86_400_000 + 3),
    );
    if (dice.chance(0.08)) {
      history.add(done, 'CancelTask', id);
    } else if (done <= end && dice.chance(0.85)) {
      history.add(done, 'CompleteTask', id, { completedAt: done.toISOString() });
      if (dice.chance(0.05)) history.add(dice.later(done, 1, 4), 'ReopenTask', id);
    }
  }

  private note(n: number): void {
    const { history, dice } = this;
    const { from, until, ...related } = this.subject();
    const id = history.id(`note ${n}`);
    const at = dice.between(from, until);
    const input = { content: dice.pick(noteTexts), ...related };
    if (!history.add(at, 'CreateNote', id, input, [related.relatedToId])) return;
    if (dice.chance(0.1)) history.add(dice.later(at, 0, 1), 'PinNote', id);
    if (dice.chance(0.08)) {
      const content = `${input.content}\n\nConfirmed on the phone.`;
      history.add(dice.later(history.last(id)!, 1, 9), 'ChangeNote', id, { content });
    }
  }

  private activity(n: number): void {
    const { history, dice } = this;
    const { from, until, ...related } = this.subject();
    const activityType = dice.pick(['call', 'call', 'email', 'email', 'meeting'] as const);
    const at = dice.between(from, until);
    const durationMinutes = activityType === 'email' ? {} : { durationMinutes: dice.whole(5, 90) };
    const input = {
      activityType,
      subject: dice.pick(activitySubjects[activityType]),
      happenedAt: at.toISOString(),
      direction: dice.pick(['inbound', 'outbound']),
      ...durationMinutes,
      ...related,
    };
    history.add(at, 'LogActivity', history.id(`activity ${n}`), input, [related.relatedToId]);
  }
}
