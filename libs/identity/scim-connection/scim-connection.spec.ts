import { describe, expect, it } from '@jest/globals';
import { scimConnectionLife } from '#event-schemas/identity/scim-connection.events';
import { given, SPEC_ID } from '#kernel/specification';
import { systemRoles } from '../access/roles.js';
import { scimConnectionCommands } from './commands.js';
import { scimConnection } from './scim-connection.js';

const command = (name: string) => scimConnectionCommands.find((one) => one.name === name)!;
const fields = { name: 'Hooli', ownerId: null, tags: [] };
const created = scimConnectionLife.fact('created', SPEC_ID, fields);
const archived = scimConnectionLife.fact('archived', SPEC_ID);

const admin = { grants: systemRoles.admin.grants };

describe('a SCIM connection', () => {
  const token = { expiresAt: '2027-01-15T10:00:00.000Z', formerUntil: null };

  it('keeps that it got a token, while it is not set aside', () => {
    const make = command('RecordScimToken');
    expect(given(scimConnection, [created]).when(make, token, admin).events).toEqual([
      { type: 'ScimTokenMade', data: { scimConnectionId: SPEC_ID, ...token } },
    ]);
    expect(given(scimConnection).when(make, token, admin).refusal?.code).toBe('NOT_FOUND');
    const aside = given(scimConnection, [created, archived]).when(make, token, admin);
    expect(aside.refusal?.code).toBe('RECORD_ARCHIVED');
  });

  it('is set up and given tokens by those alone who may do all that an administrator may', () => {
    const grants = { 'scimConnections:create': 'all', 'scimConnections:update': 'all' } as const;
    const less = { grants: { ...systemRoles.member.grants, ...grants } };
    const known = given(scimConnection, [created]);
    const answers = [
      given(scimConnection).when(command('CreateScimConnection'), { name: 'Hooli' }, less),
      known.when(command('ChangeScimConnection'), { defaultRole: 'admin' }, less),
      known.when(command('RecordScimToken'), token, less),
    ];
    for (const { refusal, events } of answers) {
      expect(refusal?.code).toBe('ADMINISTRATORS_ALONE');
      expect(events).toEqual([]);
    }
    const whole = { grants: { ...systemRoles.admin.grants } };
    expect(known.when(command('RecordScimToken'), token, whole).refusal).toBeUndefined();
  });

  it('keeps that its token was revoked, whatever became of it', () => {
    const revoke = command('RecordScimTokenRevocation');
    expect(given(scimConnection, [created, archived]).when(revoke, {}).events).toEqual([
      { type: 'ScimTokenRevoked', data: { scimConnectionId: SPEC_ID } },
    ]);
    expect(given(scimConnection).when(revoke, {}).refusal?.code).toBe('NOT_FOUND');
  });

  it('has no room for a secret in its events', () => {
    const names = scimConnection.events.flatMap(({ schema }) => Object.keys(schema.properties));
    expect(names.filter((name) => /secret|hash|^token$/i.test(name))).toEqual([]);
  });
});
