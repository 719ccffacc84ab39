import type { EventDefinition, RecordedEvent } from '#kernel/event';
import type { ReadModel } from '#kernel/read-model';
import type { EventCodec } from '../event-store/codec.js';
import {
  comparePositions,
  parsePosition,
  type EventStore,
  type StoredEvent,
} from '../event-store/port.js';
import type { Queryable } from '../postgres/database.js';
import { Discards } from './discards.js';
import { decodeEach } from './feed-page.js';
import type { ModelTables } from './physical.js';
import { positionOf } from './places.js';
import { ReadAhead } from './read-ahead.js';
import { RecordProjection } from './record-projection.js';

export interface FillParts {
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly definition: (type: string) => EventDefinition;
}

/** A rebuild met an event it cannot apply, or another rebuild: nothing was swapped. */
export class RebuildError extends Error {}

/** Events of a batch, as many as a short transaction takes; at most twice as many. */
export const BATCH = 1000;
/** Pages looked through for a batch: the shadow's place is noted this often at least. */
const MOST_LOOKS = 8;

/** A page of the feed with the events of the model decoded. */
interface ReadPage {
  /** 0 where the feed had nothing more to look at. */
  readonly count: number;
  readonly own: readonly RecordedEvent[];
  /** Where the shadow stands after it. */
  readonly to: string;
}

/** Folds the log into the shadow tables of a read model, batch after batch. */
export class ShadowFill {
  private readonly projection: RecordProjection;
  private readonly ahead = new ReadAhead<ReadPage>();
  private discards: Discards | undefined;
  /** Events of the model that were applied so far. */
  events = 0;
  /** Events of a batch; fewer leave the process to others sooner. */
  batch = BATCH;

  constructor(
    private readonly parts: FillParts,
    private readonly model: ReadModel,
    shadow: ModelTables,
    private readonly processor: string,
  ) {
    this.projection = new RecordProjection(model, parts.definition, shadow);
  }

  /**
   * Applies the next batch, never beyond the target, in the caller's transaction. Answers where
   * the shadow stands then, or undefined when it had reached the target.
   */
  async advance(query: Queryable, target: string, tenantId?: string): Promise<string | undefined> {
    const from = (await positionOf(query, this.processor))!;
    if (comparePositions(from, target) >= 0) return undefined;
    // Nobody leaves out more while the model is being rebuilt.
    this.discards ??= await Discards.read(query, this.model.name);
    const read = (after: string) => () => this.read(after, target, tenantId);
    const { own, to } = await this.ahead.take(from, read(from));
    // Where it has to be gentle, it keeps one core busy and not two.
    if (to !== target && this.batch === BATCH) this.ahead.prepare(to, read(to));
    const [poison] = await this.projection.apply(query, own);
    if (poison) throw cannotApply(poison.event, poison.reason);
    this.events += own.length;
    const { epoch, xid, pos } = parsePosition(to);
    const old = parsePosition(from);
    const { rowCount } = await query.query(
      `UPDATE es_checkpoint SET epoch = $2, xid = $3::text::xid8, pos = $4,
         updated_at = clock_timestamp()
        WHERE processor = $1 AND (epoch, xid, pos) = ($5::int, $6::text::xid8, $7::bigint)`,
      [this.processor, ...[epoch, xid, pos, old.epoch, old.xid, old.pos].map(String)],
    );
    // Its lock was lost with a connection, and somebody else goes on.
    if (rowCount !== 1) throw new RebuildError(`${this.model.name} is rebuilt by another process.`);
    return to;
  }

  /**
   * Applies what each shard of the served rows is ahead of the shadow; its place is not noted,
   * because the shadow is swapped in or dropped in the same transaction.
   */
  async finish(
    query: Queryable,
    places: ReadonlyMap<number, string>,
    tenantId?: string,
  ): Promise<void> {
    const last = [...places.values()].sort(comparePositions).at(-1)!;
    const isDue = ({ position }: StoredEvent) =>
      comparePositions(position, places.get(parsePosition(position).shard)!) <= 0;
    this.discards ??= await Discards.read(query, this.model.name);
    let at = (await positionOf(query, this.processor))!;
    while (comparePositions(at, last) < 0) {
      const page = await this.read(at, last, tenantId, isDue);
      const [poison] = await this.projection.apply(query, page.own);
      if (poison) throw cannotApply(poison.event, poison.reason);
      this.events += page.own.length;
      at = page.to;
    }
  }

  /** Reads on until a batch is full; what concerns other models stays in the database. */
  private async read(
    after: string,
    target: string,
    tenantId?: string,
    isDue: (event: StoredEvent) => boolean = () => true,
  ): Promise<ReadPage> {
    const own: StoredEvent[] = [];
    let to = after;
    for (let looks = 0; looks < MOST_LOOKS && own.length < this.batch && to !== target; looks++) {
      const page = await this.parts.store.readFeed({
        after: to,
        // Ever further where others fill the log.
        limit: this.batch * 2 ** Math.min(looks, 2),
        categories: [this.model.category],
        ...(tenantId ? { tenantId } : {}),
      });
      const due = page.events.filter(
        (event) => comparePositions(event.position, target) <= 0 && isDue(event),
      );
      own.push(...due.filter((event) => !this.discards!.has(this.model.name, event)));
      const reached = page.caughtUp || comparePositions(page.position, target) >= 0;
      to = reached ? target : page.position;
    }
    return { count: to === after ? 0 : 1, own: await this.decode(own), to };
  }

  private async decode(events: readonly StoredEvent[]): Promise<readonly RecordedEvent[]> {
    const { decoded, failed } = await decodeEach(this.parts.codec, events);
    const [first] = failed;
    if (first) throw cannotApply(first.event, first.reason);
    return decoded;
  }
}

function cannotApply(event: RecordedEvent | StoredEvent, reason: string): RebuildError {
  const { type, position, streamId, version } = event;
  return new RebuildError(`${type} at ${position} (${streamId}, revision ${version}): ${reason}`);
}

/** How much of the way from one position to another is gone, from 0 to 1. */
export function shareOf(from: string, at: string, target: string): number {
  const [begin, now, end] = [from, at, target].map((one) => parsePosition(one).pos);
  const way = Number(end! - begin!);
  return way > 0 ? Math.max(0, Math.min(1, Number(now! - begin!) / way)) : 1;
}
