import { defineEvent, type EventsOf } from '#kernel/event';
import { object, text, uuid } from '#kernel/fields';

const data = object({ scope: text(50), holder: uuid() });
const sample = { scope: 'user-email', holder: '01890a5d-ac96-774b-bcce-b302099a8057' };

/** A value only one record may hold; the value itself is an HMAC in the stream's name. */
export const reservationEvents = {
  taken: defineEvent({
    type: 'ReservationTaken',
    action: 'reserved',
    schema: data,
    samples: { 1: sample },
  }),
  released: defineEvent({
    type: 'ReservationReleased',
    action: 'released',
    schema: data,
    samples: { 1: sample },
  }),
};
export type ReservationEvent = EventsOf<typeof reservationEvents>;
