import { createHash } from 'node:crypto';
import type { EventMeta, Fact } from '#kernel/event';
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
  readonly facts: readonly { readonly fact: Fact; readonly at: Date }[];
  /** User who did it. */
  readonly actorId: string;
  /** Data subject whose first event this is. */
  readonly newSubject?: string;
}

export interface WriterOptions {
  /**
   * Name of this history: then its appends have ids made of it and their number, so that what
   * was written before a crash is not written again, and it is written as an import would have it.
   */
  readonly name?: string;
  /** Appends known to be written. */
  readonly skip?: number;
  /** Gets the number of appends up to which everything is written, and of events. */
  readonly progress?: (appends: number, events: number) => void;
}

const STREAMS = 64;
const EVENTS = 1000;
const AT_ONCE = 4;
const SECOND = 1000;

/**
 * Writes made-up history into the log: sealed, hashed and appended as commands would have it, but
 * 64 records at a time and without deciding anything.
 */
export class HistoryWriter {
  private readonly keys: KeyRing;
  private readonly codec: EventCodec;
  /** Subjects that have no key yet, which saves asking for it. */
  private readonly newSubjects = new Set<string>();
  private appends = 0;
  written = 0;

  constructor(
    private readonly platform: Platform,
    private readonly tenantId: string,
    private readonly options: WriterOptions = {},
  ) {
    const stored = new PostgresKeyStore(platform.database);
    const store: KeyStore = {
      tenantKeys: (id) => stored.tenantKeys(id),
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
  async write(happenings: Iterable<Happening>): Promise<void> {
    const { name, skip = 0, progress } = this.options;
    const underWay = new Map<number, Promise<void>>();
    let told = Date.now();
    const send = async (sent: readonly Happening[]) => {
      const number = this.appends++;
      const events = sent.reduce((sum, { facts }) => sum + facts.length, 0);
      if (number >= skip) {
        const task = this.append(number, sent).finally(() => underWay.delete(number));
        underWay.set(number, task);
        if (underWay.size >= AT_ONCE) await Promise.race(underWay.values());
      }
      this.written += events;
      if (Date.now() - told < SECOND) return;
      told = Date.now();
      // Only this far nothing is missing.
      progress?.(Math.min(...underWay.keys(), this.appends), this.written);
    };
    const actors = new Set<string>();
    let chunk: Happening[] = [];
    let events = 0;
    for (const one of happenings) {
      chunk.push(one);
      events += one.facts.length;
      // The first event of an actor brings the actor's key, which only one append may do.
      const newActor = !name && !actors.has(one.actorId);
      if (!newActor && chunk.length < STREAMS && events < EVENTS) continue;
      actors.add(one.actorId);
      if (newActor) await Promise.all(underWay.values());
      await send(chunk);
      if (newActor) await Promise.all(underWay.values());
      [chunk, events] = [[], 0];
    }
    if (chunk.length > 0) await send(chunk);
    await Promise.all(underWay.values());
    progress?.(this.appends, this.written);
  }

  private async append(number: number, happenings: readonly Happening[]): Promise<void> {
    const { tenantId, keys } = this;
    const { name } = this.options;
    const fresh = happenings.flatMap(({ newSubject }) => newSubject ?? []);
    for (const subject of fresh) this.newSubjects.add(subject);
    if (!name) {
      const subjects = happenings.flatMap(({ streamId, actorId, newSubject }) =>
        newSubject ? [actorId] : [streamId.slice(streamId.indexOf('-') + 1), actorId],
      );
      await keys.prefetch(tenantId, subjects);
    }
    const session = this.codec.session(tenantId);
    const commandId = name ? idOf(`${name}/${number}`) : uuidv7();
    const streams: StreamAppend[] = [];
    for (const { streamId, revision, facts, actorId } of happenings) {
      const meta = name ? imported(commandId) : clicked(actorId, commandId);
      const events = [];
      for (const { fact, at } of facts)
        events.push(await session.encode(streamId, uuidv7(), fact, meta, at));
      streams.push({ streamId, expected: revision === 0 ? 'none' : revision, events });
    }
    const request = { requestHash: '00'.repeat(32), result: '{}', keys: session.keys() };
    const outcome = await this.platform.store.append({ tenantId, commandId, streams, ...request });
    const appended = outcome.status === 'appended';
    session.settle(appended);
    if (!appended && !(name && outcome.status === 'duplicate'))
      throw new Error(`append: ${JSON.stringify(outcome)}`);
    for (const subject of fresh) this.newSubjects.delete(subject);
  }
}

/** How the log describes what a person did in the browser. */
function clicked(actorId: string, commandId: string): EventMeta {
  return {
    actor: { type: 'user', id: actorId },
    correlationId: commandId,
    requestId: commandId,
    ip: '203.0.113.7',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
  };
}

/** How it describes history that came in a file. */
function imported(commandId: string): EventMeta {
  return { actor: { type: 'system', id: 'import' }, correlationId: commandId };
}

function idOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  const part = (from: number, to: number) => hex.slice(from, to);
  return `${part(0, 8)}-${part(8, 12)}-8${part(13, 16)}-8${part(17, 20)}-${part(20, 32)}`;
}
