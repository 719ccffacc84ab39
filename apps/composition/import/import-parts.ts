import type { RequestContext } from '#kernel/context';
import { hashId } from '#kernel/ids';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { BulkMemory } from '#platform/commands/memory';
import type { Platform } from '#platform/platform';
import { liveDefault } from './defaults.js';
import { keyName, KnownRecords } from './known-records.js';
import { valuesNamed } from './names.js';
import { importTarget } from './targets.js';
import { Upsert } from './upsert.js';

/** What every load of one import shares: what it knows of records, and how it changes them. */
export class ImportParts {
  readonly known: KnownRecords;
  readonly upsert: Upsert;

  constructor(
    readonly platform: Platform,
    private readonly ctx: RequestContext,
    /** Names the import: its events carry it as their correlation id. */
    readonly importId: string,
    readonly dryRun = false,
  ) {
    const memory = new BulkMemory();
    const own = { ...ctx, correlationId: importId };
    this.known = new KnownRecords(platform, ctx.tenantId, memory, importId);
    this.upsert = new Upsert(platform, own, this.known, memory, importId, dryRun);
  }

  get common() {
    const { known, upsert, importId } = this;
    // The same row of the same import is the same record, however often it is begun.
    const newId = (line: number) => hashId('import-row', importId, String(line));
    return { known, upsert, newId };
  }

  /** A record of which one field is known: its id, made if it is not there, or why it cannot be. */
  async createNamed(type: string, by: string, text: string): Promise<string | Refusal> {
    const { platform, known, upsert, ctx } = this;
    const target = importTarget(platform.registry, type)!;
    const { record } = target;
    const id = await known.id(record, keyName([by], [text]));
    const initial = { ...(await liveDefault(platform, ctx, target)), ...valuesNamed(by, text) };
    const plan = { record, id, values: {}, initial, existing: false, steps: [] };
    const outcome = await upsert.apply(plan);
    return isRefusal(outcome) ? outcome : id;
  }
}
