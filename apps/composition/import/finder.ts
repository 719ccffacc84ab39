import { isUuid } from '#kernel/ids';
import type { RequestContext } from '#kernel/context';
import type { ReadModel } from '#kernel/read-model';
import { isRefusal, type Refusal } from '#kernel/refusal';
import type { MatchLookup } from '#platform/projections/match-lookup';
import type { Platform } from '#platform/platform';
import type { Finder } from './load.js';
import type { Fault } from './problems.js';

export type Missing = 'error' | 'create' | 'empty';

export interface FinderOptions {
  readonly platform: Platform;
  readonly ctx: RequestContext;
  readonly matching: MatchLookup;
  readonly model: ReadModel;
  /** Fields to look in; the first that has the form of the text counts. */
  readonly by: readonly string[];
  /** The one field to look in, where the mapping names it. */
  readonly only?: string | undefined;
  readonly missing: Missing;
  /** Makes the record where it is missing: its id, or why it cannot be made. */
  readonly create?: (text: string, by: string) => Promise<string | Refusal>;
  /** Whether what is made is only rehearsed, and so forgotten after a while. */
  readonly forgets?: boolean;
  /** Whether a row of the file will be that record, once it is imported. */
  readonly comes?: (text: string, by: string) => boolean;
}

const MOST = 20_000;

/** Finds records of a read model by what people call them, under the rights of the caller. */
export class RecordFinder implements Finder {
  private readonly found = new Map<string, Promise<string | null | Fault>>();

  constructor(private readonly options: FinderOptions) {}

  async prepare(texts: readonly string[]): Promise<void> {
    await Promise.all([...new Set(texts)].map((text) => this.find(text)));
  }

  find(text: string): Promise<string | null | Fault> {
    const key = text.toLowerCase();
    let found = this.found.get(key);
    if (!found) {
      if (this.found.size >= MOST) this.found.clear();
      found = this.look(text);
      this.found.set(key, found);
    }
    return found;
  }

  /** Where to look for a text of this form. */
  private fieldFor(text: string): string {
    const { by, only, model } = this.options;
    if (only) return only;
    const isId: boolean = isUuid(text);
    if (isId) return 'id';
    return text.includes('@') && by.includes('email') ? 'email' : (by[0] ?? model.label);
  }

  private async look(text: string): Promise<string | null | Fault> {
    const { platform, ctx, matching, model, missing, create, comes } = this.options;
    const by = this.fieldFor(text);
    const ids =
      by === 'id'
        ? [...(isUuid(text) ? [text.toLowerCase()] : [])]
        : (await matching.matches(ctx.tenantId, model, { [by]: text })).map(({ id }) => id);
    const rows = ids.length > 0 ? await platform.reader.many(ctx, model, ids) : [];
    const live = rows.filter((row) => !row['deletedAt']);
    if (live.length === 1) return String(live[0]!['id']);
    if (live.length > 1) {
      const message = `names several ${model.name}`;
      const remedy = `Name the ${model.record} by another field, or by its id.`;
      return { rule: 'ambiguous', message, remedy };
    }
    if (comes?.(text, by)) return null;
    if (missing === 'empty') return null;
    if (missing === 'create' && create && by !== 'id') {
      const made = await create(text, by);
      if (!isRefusal(made)) {
        if (this.options.forgets) this.found.delete(text.toLowerCase());
        return made as string;
      }
      const { message } = made as Refusal;
      const remedy = `Create the ${model.record} by hand, or correct the spelling.`;
      const why = `names a ${model.record} that could not be created: ${message}`;
      return { rule: 'reference', message: why.replace(/\.$/, ''), remedy };
    }
    const remedy = `Add the ${model.record}, or correct the spelling.`;
    return { rule: 'reference', message: `names no ${model.record}`, remedy };
  }
}
