import type { EventOf } from '#kernel/event';
import { SPEC_ID } from '#kernel/specification';
import type { userEventTable } from '#event-schemas/identity/user.events';

type Created = EventOf<(typeof userEventTable)['created']>;

export const userId = SPEC_ID;

/** The product itself as caller. */
export const system = { actor: { type: 'system', id: 'sign-in' } } as const;

/** A person who exists: an active member unless told otherwise. */
export function person(data: Partial<Created['data']> = {}): Created {
  return {
    type: 'UserCreated',
    data: {
      userId,
      firstName: 'Gavin',
      lastName: 'Belson',
      email: 'gavin@hooli.com',
      role: 'member',
      status: 'active',
      ...data,
    },
  };
}
