import { parsePosition, START } from '../event-store/port.js';
import type { Database, Queryable } from '../postgres/database.js';

/** The lease belongs to somebody else now, or a checkpoint was moved: nothing was written. */
export class Fenced extends Error {}

/** Shards a saga reads: all of them; apart from the read models', which have rows to write. */
const ALL = -10;

export interface MoveOptions {
  /** The lease under which the events were handled. */
  readonly fence: string;
  /** Milliseconds for which the place may be kept in memory only. */
  readonly wait: number;
  /** What is written in the same transaction. */
  readonly beside?: ((query: Queryable) => Promise<void>) | undefined;
}

/** How far each saga has read, written only by whoever holds the lease. */
export class Checkpoints {
  /** Places ahead of the table, where only events of others were passed over. */
  private readonly ahead = new Map<string, { from: string; to: string }>();
  private written = 0;

  constructor(
    private readonly database: Database,
    private readonly lease: string,
  ) {}

  /** Gives those that have none a place to begin; the others keep theirs. */
  async declare(
    places: readonly { name: string; from: 'present' | 'start'; head: string }[],
  ): Promise<void> {
    for (const { name, from, head } of places) {
      const { epoch, xid, pos } = parsePosition(from === 'start' ? START : head);
      await this.database.pool('projector').query(
        `INSERT INTO es_checkpoint (processor, version, shard, epoch, xid, pos)
         VALUES ($1, 1, ${ALL}, $2, $3::text::xid8, $4) ON CONFLICT DO NOTHING`,
        [name, String(epoch), String(xid), String(pos)],
      );
    }
  }

  async read(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { rows } = await this.database
      .pool('projector')
      .query<{ processor: string; place: string }>(
        `SELECT processor, concat_ws('.', epoch, xid, pos, 0) AS place FROM es_checkpoint
          WHERE shard = ${ALL} AND processor = ANY ($1)`,
        [names],
      );
    return new Map(
      rows.map(({ processor, place }) => {
        const known = this.ahead.get(processor);
        return [processor, known?.from === place ? known.to : place];
      }),
    );
  }

  /** Moves checkpoints from one place to the next, or throws {@link Fenced}. */
  async move(
    names: readonly string[],
    from: string,
    to: string,
    { fence, wait, beside }: MoveOptions,
  ): Promise<void> {
    const stored = (name: string) => {
      const known = this.ahead.get(name);
      return known?.to === from ? known.from : from;
    };
    if (!beside && Date.now() - this.written < wait) {
      // A checkpoint names no shard.
      const place = to.replace(/\.\d+$/, '.0');
      for (const name of names) this.ahead.set(name, { from: stored(name), to: place });
      return;
    }
    await this.database.transaction('projector', 'BEGIN', async (query) => {
      const { rowCount } = await query.query(
        'SELECT 1 FROM es_lease WHERE name = $1 AND fence = $2 FOR SHARE',
        [this.lease, fence],
      );
      if (!rowCount) throw new Fenced('another worker runs the sagas');
      for (const name of names) await this.moveOne(query, name, stored(name), to);
      await beside?.(query);
    });
    this.written = Date.now();
    for (const name of names) this.ahead.delete(name);
  }

  private async moveOne(query: Queryable, name: string, from: string, to: string): Promise<void> {
    const [old, next] = [parsePosition(from), parsePosition(to)];
    const { rowCount } = await query.query(
      `UPDATE es_checkpoint SET epoch = $1, xid = $2::text::xid8, pos = $3,
          updated_at = clock_timestamp()
        WHERE processor = $4 AND shard = ${ALL}
          AND (epoch, xid, pos) = ($5::int, $6::text::xid8, $7::bigint)`,
      [
        ...[next.epoch, next.xid, next.pos].map(String),
        name,
        ...[old.epoch, old.xid, old.pos].map(String),
      ],
    );
    if (rowCount !== 1) throw new Fenced('a checkpoint was moved by another worker');
  }
}
