import type { RequestContext } from '#kernel/context';
import type { Fact, RecordedEvent } from '#kernel/event';
import { integer, object, text } from '#kernel/fields';
import { hashId } from '#kernel/ids';
import type { Refusal } from '#kernel/refusal';
import { checkName, type EffectProcess } from '#kernel/saga';
import { defineJob, type AnyJob, type JobResult } from '../jobs/job.js';
import type { Platform } from '../platform.js';

/** What an effect may know and do while it runs. */
export interface EffectCall<Trigger extends Fact = Fact> {
  /** The event it belongs to, read from the log again. */
  readonly event: RecordedEvent<Trigger>;
  /** The product itself, which may do everything in the workspace of the event. */
  readonly ctx: RequestContext;
  /**
   * The same in every try: the id of what the effect makes, and the key under which a provider
   * recognises a repetition.
   */
  readonly key: string;
  /** Aborted when the job is cancelled, handed over or lost. */
  readonly signal: AbortSignal;
  readonly platform: Platform;
}

/**
 * Something that is done after an event, outside the decision that led to it. Never widened: events
 * of the days before would be due at once, so what is new is an effect of its own.
 */
export interface EffectDefinition<Trigger extends Fact = Fact> {
  /** Part of the ids of its jobs, so it never changes: `notify-of-assignment`. */
  readonly name: string;
  /** What its jobs are called; holds no personal data. */
  readonly description: string;
  readonly on: readonly Trigger['type'][];
  /** Where a new effect begins to read: what comes from now on unless told otherwise. */
  readonly startsAt?: 'present' | 'start';
  /** Whether an event leads to anything, as far as the event itself tells; pure. */
  wanted?(event: RecordedEvent<Trigger>): boolean;
  /**
   * Does it, at least once: begun again after a crash or a surprise, later each time. A refusal
   * ends it at once and leaves it with the failed jobs, where it can be retried.
   */
  run(call: EffectCall<Trigger>): Promise<JobResult | Refusal>;
}

/** An effect as the platform runs it: follows the feed as sagas do, and is done by a job. */
export interface Effect extends EffectProcess {
  readonly job: AnyJob;
  wanted(event: RecordedEvent): boolean;
}

/** What the kind of an effect's job begins with, before the effect's name. */
export const EFFECT_KIND = 'effect-';

/** The job of an effect after an event: the same however often the event is read. */
export function effectJobId(name: string, { tenantId, eventId }: EventRef): string {
  return hashId('effect', name, tenantId, eventId);
}

type EventRef = Pick<RecordedEvent, 'tenantId' | 'eventId'>;

/** Where a job finds its event; ids only, so that no queue ever holds what happened. */
const place = object({ streamId: text(200), version: integer(1, Number.MAX_SAFE_INTEGER) });

/** Declares an effect; throws at load when the declaration contradicts itself. */
export function defineEffect<Trigger extends Fact>(definition: EffectDefinition<Trigger>): Effect {
  const { name, description, on, startsAt = 'present' } = definition;
  checkName(definition);
  if (on.length === 0) throw new Error(`${name}: it follows no event`);
  const { run, wanted } = definition as unknown as EffectDefinition;
  const job = defineJob({
    kind: `${EFFECT_KIND}${name}`,
    title: () => description,
    input: place,
    // Nobody begins it but the product; who may see jobs may retry and cancel it.
    permission: () => [],
    unit: 'effects',
    async run({ id: key, ctx, input: { streamId, version }, signal, platform }) {
      const { store, codec } = platform;
      const page = await store.readStream(ctx.tenantId, streamId, { from: version, limit: 1 });
      const event = (await codec.decode(page)).find(({ type }) => on.includes(type));
      // An event that is no more, or that means something else by now, leads to nothing.
      if (!event || event.version !== version) return {};
      return run({ event, ctx, key, signal, platform });
    },
  });
  return { kind: 'effect', name, description, on, startsAt, job, wanted: wanted ?? (() => true) };
}
