import type { EventCodec } from '../event-store/codec.js';
import type { EventStore } from '../event-store/port.js';
import type { Database } from '../postgres/database.js';

const SET_BY = ['TenantSandboxOpened', 'TenantTestClockAdvanced'];

/** The event that lets time pass in a sandbox. */
export const CLOCK_ADVANCED = 'TenantTestClockAdvanced';

/** The clocks of sandboxes: facts of the workspace, and a row that says which timers are due. */
export class TestClocks {
  /** A workspace is a sandbox from its first moment or never. */
  private readonly sandboxes = new Map<string, boolean>();

  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly codec: EventCodec,
  ) {}

  /** What the clock of a sandbox showed at a moment of the log; undefined in any other workspace. */
  async at(tenantId: string, knownAt: Date): Promise<Date | undefined> {
    if (this.sandboxes.get(tenantId) === false) return undefined;
    const stored = await this.store.readStream(tenantId, `tenant-${tenantId}`);
    const clocks = await this.codec.decode(stored.filter(({ type }) => SET_BY.includes(type)));
    if (stored.length > 0) this.sandboxes.set(tenantId, clocks.length > 0);
    const shown = clocks.filter(({ recordedAt }) => recordedAt <= knownAt).at(-1);
    return shown && new Date((shown.data as { readonly testClock: string }).testClock);
  }

  /** Makes the timers due that are due by then; a clock never runs back. */
  async show(tenantId: string, instant: Date): Promise<void> {
    await this.database.pool('projector').query(
      `INSERT INTO es_test_clock AS c (tenant_id, shows) VALUES ($1, $2)
       ON CONFLICT (tenant_id) DO UPDATE SET shows = greatest(c.shows, excluded.shows)`,
      [tenantId, instant],
    );
  }
}
