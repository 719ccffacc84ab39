import { defineCommand, type Decision } from '#kernel/command';
import { integer, object } from '#kernel/fields';
import type { UserEvent } from '#event-schemas/identity/user.events';
import { requireEnabled } from './rules.js';
import { user } from './user.js';

export const recordRecoveryCodes = defineCommand({
  name: 'RecordRecoveryCodes',
  description: 'Keeps that a person got new recovery codes, which replace those before.',
  aggregate: user,
  permission: 'users:record',
  internal: true,
  rest: { method: 'POST', path: '/users/:id/recovery-codes' },
  input: object({ count: integer(1, 10) }),
  decide(command, state, ctx): Decision<UserEvent> {
    const refused = requireEnabled(state);
    if (refused) return refused;
    return [{ type: 'UserRecoveryCodesIssued', data: { userId: ctx.id, ...command } }];
  },
  inverse: { irreversible: 'The former codes are not known to anybody.' },
});
