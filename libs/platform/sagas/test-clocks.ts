import type { EventCodec } from '../event-store/codec.js';
import type { EventStore } from '../event-store/port.js';
import type { Database } from '../postgres/database.js';

const SET_BY = ['TenantSandboxOpened', 'TenantTestClockAdvanced'];

/** The event that lets time pass in a sandbox. */
export const CLOCK_ADVANCED = 'TenantTestClockAdvanced';

/** What a clock showed from a moment on. */
interface Shown {
  readonly recordedAt: Date;
  readonly testClock: Date;
}

interface Known {
  /** Revision of the workspace's stream up to which this was read. */
  readonly revision: number;
  readonly shown: readonly Shown[];
}

/** The clocks of sandboxes: facts of the workspace, and a row that says which timers are due. */
export class TestClocks {
  /** A workspace is a sandbox from its first moment or never. */
  private readonly real = new Set<string>();
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly codec: EventCodec,
  ) {}

  /** What the clock of a sandbox showed at a moment of the log; undefined in any other workspace. */
  async at(tenantId: string, knownAt: Date): Promise<Date | undefined> {
    if (this.real.has(tenantId)) return undefined;
    const known = this.known.get(tenantId);
    const last = known?.shown.at(-1);
    // Facts are recorded in order: what is earlier than the last one known is known.
    const shown = last && knownAt < last.recordedAt ? known!.shown : await this.read(tenantId);
    return shown.findLast(({ recordedAt }) => recordedAt <= knownAt)?.testClock;
  }

  /** Reads on from where it was left off. */
  private async read(tenantId: string): Promise<readonly Shown[]> {
    const { revision, shown } = this.known.get(tenantId) ?? { revision: 0, shown: [] };
    const stored = await this.store.readStream(tenantId, `tenant-${tenantId}`, {
      from: revision + 1,
    });
    const found = await this.codec.decode(stored.filter(({ type }) => SET_BY.includes(type)));
    const more = found.map(({ recordedAt, data }) => ({
      recordedAt,
      testClock: new Date((data as { readonly testClock: string }).testClock),
    }));
    const all = [...shown, ...more];
    const read = stored.at(-1)?.version ?? revision;
    if (all.length > 0) this.known.set(tenantId, { revision: read, shown: all });
    else if (read > 0) this.real.add(tenantId);
    return all;
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
