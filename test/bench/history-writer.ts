import type { Fact } from '#kernel/event';
import { uuidv7 } from '#kernel/ids';
import { product } from '#apps/composition/product';
import { EventCodec } from '#platform/event-store/codec';
import { KeyRing, PostgresKeyStore, type KeyStore } from '#platform/event-store/key-ring';
import type { StreamAppend } from '#platform/event-store/port';
import type { Platform } from '#platform/platform';

/** What happened to one record, ready to be written. */
export interface Happening {
  readonly streamId: string;
  /** Events the stream has already. */
  readonly revision: number;
  readonly fact: Fact;
  readonly at: Date;
  /** User who did it. */
  readonly actorId: string;
  /** Data subject whose first event this is. */
  readonly newSubject?: string;
}

const STREAMS = 64;
const AT_ONCE = 4;

/**
 * Writes made-up history into the log: sealed, hashed and appended as commands would have it, but
 * 64 records at a time and without deciding anything.
 */
export class HistoryWriter {
  private readonly keys: KeyRing;
  private readonly codec: EventCodec;
  /** Subjects that have no key yet, which saves asking for it. */
  private readonly newSubjects = new Set<string>();
  written = 0;

  constructor(
    private readonly platform: Platform,
    private readonly tenantId: string,
  ) {
    const stored = new PostgresKeyStore((id, work) => platform.database.tenant(id, work));
    const store: KeyStore = {
      tenantKey: (id) => stored.tenantKey(id),
      createTenantKey: (id, wrapped) => stored.createTenantKey(id, wrapped),
      subjectKeys: (id, subjects) => {
        const known = subjects.filter((one) => !this.newSubjects.has(one));
        return known.length > 0 ? stored.subjectKeys(id, known) : Promise.resolve([]);
      },
    };
    this.keys = new KeyRing(platform.options.masterKey, store);
    this.codec = new EventCodec(product.events, this.keys);
  }

  /** Writes everything in order; happenings of one record may not stand within 256 of each other. */
  async write(happenings: Iterable<Happening>, progress?: (written: number) => void) {
    const underWay = new Set<Promise<void>>();
    let chunk: Happening[] = [];
    const flush = async () => {
      const sent = chunk;
      chunk = [];
      const task = this.append(sent).finally(() => underWay.delete(task));
      underWay.add(task);
      if (underWay.size >= AT_ONCE) await Promise.race(underWay);
      progress?.(this.written);
    };
    const actors = new Set<string>();
    for (const one of happenings) {
      chunk.push(one);
      // The first event of an actor brings the actor's key, which only one append may do.
      if (!actors.has(one.actorId)) {
        actors.add(one.actorId);
        await Promise.all(underWay);
        await flush();
        await Promise.all(underWay);
      } else if (chunk.length === STREAMS) await flush();
    }
    if (chunk.length > 0) await flush();
    await Promise.all(underWay);
  }

  private async append(happenings: readonly Happening[]): Promise<void> {
    const { tenantId, keys } = this;
    const fresh = happenings.flatMap(({ newSubject }) => newSubject ?? []);
    for (const subject of fresh) this.newSubjects.add(subject);
    const subjects = happenings.flatMap(({ streamId, actorId, newSubject }) =>
      newSubject ? [actorId] : [streamId.slice(streamId.indexOf('-') + 1), actorId],
    );
    await keys.prefetch(tenantId, subjects);
    const session = this.codec.session(tenantId);
    const commandId = uuidv7();
    const streams: StreamAppend[] = [];
    for (const { streamId, revision, fact, at, actorId } of happenings) {
      const meta = {
        actor: { type: 'user', id: actorId },
        correlationId: commandId,
        requestId: commandId,
        ip: '203.0.113.7',
        userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
      } as const;
      const event = await session.encode(streamId, uuidv7(), fact, meta, at);
      streams.push({ streamId, expected: revision === 0 ? 'none' : revision, events: [event] });
    }
    const request = { requestHash: '00'.repeat(32), result: '{}', keys: session.keys() };
    const outcome = await this.platform.store.append({ tenantId, commandId, streams, ...request });
    session.settle(outcome.status === 'appended');
    if (outcome.status !== 'appended') throw new Error(`append: ${JSON.stringify(outcome)}`);
    for (const subject of fresh) this.newSubjects.delete(subject);
    this.written += happenings.length;
  }
}
