import { streamId } from '#kernel/aggregate';
import type { RecordedEvent } from '#kernel/event';
import type { ReadModel, Row } from '#kernel/read-model';
import type { Share } from '#kernel/sharing';
import type { StoredEvent } from '#platform/event-store/port';
import type { Platform } from '#platform/platform';
import { differences, evolveRow } from '#platform/projections/row-fold';
import { sharesIn } from '#platform/projections/visibility';
import type { Change } from './change.js';

/** What is told of a change beside that it happened: no values, but where it belongs. */
export interface ChangeDetail {
  /** Names of the fields that have another value now. */
  readonly fields: readonly string[];
  /** Who owns the record now; null where nobody does or it is not known. */
  readonly ownerId: string | null;
  /** Whom it is shared with now. */
  readonly shares: readonly Share[];
  /** Records it belonged to or does: its company, the pipeline of a deal, what a note is about. */
  readonly linkIds: readonly string[];
}

const UNKNOWN: ChangeDetail = { fields: [], ownerId: null, shares: [], linkIds: [] };

/** Looks up the details of changes; each is folded once, however many listen. */
export class ChangeDetails {
  private readonly known = new WeakMap<Change, ChangeDetail>();

  constructor(
    private readonly platform: Pick<Platform, 'store' | 'codec' | 'reader' | 'registry'>,
    private readonly log: (error: unknown) => void,
  ) {}

  /** Details of changes of one tenant, in their order. */
  async of(changes: readonly Change[]): Promise<readonly ChangeDetail[]> {
    const missing = changes.filter((change) => !this.known.has(change));
    if (missing.length > 0) await this.fold(missing);
    return changes.map((change) => this.known.get(change) ?? UNKNOWN);
  }

  private async fold(changes: readonly Change[]): Promise<void> {
    const { registry, store } = this.platform;
    const streams = Map.groupBy(changes, ({ type, id }) =>
      streamId(registry.modelOfRecord(type)!.category, id),
    );
    const stored = await store.readStreams(changes[0]!.tenantId, [...streams.keys()]);
    const events = Map.groupBy(stored, (event) => event.streamId);
    for (const [stream, wanted] of streams) {
      const model = registry.modelOfRecord(wanted[0]!.type)!;
      await this.foldStream(model, wanted, events.get(stream) ?? []);
    }
  }

  private async foldStream(
    model: ReadModel,
    wanted: readonly Change[],
    stored: readonly StoredEvent[],
  ): Promise<void> {
    try {
      const events = await this.platform.codec.decode(stored);
      const rows = rowsByRevision(model, events);
      for (const change of wanted) {
        this.know(model, change, rows.get(change.revision - 1), rows.get(change.revision));
      }
    } catch {
      // Something in the stream cannot be read: what was discarded is left out, as in lists.
      await Promise.all(wanted.map((change) => this.foldAlone(model, change)));
    }
  }

  private async foldAlone(model: ReadModel, change: Change): Promise<void> {
    const { tenantId, id, revision } = change;
    const at = (one: number) => this.platform.reader.fold(tenantId, model, id, { revision: one });
    try {
      const [before, after] = await Promise.all([at(revision - 1), at(revision)]);
      this.know(model, change, before, after);
    } catch (error) {
      this.log(error);
      this.known.set(change, UNKNOWN);
    }
  }

  private know(
    model: ReadModel,
    change: Change,
    before: Row | null = null,
    after: Row | null = null,
  ): void {
    const fields = differences(before, after).map(({ field }) => field);
    const links = Object.keys(model.columns).filter(
      (name) => name === 'relatedToId' || model.columns[name]!.references,
    );
    const linked = [before, after].flatMap((row) => links.flatMap((name) => row?.[name]));
    this.known.set(change, {
      fields,
      ownerId: model.owner ? ((after?.[model.owner] as string | null) ?? null) : null,
      shares: after ? sharesIn(after) : [],
      linkIds: linked.filter((id) => typeof id === 'string'),
    });
  }
}

/** The row after each revision. */
function rowsByRevision(
  model: ReadModel,
  events: readonly RecordedEvent[],
): ReadonlyMap<number, Row | null> {
  const rows = new Map<number, Row | null>();
  let row: Row | null = null;
  for (const event of events) {
    row = evolveRow(model, row, event);
    rows.set(event.version, row);
  }
  return rows;
}
