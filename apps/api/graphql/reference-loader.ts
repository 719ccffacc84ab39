import type { RequestContext } from '#kernel/context';
import { isUuid } from '#kernel/ids';
import type { ReadModel, Row } from '#kernel/read-model';
import { isRefusal } from '#kernel/refusal';
import type { Platform } from '#platform/platform';
import type { ReadTimes } from '#platform/projections/reader';

type Past = Pick<ReadTimes, 'asOf' | 'knownAt'>;

interface Batch {
  readonly ids: Set<string>;
  readonly rows: Promise<ReadonlyMap<string, Row>>;
}

/**
 * Reads the records that rows refer to: all ids of a model that are asked for at once in one
 * statement. Nothing is kept beyond that, so a later mutation of the request is seen.
 */
export class ReferenceLoader {
  private readonly batches = new Map<string, Batch>();

  constructor(
    private readonly platform: Platform,
    private readonly caller: RequestContext,
  ) {}

  /** The record, or null when it does not exist, is not visible or there is no id. */
  async load(model: ReadModel, id: unknown, times: Past = {}): Promise<Row | null> {
    if (!isUuid(id)) return null;
    const lower = id.toLowerCase();
    const key = [model.name, times.asOf?.toISOString(), times.knownAt?.toISOString()].join('/');
    let batch = this.batches.get(key);
    if (!batch) {
      const ids = new Set<string>();
      batch = { ids, rows: this.collect(key, model, ids, times) };
      this.batches.set(key, batch);
    }
    batch.ids.add(lower);
    return (await batch.rows).get(lower) ?? null;
  }

  /** Waits until nothing more is asked for in this turn, then reads. */
  private async collect(key: string, model: ReadModel, ids: Set<string>, times: Past) {
    await new Promise((resolve) => setImmediate(resolve));
    this.batches.delete(key);
    const rows = await this.read(model, [...ids], times);
    return new Map(rows.map((row) => [row['id'] as string, row]));
  }

  private async read(model: ReadModel, ids: readonly string[], times: Past) {
    const { reader } = this.platform;
    if (!times.asOf && !times.knownAt) return reader.many(this.caller, model, ids);
    if (!model.temporal) return [];
    const page = await reader.list(this.caller, model, {
      filters: [{ field: 'id', operator: 'in', values: ids }],
      sort: [{ field: 'id', descending: false }],
      limit: ids.length,
      offset: 0,
      archived: 'include',
      deleted: 'include',
      exactCount: false,
      ...times,
    });
    return isRefusal(page) ? [] : page.rows;
  }
}
