import { describe, expect, it } from '@jest/globals';
import type { UserEvent } from '#event-schemas/identity/user.events';
import type { Row } from '#kernel/read-model';
import { SPEC_ID, SPEC_TENANT } from '#kernel/specification';
import { users } from './users.js';

const at = new Date('2026-01-15T10:00:00.000Z');
const fold = (...events: readonly UserEvent[]) =>
  events.reduce<Row | null>(
    (row, event) => users.evolve(row, { ...event, envelope: { occurredAt: at } as never }),
    null,
  );
const userId = SPEC_ID;
const created: UserEvent = {
  type: 'UserCreated',
  data: {
    userId,
    firstName: 'Gavin',
    lastName: 'Belson',
    email: 'gavin@hooli.com',
    role: 'admin',
    status: 'active',
  },
};
const verified: UserEvent = { type: 'UserEmailVerified', data: { userId } };
const deactivated: UserEvent = { type: 'UserDeactivated', data: { userId } };

describe('users', () => {
  it('show a new person with every column, named in full', () => {
    const row = fold(created);
    expect(row).toMatchObject({
      fullName: 'Gavin Belson',
      role: 'admin',
      status: 'active',
      isActive: true,
      isVerified: false,
      lastLoginAt: null,
      phone: null,
    });
    expect(Object.keys(row!).sort()).toEqual(
      [...Object.keys(users.columns), 'archivedAt', 'deletedAt'].sort(),
    );
  });

  it('follow names, and forget the proof of an address that was given up', () => {
    const renamed: UserEvent = { type: 'UserChanged', data: { userId, lastName: 'Hooli' } };
    expect(fold(created, verified, renamed)).toMatchObject({
      fullName: 'Gavin Hooli',
      isVerified: true,
    });
    const recased: UserEvent = { type: 'UserChanged', data: { userId, email: 'Gavin@hooli.com' } };
    expect(fold(created, verified, recased)).toMatchObject({ isVerified: true });
    const moved: UserEvent = { type: 'UserChanged', data: { userId, email: 'gb@hooli.com' } };
    expect(fold(created, verified, moved)).toMatchObject({
      email: 'gb@hooli.com',
      isVerified: false,
    });
  });

  it('put deactivated people aside and bring them back as they were', () => {
    expect(fold(created, deactivated)).toMatchObject({
      status: 'deactivated',
      isActive: false,
      archivedAt: at.toISOString(),
    });
    const back: UserEvent = { type: 'UserReactivated', data: { userId, status: 'invited' } };
    expect(fold(created, deactivated, back)).toMatchObject({
      status: 'invited',
      isActive: false,
      archivedAt: null,
    });
  });

  it('know the last sign-in, and no failure changes the row', () => {
    const signedIn: UserEvent = {
      type: 'UserSignedIn',
      data: { userId, sessionId: SPEC_TENANT, method: 'password' },
    };
    const failed: UserEvent = {
      type: 'UserSignInFailed',
      data: { userId, reason: 'wrong_password' },
    };
    expect(fold(created, signedIn)).toMatchObject({ lastLoginAt: at.toISOString() });
    expect(fold(created, failed)).toEqual(fold(created));
  });
});
