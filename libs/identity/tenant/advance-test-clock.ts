import { defineCommand, type Decision } from '#kernel/command';
import { instant, object } from '#kernel/fields';
import type { TenantEvent } from '#event-schemas/identity/tenant.events';
import { refuse, requireOwn, type Existing } from './rules.js';
import { tenant } from './tenant.js';

const MOST = 2 * 366 * 86_400_000;

export const advanceTestClock = defineCommand({
  name: 'AdvanceTestClock',
  description: 'Lets time pass in a sandbox: timers due by then fire, in their order.',
  aggregate: tenant,
  permission: 'testClock:update',
  rest: { method: 'POST', path: '/test-clock/advance' },
  input: object({
    to: instant({
      description: 'What the clock is to show; later than now, by two years at most.',
    }),
  }),
  decide({ to }, state, ctx): Decision<TenantEvent> {
    const refused = requireOwn(state, ctx);
    if (refused) return refused;
    const { testClock } = state as Existing;
    if (testClock === null) {
      return refuse('NOT_A_SANDBOX', {
        rule: 'sandbox',
        message: 'This workspace is no sandbox; its clock is the real one.',
        remedy: 'Make one with `clientforge tenants create --sandbox` and advance its clock.',
      });
    }
    const [from, until] = [new Date(testClock), new Date(to)];
    if (until <= from || until.getTime() - from.getTime() > MOST) {
      return refuse('CLOCK_RUNS_FORWARD', {
        field: 'to',
        rule: 'forward',
        message: `The clock shows ${testClock}.`,
        remedy: 'Give a later instant, no more than two years ahead.',
        value: to,
      });
    }
    const data = { tenantId: ctx.id, testClock: until.toISOString() };
    return [{ type: 'TenantTestClockAdvanced', data }];
  },
  inverse: { irreversible: 'Time runs forward only: what was due by then has happened.' },
});
