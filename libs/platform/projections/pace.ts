import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { parsePosition } from '../event-store/port.js';
import { idleShare, processorTime, type ProcessorTime } from '../processors.js';
import { BATCH } from './shadow-fill.js';

/**
 * Events of a gentle step, some 20 ms of one core. Each step has a price whatever it carries: where
 * all wait for each other, smaller ones take as long and do less.
 */
const GENTLE_BATCH = 128;
/** After so many pages as PostgreSQL counts: some 40 MB a second go into the write-ahead log. */
const VACUUM_DELAY_MS = 2;
/** A rebuild goes through the log so many times as fast as that grows, or it would hardly end. */
const LEAD = 2;
/** With less of the processors' time left than that, pauses become longer. */
const ROOM = 0.35;
/** The longest pause, as a share of the step before it; the shortest while there is room is 1. */
const LONGEST = 8;
/** So long after somebody appended, others are about: who waits for the disk appends nothing either. */
const ABOUT_MS = 1000;
/** So often it looks whether that is right, and changes it by a quarter or by half. */
const LOOK_MS = 1000;
const [LONGER, SHORTER] = [1.25, 1.5];

/** How far the log and the shadow were, and when. */
interface Look {
  readonly time: number;
  readonly head: number;
  readonly reached: number;
  readonly processors: ProcessorTime;
}

/**
 * How fast a rebuild goes. Commands come first: while there are any, small steps on one core with
 * pauses leave half of the time to them, and more where the processors have hardly any left; else
 * it takes all it can get. Where the log grows about as fast as that, the pauses become shorter.
 */
export class Pace {
  private head: string | undefined;
  private begun = 0;
  /** When something was last seen to have been appended. */
  private grewAt = -Infinity;
  private isGentle = false;
  /** A pause, as a share of the step before it. */
  private share = 1;
  private last: Look | undefined;

  constructor(
    private readonly owner: pg.Client,
    private readonly always = false,
    private readonly processors: () => ProcessorTime = processorTime,
  ) {}

  /** The size of the next batch; `hurry` where it would not come up with what is appended. */
  async batch(hurry: boolean): Promise<number> {
    return (await this.begin(hurry)) ? GENTLE_BATCH : BATCH;
  }

  /** The pause after a batch that ended there. */
  async pause(reached: string): Promise<void> {
    if (!this.isGentle) return;
    await this.rest(this.share);
    this.look(Number(parsePosition(reached).pos));
  }

  /** Runs a statement that PostgreSQL would share among its workers, an index for example. */
  async statement(builder: pg.Client, text: string): Promise<void> {
    const gentle = await this.begin(false);
    await builder.query(
      `SET max_parallel_maintenance_workers = ${gentle ? 0 : 'DEFAULT'};
       SET vacuum_cost_delay = ${gentle ? VACUUM_DELAY_MS : 0}`,
    );
    await builder.query(text);
    // What came during a statement says nothing of the pace of steps.
    this.last = undefined;
    // The log grows meanwhile, and what has grown is dearer to apply once there are indexes.
    if (gentle) await this.rest(Math.min(1, this.share));
  }

  /** Waits for so many times as long as the step took. */
  private rest(share: number): Promise<void> {
    return sleep((performance.now() - this.begun) * share);
  }

  /** Compares what was done with what came meanwhile, now and then. */
  private look(reached: number): void {
    const time = performance.now();
    const { last } = this;
    if (last && time - last.time < LOOK_MS) return;
    const now = { time, head: Number(this.head), reached, processors: this.processors() };
    this.last = now;
    if (!last) return;
    const [done, came] = [now.reached - last.reached, now.head - last.head];
    if (done < LEAD * came) this.share /= SHORTER;
    else if (idleShare(last.processors, now.processors) < ROOM) {
      this.share = Math.min(LONGEST, this.share * LONGER);
    } else this.share = nearer(this.share, 1);
  }

  private async begin(hurry: boolean): Promise<boolean> {
    this.begun = performance.now();
    // Changes with every append.
    const { rows } = await this.owner.query<{ head: string }>(
      'SELECT last_value AS head FROM es_pos',
    );
    const { head } = rows[0]!;
    if (this.head !== undefined && this.head !== head) this.grewAt = this.begun;
    // Nobody knows before the first step.
    const isBusy = this.head === undefined || this.begun - this.grewAt < ABOUT_MS;
    this.isGentle = this.always || (isBusy && !hurry);
    this.head = head;
    return this.isGentle;
  }
}

/** A share that goes back to what is usual, from below as from above. */
function nearer(share: number, usual: number): number {
  return share > usual ? Math.max(usual, share / LONGER) : Math.min(usual, share * LONGER);
}
