import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { parsePosition } from '../event-store/port.js';
import { BATCH } from './shadow-fill.js';

/** How long a gentle step keeps a core busy. */
const STEP_MS = 20;
/** After so many pages as PostgreSQL counts: some 40 MB a second go into the write-ahead log. */
const VACUUM_DELAY_MS = 2;
/** A rebuild goes through the log so many times as fast as that grows, or it would hardly end. */
const LEAD = 2n;
/** So often it looks whether it does. */
const LOOK_MS = 1000;
/** Events of a gentle step: to begin with, and as it turns out to be fast or slow. */
const GENTLE_BATCH = { first: 64, least: 8, most: 128 };

/** How far the log and the shadow were, and when. */
interface Look {
  readonly time: number;
  readonly head: bigint;
  readonly reached: bigint;
}

/**
 * How fast a rebuild goes. Commands come first: while there are any, small steps on one core with
 * pauses leave half of the time to them; else it takes all it can get. Where the log grows about as
 * fast as that, the pauses become shorter.
 */
export class Pace {
  private head: string | undefined;
  private begun = 0;
  private isGentle = false;
  private size = GENTLE_BATCH.first;
  /** A pause, as a share of the step before it. */
  private share = 1;
  private last: Look | undefined;

  constructor(
    private readonly owner: pg.Client,
    private readonly always = false,
  ) {}

  /** The size of the next batch; `hurry` where it would not come up with what is appended. */
  async batch(hurry: boolean): Promise<number> {
    return (await this.begin(hurry)) ? this.size : BATCH;
  }

  /** The pause after a batch that ended there; the next one is as large as fits. */
  async pause(reached: string): Promise<void> {
    const took = await this.rest();
    if (took === undefined) return;
    this.look(parsePosition(reached).pos);
    const fits = Math.round((this.size * STEP_MS) / took);
    this.size = Math.max(GENTLE_BATCH.least, Math.min(GENTLE_BATCH.most, fits));
  }

  /** Runs a statement that PostgreSQL would share among its workers, an index for example. */
  async statement(text: string): Promise<void> {
    const gentle = await this.begin(false);
    await this.owner.query(
      `SET max_parallel_maintenance_workers = ${gentle ? 0 : 'DEFAULT'};
       SET vacuum_cost_delay = ${gentle ? VACUUM_DELAY_MS : 0}`,
    );
    await this.owner.query(text);
    await this.rest();
  }

  /** Where it is gentle, waits as long as the step took at most, and tells how long that was. */
  private async rest(): Promise<number | undefined> {
    if (!this.isGentle) return undefined;
    const took = performance.now() - this.begun;
    await sleep(took * this.share);
    return took;
  }

  /** Compares what was done with what came meanwhile, now and then. */
  private look(reached: bigint): void {
    const now: Look = { time: performance.now(), head: BigInt(this.head ?? 0), reached };
    const { last } = this;
    if (last && now.time - last.time < LOOK_MS) return;
    this.last = now;
    if (!last) return;
    const [done, came] = [now.reached - last.reached, now.head - last.head];
    if (done < LEAD * came) this.share /= 2;
    else if (done > 2n * LEAD * came) this.share = Math.min(1, this.share * 2);
  }

  private async begin(hurry: boolean): Promise<boolean> {
    this.begun = performance.now();
    // Changes with every append.
    const { rows } = await this.owner.query<{ head: string }>(
      'SELECT last_value AS head FROM es_pos',
    );
    const { head } = rows[0]!;
    // Nobody knows before the first step.
    const busy = !hurry && this.head !== head;
    this.isGentle = this.always || busy;
    this.head = head;
    return this.isGentle;
  }
}
