import { isUuid } from '#kernel/ids';
import type { Queryable } from '../postgres/database.js';
import { comparePlaces, type Entry, type Place } from './seal.js';

const PAGE = 2_000;

interface Row {
  stream_id: string;
  version: string;
  hash: string;
  place: string;
}

/** Reads a tenant's events in feed order, once, in the transaction it was opened in. */
export class EntryCursor {
  private page: readonly Entry[] = [];
  private next = 0;
  private ended = false;

  private constructor(
    private readonly query: Queryable,
    private readonly seen: (events: number) => void,
  ) {}

  static async open(
    query: Queryable,
    tenantId: string,
    seen: (events: number) => void,
  ): Promise<EntryCursor> {
    if (!isUuid(tenantId)) throw new TypeError('not a tenant id');
    // All of it will be read: whether the feed's index or a sort is faster is known to the planner.
    await query.query('SET LOCAL cursor_tuple_fraction = 1');
    await query.query(
      `DECLARE entries NO SCROLL CURSOR FOR
        SELECT e.stream_id, e.version, encode(e.hash, 'hex') AS hash,
          concat_ws('.', e.epoch, e.xid, e.pos) AS place
          FROM es_event e WHERE e.tenant_id = '${tenantId}' ORDER BY e.epoch, e.xid, e.pos`,
    );
    return new EntryCursor(query, seen);
  }

  /** Events up to and including a place. */
  async *take(to: Place): AsyncGenerator<Entry> {
    for (let entry = await this.peek(); entry; entry = await this.peek()) {
      if (comparePlaces(entry.place, to) > 0) return;
      this.next += 1;
      yield entry;
    }
  }

  /** Passes over events, up to a place or to the end, and counts them. */
  async skip(to?: Place): Promise<number> {
    let count = 0;
    for (let entry = await this.peek(); entry; entry = await this.peek()) {
      if (to && comparePlaces(entry.place, to) > 0) break;
      this.next += 1;
      count += 1;
    }
    return count;
  }

  private async peek(): Promise<Entry | undefined> {
    if (this.next === this.page.length && !this.ended) {
      const { rows } = await this.query.query<Row>(`FETCH ${PAGE} FROM entries`);
      this.page = rows.map((row) => ({
        streamId: row.stream_id,
        version: Number(row.version),
        hash: row.hash,
        place: row.place,
      }));
      this.next = 0;
      this.ended = rows.length < PAGE;
      this.seen(rows.length);
    }
    return this.page[this.next];
  }
}
