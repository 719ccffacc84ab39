import { comparePositions, parsePosition, SHARDS } from '../event-store/port.js';
import type { Queryable } from '../postgres/database.js';
import { shardOf } from './feed-page.js';
import { Fenced } from './fenced.js';
import { placeText, STAMP, withoutShard, type PlaceRow } from './places.js';

/** A checkpoint that is to be moved. */
export interface Move {
  readonly processor: string;
  readonly shard: number;
}

/** How often shards without events are noted as seen, while others have some. */
const NOTE_MS = 100;

/**
 * Where a worker stands in the feed: one place in memory for each shard it holds, and the stored
 * checkpoints of every read model, which only move with rows or, once a second, without. What all
 * read models have seen of a shard is noted with each batch, for who waits for it.
 */
export class WorkerPlaces {
  private readonly at = new Map<number, string>();
  private readonly stored = new Map<string, Map<number, string>>();
  private first: string | undefined;
  /** When places that only passed over events of others were stored last. */
  private flushed = Date.now();
  /** When all shards were noted as seen last. */
  private noted = 0;

  private constructor(
    readonly fences: ReadonlyMap<number, string>,
    private readonly stamp: string,
    rows: readonly PlaceRow[],
    known: ReadonlySet<string>,
  ) {
    for (const row of rows) {
      if (!fences.has(row.shard) || !known.has(row.processor)) continue;
      const place = placeText(row);
      const shards = this.stored.get(row.processor) ?? new Map<number, string>();
      this.stored.set(row.processor, shards.set(row.shard, place));
      const least = this.at.get(row.shard);
      if (!least || comparePositions(place, least) < 0) this.at.set(row.shard, place);
    }
  }

  static async load(
    query: Queryable,
    fences: ReadonlyMap<number, string>,
    known: ReadonlySet<string>,
  ): Promise<WorkerPlaces> {
    const { rows: stamps } = await query.query<{ stamp: string }>(`SELECT ${STAMP} AS stamp`);
    const { rows } = await query.query<PlaceRow>(
      `SELECT processor, shard, epoch, xid::text AS xid, pos FROM es_checkpoint WHERE shard >= 0`,
    );
    return new WorkerPlaces(fences, stamps[0]!.stamp, rows, known);
  }

  /** Shards to read; undefined for all of them. */
  get shards(): readonly number[] | undefined {
    return this.fences.size < SHARDS ? [...this.fences.keys()] : undefined;
  }

  /** The place to read on from: that of the shard furthest behind; undefined without any. */
  get least(): string | undefined {
    return (this.first ??= [...this.at.values()].sort(comparePositions)[0]);
  }

  get processors(): readonly string[] {
    return [...this.stored.keys()];
  }

  /** Whether a read model has not seen an event yet. */
  awaits(processor: string, position: string): boolean {
    const place = this.stored.get(processor)?.get(shardOf(position));
    return place !== undefined && comparePositions(place, position) < 0;
  }

  /**
   * Moves checkpoints in the transaction of their rows, or throws {@link Fenced}. Of the shards in
   * `seen` it is noted that all read models have seen them up to there.
   */
  async move(
    query: Queryable,
    moves: readonly Move[],
    to: string,
    seen: readonly number[] = [],
  ): Promise<void> {
    if (moves.length === 0) return;
    const next = parsePosition(to);
    const old = moves.map(({ processor, shard }) =>
      parsePosition(this.stored.get(processor)!.get(shard)!),
    );
    const { rows } = await query.query<{ moved: string }>(
      `WITH moved AS (
         UPDATE es_checkpoint c SET epoch = $1, xid = $2::text::xid8, pos = $3,
            updated_at = clock_timestamp()
           FROM unnest($4::text[], $5::smallint[], $6::bigint[], $7::int[], $8::text[], $9::bigint[])
             AS o(processor, shard, fence, epoch, xid, pos)
          WHERE c.processor = o.processor AND c.shard = o.shard AND c.fence = o.fence
            AND (c.epoch, c.xid, c.pos) = (o.epoch, o.xid::xid8, o.pos)
            AND $10::text = ${STAMP}
         RETURNING 1),
       passed AS (
         INSERT INTO es_passed AS p (shard, epoch, xid, pos, stamp)
         SELECT s, $1, $2::text::xid8, $3, $10 FROM unnest($11::smallint[]) AS s ORDER BY s
         ON CONFLICT (shard) DO UPDATE SET epoch = excluded.epoch, xid = excluded.xid,
             pos = excluded.pos, stamp = excluded.stamp
           WHERE p.stamp <> excluded.stamp
              OR (p.epoch, p.xid, p.pos) < (excluded.epoch, excluded.xid, excluded.pos))
       SELECT count(*) AS moved FROM moved`,
      [
        ...[next.epoch, next.xid, next.pos].map(String),
        moves.map(({ processor }) => processor),
        moves.map(({ shard }) => shard),
        moves.map(({ shard }) => this.fences.get(shard)!),
        old.map(({ epoch }) => String(epoch)),
        old.map(({ xid }) => String(xid)),
        old.map(({ pos }) => String(pos)),
        this.stamp,
        seen,
      ],
    );
    if (Number(rows[0]!.moved) !== moves.length) {
      throw new Fenced('a checkpoint belongs to another worker');
    }
  }

  /**
   * Shards to note as seen with a page: those with an event, and now and then all, since there was
   * nothing in the others.
   */
  seen(shards: ReadonlyMap<number, string>): readonly number[] {
    if (Date.now() - this.noted < NOTE_MS) return [...shards.keys()];
    this.noted = Date.now();
    return [...this.fences.keys()];
  }

  /** Moves of all read models, for shards whose events concern none of them. */
  unmoved(shards: ReadonlyMap<number, string>, moves: readonly Move[]): readonly Move[] {
    const moved = new Set(moves.map(({ shard }) => shard));
    return [...shards].flatMap(([shard, last]) =>
      moved.has(shard)
        ? []
        : this.processors
            .filter((processor) => this.awaits(processor, last))
            .map((processor) => ({ processor, shard })),
    );
  }

  /** Remembers what {@link move} has committed, and that everything up to there was seen. */
  passed(moves: readonly Move[], to: string): void {
    const place = withoutShard(to);
    for (const { processor, shard } of moves) this.stored.get(processor)!.set(shard, place);
    for (const [shard, at] of this.at) {
      if (comparePositions(at, place) < 0) this.at.set(shard, place);
    }
    this.first = undefined;
  }

  /** Checkpoints behind what was seen, where that has not been stored for so long. */
  unstored(milliseconds: number): { readonly moves: readonly Move[]; readonly to: string } {
    const to = this.least;
    if (to === undefined || Date.now() - this.flushed < milliseconds) return { moves: [], to: '' };
    this.flushed = Date.now();
    const moves = [...this.stored].flatMap(([processor, shards]) =>
      [...shards]
        .filter(([, place]) => comparePositions(place, to) < 0)
        .map(([shard]) => ({ processor, shard })),
    );
    return { moves, to };
  }
}
