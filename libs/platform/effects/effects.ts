import { everything } from '#kernel/context';
import type { RecordedEvent } from '#kernel/event';
import { isRefusal } from '#kernel/refusal';
import type { EffectProcess } from '#kernel/saga';
import { comparePositions } from '../event-store/port.js';
import type { Platform } from '../platform.js';
import { readPage } from '../projections/feed-page.js';
import { isHistory } from '../sagas/steps.js';
import { effectJobId, type Effect } from './effect.js';
import { EffectMarks } from './marks.js';

type Parts = Pick<Platform, 'database' | 'store' | 'codec' | 'jobs'>;

/** What deriving did. */
export interface Derived {
  /** Events that lead to an effect. */
  readonly events: number;
  /** Jobs that were missing and are there again. */
  readonly jobs: number;
}

export interface DeriveOptions {
  /** Events before are left alone. */
  readonly since: Date;
  readonly signal?: AbortSignal;
}

const BATCH = 500;

/** The effects of the product: puts their jobs into the queue, and again where it lost them. */
export class Effects {
  private readonly marks: EffectMarks;

  constructor(
    private readonly parts: Parts,
    readonly all: readonly Effect[] = [],
  ) {
    this.marks = new EffectMarks(parts.database);
  }

  /** Stores the job of an effect after an event; one that is there already stays as it is. */
  async enqueue(process: EffectProcess, event: RecordedEvent): Promise<void> {
    const effect = process as Effect;
    if (!effect.wanted(event)) return;
    const { tenantId, streamId, version, meta, eventId } = event;
    const id = effectJobId(effect.name, event);
    const ctx = {
      tenantId,
      actor: { type: 'system', id: effect.name },
      grants: everything,
      requestId: id,
      correlationId: meta.correlationId,
      causationId: eventId,
    } as const;
    const job = await this.parts.jobs.start(effect.job.kind, { streamId, version }, ctx, id);
    if (isRefusal(job)) throw new Error(`${effect.name}: its job was refused`);
  }

  /**
   * Reads the log again and stores the jobs that are missing. An effect reaches back no further
   * than where it began to follow the log; doing one twice changes nothing.
   */
  async derive({ since, signal }: DeriveOptions): Promise<Derived> {
    const { store, codec } = this.parts;
    const began = await this.marks.began(this.all.map(({ name }) => name));
    const wanted = new Set(this.all.flatMap(({ on }) => on));
    const done = { events: 0, jobs: 0 };
    let after = await this.marks.before(since);
    for (;;) {
      if (signal?.aborted) return done;
      const page = await readPage(store, codec, {
        after,
        limit: BATCH,
        wanted: ({ type }) => wanted.has(type),
      });
      const due = page.decoded.flatMap((event) =>
        this.all
          .filter(({ name, on }) => on.includes(event.type) && isAfter(event, began.get(name)))
          .filter((effect) => !isHistory(event) && effect.wanted(event))
          .map((effect) => ({ effect, event, id: effectJobId(effect.name, event) })),
      );
      const known = await this.marks.knownJobs(
        due.map(({ event: { tenantId }, id }) => ({ tenantId, id })),
      );
      for (const { effect, event } of due.filter(({ id }) => !known.has(id))) {
        await this.enqueue(effect, event);
        done.jobs += 1;
      }
      done.events += due.length;
      if (page.to) after = page.to;
      if (!page.full) return done;
    }
  }

  /** Notes where new effects begin. Derives again when the table of jobs was emptied meanwhile. */
  async deriveIfLost(options: DeriveOptions): Promise<Derived | undefined> {
    if (this.all.length === 0) return undefined;
    const isNew = await this.marks.declare(this.all, await this.parts.store.head());
    if (await this.marks.isWhole()) return undefined;
    const derived = isNew ? undefined : await this.derive(options);
    if (!options.signal?.aborted) await this.marks.setWhole();
    return derived;
  }
}

function isAfter({ position }: RecordedEvent, began: string | undefined): boolean {
  return began !== undefined && comparePositions(position, began) > 0;
}
