import { everything } from '#kernel/context';
import type { RecordedEvent } from '#kernel/event';
import { isRefusal } from '#kernel/refusal';
import type { EffectProcess } from '#kernel/saga';
import type { Platform } from '../platform.js';
import { dueEffects, type DueOptions } from './due-effects.js';
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

  /** Reads the log again and stores the jobs that are missing; doing one twice changes nothing. */
  async derive(options: DueOptions): Promise<Derived> {
    const done = { events: 0, jobs: 0 };
    for await (const { due, missing } of dueEffects(this.parts, this.all, options)) {
      for (const { effect, event } of missing) await this.enqueue(effect, event);
      done.events += due;
      done.jobs += missing.length;
    }
    return done;
  }

  /** Notes where new effects begin. Derives again when the table of jobs was emptied meanwhile. */
  async deriveIfLost(options: DueOptions): Promise<Derived | undefined> {
    if (this.all.length === 0) return undefined;
    const isNew = await this.marks.declare(this.all, await this.parts.store.head());
    if (await this.marks.isWhole()) return undefined;
    const derived = isNew ? undefined : await this.derive(options);
    if (!options.signal?.aborted) await this.marks.setWhole();
    return derived;
  }
}
