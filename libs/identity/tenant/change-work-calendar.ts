import { defineCommand, type Decision } from '#kernel/command';
import { object } from '#kernel/fields';
import { formerValues } from '#kernel/inverse';
import { changedFields } from '#kernel/record-rules';
import type { Refusal } from '#kernel/refusal';
import {
  workCalendar,
  type TenantEvent,
  type WorkCalendar,
} from '#event-schemas/identity/tenant.events';
import { refuse, requireOwn, type Existing } from './rules.js';
import { tenant } from './tenant.js';

/** Refuses a calendar in which no day, or no hour, is left to work in. */
function calendarProblem({ workingDays, opensAt, closesAt }: WorkCalendar): Refusal | undefined {
  if (workingDays.length === 0 || new Set(workingDays).size < workingDays.length) {
    return refuse('WORKING_DAYS_INVALID', {
      field: 'workingDays',
      rule: 'unique',
      message: 'workingDays names no day, or one of them twice.',
      remedy: 'Give each working day once, 1 for Monday to 7 for Sunday.',
      value: workingDays,
    });
  }
  if (opensAt < closesAt) return undefined;
  return refuse('WORKING_HOURS_INVALID', {
    field: 'closesAt',
    rule: 'after',
    message: `${closesAt} is not after ${opensAt}.`,
    remedy: 'Give a closesAt later than opensAt on the same day.',
    value: closesAt,
  });
}

export const changeWorkCalendar = defineCommand({
  name: 'ChangeWorkCalendar',
  description: 'Changes the working days, working hours or holidays of the workspace.',
  aggregate: tenant,
  permission: 'tenant:update',
  rest: { method: 'PATCH', path: '/tenant/work-calendar' },
  input: object(workCalendar.change),
  decide(command, state, ctx): Decision<TenantEvent> {
    const refused = requireOwn(state, ctx);
    if (refused) return refused;
    const before = (state as Existing).workCalendar;
    const changes = changedFields({ ...before }, command, Object.keys(workCalendar.required));
    const problem = calendarProblem({ ...before, ...changes });
    if (problem) return problem;
    if (Object.keys(changes).length === 0) return [];
    return [{ type: 'TenantWorkCalendarChanged', data: { tenantId: ctx.id, ...changes } }];
  },
  inverse: {
    undoneBy: 'ChangeWorkCalendar',
    input: ({ before, events }) => formerValues(events[0]!.data, (before as Existing).workCalendar),
  },
});
