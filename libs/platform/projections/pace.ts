import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { BATCH } from './shadow-fill.js';

/** Events that keep a process busy for some twenty milliseconds. */
const GENTLE_BATCH = 64;

/**
 * How fast a rebuild goes. Commands come first: while there are any, small steps on one core with
 * pauses leave half of the time to them; else it takes all it can get.
 */
export class Pace {
  private head: string | undefined;
  private begun = 0;
  private isGentle = false;

  constructor(
    private readonly owner: pg.Client,
    private readonly always = false,
  ) {}

  /** The size of the next batch; `hurry` where it would not come up with what is appended. */
  async batch(hurry: boolean): Promise<number> {
    return (await this.begin(hurry)) ? GENTLE_BATCH : BATCH;
  }

  /** Runs a statement that PostgreSQL would share among its workers, an index for example. */
  async statement(text: string): Promise<void> {
    const gentle = await this.begin(false);
    await this.owner.query(`SET max_parallel_maintenance_workers = ${gentle ? 0 : 'DEFAULT'}`);
    await this.owner.query(text);
    await this.pause();
  }

  /** The pause after a step, as long as it took. */
  async pause(): Promise<void> {
    if (this.isGentle) await sleep(performance.now() - this.begun);
  }

  private async begin(hurry: boolean): Promise<boolean> {
    this.begun = performance.now();
    // Changes with every append.
    const { rows } = await this.owner.query<{ head: string }>(
      'SELECT last_value AS head FROM es_pos',
    );
    const { head } = rows[0]!;
    const busy = !hurry && this.head !== undefined && this.head !== head;
    this.isGentle = this.always || busy;
    this.head = head;
    return this.isGentle;
  }
}
