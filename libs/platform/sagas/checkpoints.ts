import { parsePosition } from '../event-store/port.js';
import type { Database, Queryable } from '../postgres/database.js';
import { Fenced } from '../projections/fenced.js';
import { withoutShard } from '../projections/places.js';

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

  /** Gives those that have none a place to begin, and answers which; the others keep theirs. */
  async declare(
    places: readonly { readonly name: string; readonly at: string }[],
  ): Promise<readonly string[]> {
    const begun: string[] = [];
    for (const { name, at } of places) {
      const { epoch, xid, pos } = parsePosition(at);
      const { rowCount } = await this.database.pool('projector').query(
        `INSERT INTO es_checkpoint (processor, version, shard, epoch, xid, pos)
         VALUES ($1, 1, ${ALL}, $2, $3::text::xid8, $4) ON CONFLICT DO NOTHING`,
        [name, String(epoch), String(xid), String(pos)],
      );
      if (rowCount) begun.push(name);
    }
    return begun;
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
      const place = withoutShard(to);
      for (const name of names) this.ahead.set(name, { from: stored(name), to: place });
      return;
    }
    const old = names.map(stored);
    const moved = (query: Queryable) => this.moveAll(query, old, names, to, fence);
    // Also where it fails: the answer may be lost after the commit, and then what is kept here
    // would be taken for the place in the table for ever.
    for (const name of names) this.ahead.delete(name);
    if (beside) {
      await this.database.transaction('projector', 'BEGIN', async (query) => {
        await moved(query);
        await beside(query);
      });
    } else await moved(this.database.pool('projector') as unknown as Queryable);
    this.written = Date.now();
  }

  /** Writes what is kept in memory only, once it has been for `wait`. */
  async flush(options: Pick<MoveOptions, 'fence' | 'wait'>): Promise<void> {
    for (const [name, { to }] of [...this.ahead]) {
      await this.move([name], to, to, { ...options, beside: undefined });
    }
  }

  /** One statement: the lock on the lease makes whoever takes it over wait until it is written. */
  private async moveAll(
    query: Queryable,
    from: readonly string[],
    names: readonly string[],
    to: string,
    fence: string,
  ): Promise<void> {
    const old = from.map(parsePosition);
    const next = parsePosition(to);
    const { rowCount } = await query.query(
      `WITH held AS MATERIALIZED (
         SELECT 1 FROM es_lease WHERE name = $1 AND fence = $2 FOR SHARE)
       UPDATE es_checkpoint c SET epoch = $3, xid = $4::text::xid8, pos = $5,
          updated_at = clock_timestamp()
         FROM unnest($6::text[], $7::int[], $8::text[], $9::bigint[]) AS o (name, epoch, xid, pos)
        WHERE EXISTS (SELECT 1 FROM held) AND c.processor = o.name AND c.shard = ${ALL}
          AND (c.epoch, c.xid, c.pos) = (o.epoch, o.xid::xid8, o.pos)`,
      [
        this.lease,
        fence,
        ...[next.epoch, next.xid, next.pos].map(String),
        names,
        old.map(({ epoch }) => String(epoch)),
        old.map(({ xid }) => String(xid)),
        old.map(({ pos }) => String(pos)),
      ],
    );
    if (rowCount !== names.length) throw new Fenced('another worker runs the sagas');
  }
}
