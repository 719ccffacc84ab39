import { setTimeout as sleep } from 'node:timers/promises';
import { comparePositions, parsePosition } from '../event-store/port.js';
import type { Database } from '../postgres/database.js';
import { REACHED } from './places.js';

/** How many writes one read may wait for. */
const MAX_POSITIONS = 16;

/**
 * Positions of a caller, separated by commas: each names its shard, so that who has written, or
 * heard of, several changes waits for the last of each. Throws a RangeError where one is none.
 */
export function positionsOf(text: string): readonly string[] {
  const positions = text.split(',').map((one) => one.trim());
  if (positions.length > MAX_POSITIONS)
    throw new RangeError(`more than ${MAX_POSITIONS} positions`);
  for (const position of positions) parsePosition(position);
  return positions;
}

/** Waits until a read model has applied a position: reading one's own writes. */
export class PositionWaiter {
  constructor(private readonly database: Database) {}

  /** Position a shard of a read model has reached. */
  async reached(model: string, shard: number): Promise<string> {
    const { rows } = await this.database
      .pool('projector')
      .query<{ epoch: number; xid: string; pos: string }>({
        ...this.database.named('checkpoint'),
        text: `SELECT epoch, xid::text AS xid, pos FROM ${REACHED} r WHERE processor = $1 AND shard = $2`,
        values: [model, shard],
      });
    const row = rows[0];
    return row ? `${row.epoch}.${row.xid}.${row.pos}.0` : '0.0.0.0';
  }

  /**
   * True once the position is applied, false when the time has passed. A position names its shard,
   * and that one is waited for: of other shards, which other workers may hold, it says nothing.
   */
  async wait(model: string, position: string, milliseconds: number): Promise<boolean> {
    const end = Date.now() + milliseconds;
    const { shard } = parsePosition(position);
    for (let pause = 2; ; pause = Math.min(pause * 2, 40)) {
      if (comparePositions(await this.reached(model, shard), position) >= 0) return true;
      if (Date.now() + pause > end) return false;
      await sleep(pause);
    }
  }

  /** The same of several read models and positions. */
  async waitForAll(
    models: readonly { readonly name: string }[],
    positions: readonly string[],
    milliseconds: number,
  ): Promise<boolean> {
    const waits = models.flatMap(({ name }) =>
      positions.map((position) => this.wait(name, position, milliseconds)),
    );
    return (await Promise.all(waits)).every(Boolean);
  }
}
