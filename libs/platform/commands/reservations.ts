import { PLATFORM_TENANT } from '#kernel/ids';
import type { Reservation } from '#kernel/command';
import type { ReservationEvent } from '#event-schemas/platform/reservation.events';
import type { EventCodec } from '../event-store/codec.js';
import type { KeyRing } from '../event-store/key-ring.js';
import type { EventStore } from '../event-store/port.js';

/** Scopes that are unique over the whole platform, not per tenant. */
const PLATFORM_SCOPES: readonly string[] = ['workspace-slug'];

export interface ReservationState {
  readonly tenantId: string;
  readonly streamId: string;
  readonly revision: number;
  readonly holder: string | null;
  /** Everybody who holds it, where there are several places. */
  readonly holders: ReadonlySet<string>;
}

/** Unique values: one stream per value, its name an HMAC, its events who holds it. */
export class Reservations {
  constructor(
    private readonly store: EventStore,
    private readonly codec: EventCodec,
    private readonly keys: KeyRing,
  ) {}

  /** Who holds a value now, and where the next event on it goes. */
  async find(tenantId: string, { scope, value }: Reservation): Promise<ReservationState> {
    const owner = PLATFORM_SCOPES.includes(scope) ? PLATFORM_TENANT : tenantId;
    const digest = await this.keys.digest(owner, 'reservation', `${scope}:${value}`);
    const streamId = `reservation-${digest}`;
    const { events } = await this.store.load(owner, streamId);
    const all = (await this.codec.decode(events)) as unknown as readonly ReservationEvent[];
    const last = all.at(-1);
    const holder = last?.type === 'ReservationTaken' ? last.data.holder : null;
    const holders = new Set<string>();
    for (const { type, data } of all) {
      if (type === 'ReservationTaken') holders.add(data.holder);
      else holders.delete(data.holder);
    }
    return { tenantId: owner, streamId, revision: events.length, holder, holders };
  }
}
