import { describe, expect, it } from '@jest/globals';
import { scimConnectionLife } from '#event-schemas/identity/scim-connection.events';
import { given, SPEC_ID } from '#kernel/specification';
import { scimConnectionCommands } from './commands.js';
import { scimConnection } from './scim-connection.js';

const command = (name: string) => scimConnectionCommands.find((one) => one.name === name)!;
const fields = { name: 'Hooli', ownerId: null, tags: [] };
const created = scimConnectionLife.fact('created', SPEC_ID, fields);
const archived = scimConnectionLife.fact('archived', SPEC_ID);

describe('a SCIM connection', () => {
  const token = { expiresAt: '2027-01-15T10:00:00.000Z', formerUntil: null };

  it('keeps that it got a token, while it is not set aside', () => {
    const make = command('RecordScimToken');
    expect(given(scimConnection, [created]).when(make, token).events).toEqual([
      { type: 'ScimTokenMade', data: { scimConnectionId: SPEC_ID, ...token } },
    ]);
    expect(given(scimConnection).when(make, token).refusal?.code).toBe('NOT_FOUND');
    const aside = given(scimConnection, [created, archived]).when(make, token);
    expect(aside.refusal?.code).toBe('RECORD_ARCHIVED');
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
