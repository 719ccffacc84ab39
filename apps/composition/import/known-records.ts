import { fold, streamId, type Aggregate, type RecordStatus } from '#kernel/aggregate';
import { digestId } from '#kernel/ids';
import { START } from '#platform/event-store/port';
import type { BulkMemory } from '#platform/commands/memory';
import type { Platform } from '#platform/platform';

/** A key as it is compared: accents composed, without regard to case and repeated spaces. */
export function keyOf(text: string): string {
  return text.normalize('NFC').trim().replaceAll(/\s+/g, ' ').toLowerCase();
}

/** What a record is recognised by: the fields, and their values. */
export function keyName(fields: readonly string[], values: readonly unknown[]): string {
  return [fields.join(','), ...values.map((value) => JSON.stringify(value))].join('\u001f');
}

/** The records of an import: their ids by key, and what the log says about them. */
export class KnownRecords {
  private readonly ids = new Map<string, Promise<string>>();
  /** What this import did to records before it was interrupted, as far as they were read lately. */
  private before: Map<string, 'created' | 'changed'> | undefined;

  constructor(
    private readonly platform: Platform,
    private readonly tenantId: string,
    private readonly memory: BulkMemory,
    private readonly importId: string,
  ) {}

  /** Tells of records read from now on what this import has done to them before. */
  recollect(): void {
    this.before = new Map();
  }

  /** What this import did to a record before it was interrupted. */
  done(record: string, id: string): 'created' | 'changed' | undefined {
    return this.before?.get(streamId(record, id));
  }

  /** The id of the record with this key: the same in every import of the tenant. */
  id(record: string, key: string): Promise<string> {
    const name = `${record}\u001f${keyOf(key)}`;
    let id = this.ids.get(name);
    if (!id) {
      if (this.ids.size > 50_000) this.ids.clear();
      id = this.platform.keys.digest(this.tenantId, 'upsert', name).then(digestId);
      this.ids.set(name, id);
    }
    return id;
  }

  /** Where the record is in its life. */
  async status(record: string, id: string): Promise<RecordStatus> {
    return this.aggregate(record).status((await this.seen(record, id)).state);
  }

  aggregate(record: string): Aggregate {
    const found = this.platform.registry.aggregates.get(record);
    if (!found) throw new Error(`there is no record ${record}`);
    return found;
  }

  /** Reads all of these that are not remembered yet, in one go. */
  async read(wanted: readonly { readonly record: string; readonly id: string }[]): Promise<void> {
    const missing = new Map<string, Aggregate>();
    for (const { record, id } of wanted) {
      const stream = streamId(record, id);
      if (!this.memory.recall(this.tenantId, stream)) missing.set(stream, this.aggregate(record));
    }
    const stored = await this.platform.store.readStreams(this.tenantId, [...missing.keys()]);
    const events = Map.groupBy(await this.platform.codec.decode(stored), (one) => one.streamId);
    for (const [stream, aggregate] of missing) {
      const own = events.get(stream) ?? [];
      if (this.before && own.some(({ meta }) => meta.correlationId === this.importId)) {
        const first = own[0]!.meta.correlationId === this.importId;
        this.before.set(stream, first ? 'created' : 'changed');
      }
      this.memory.keep(this.tenantId, stream, {
        state: fold(aggregate, own),
        revision: own.at(-1)?.version ?? 0,
        tail: own.length,
        position: own.at(-1)?.position ?? START,
      });
    }
  }

  /** The record as it is remembered, else as the log has it. */
  async seen(record: string, id: string) {
    const stream = streamId(record, id);
    const remembered = this.memory.recall(this.tenantId, stream);
    if (remembered) return remembered;
    await this.read([{ record, id }]);
    return this.memory.recall(this.tenantId, stream)!;
  }

  forget(record: string, id: string): void {
    this.memory.forget(this.tenantId, streamId(record, id));
  }
}
