import { object, text, Type } from '#kernel/fields';
import type { Row } from '#kernel/read-model';
import type { WorkTimes } from '#kernel/work-calendar';
import type { SagaSettings } from '#kernel/saga';
import {
  followUpSettings,
  workCalendar,
  type FollowUpSettings,
} from '#event-schemas/identity/tenant.events';

export interface Settings {
  readonly followUp: FollowUpSettings;
  readonly times: WorkTimes;
}

/** Settings of the workspace that decide when a follow-up does what. */
export const settings: SagaSettings<Settings> = {
  record: 'tenant',
  schema: object({
    followUp: Type.Partial(object(followUpSettings.required)),
    ...workCalendar.change,
    timeZone: Type.Optional(text(64)),
  }),
  read(row: Row) {
    const { timeZone, workingDays, holidays, opensAt, closesAt } = row as unknown as WorkTimes;
    return {
      followUp: row['followUp'] as FollowUpSettings,
      times: { timeZone, workingDays, holidays, opensAt, closesAt },
    };
  },
};
