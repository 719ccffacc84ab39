import { describe, expect, it } from '@jest/globals';
import type { Aggregate } from './aggregate.js';
import { defineCommand, guarded, recordOf, stateOf } from './command.js';
import { object } from './fields.js';
import { given, SPEC_TENANT } from './specification.js';

const light: Aggregate<string> = {
  category: 'light',
  stateVersion: 1,
  initial: 'off',
  events: [],
  evolve: (_state, event) => event.type,
  status: () => 'active',
};

describe('facts', () => {
  it('are guarded where the decision must not outlive them', () => {
    expect(guarded(stateOf(light, 'a'))).toEqual({
      kind: 'state',
      aggregate: light,
      id: 'a',
      guard: true,
    });
    expect(stateOf(light, 'a').guard).toBeUndefined();
    expect(() => guarded(recordOf('light', 'a'))).toThrow('only a state of the tenant itself');
  });

  it('may depend on who calls', () => {
    const command = defineCommand({
      name: 'SwitchOn',
      description: 'Switches a light on.',
      input: object({}),
      aggregate: light,
      permission: 'lights:update',
      internal: true,
      rest: { method: 'POST', path: '/lights/:id/on' },
      facts: (_command, _state, { actor }) => ({ caller: stateOf(light, actor.id) }),
      decide: (_command, _state, { tenantId }) => [{ type: tenantId, data: {} }],
      inverse: { irreversible: 'A light has no other command.' },
    });
    const caller = { tenantId: SPEC_TENANT, actor: { type: 'system', id: 'timer' }, id: 'a' };
    expect(command.facts!({}, 'off', caller as never).caller).toEqual(stateOf(light, 'timer'));
    expect(given(light).when(command, {}, { actor: caller.actor as never }).state).toBe(
      SPEC_TENANT,
    );
  });
});
