import type { RecordedEvent } from '#kernel/event';
import type { EventCodec } from '../event-store/codec.js';
import { comparePositions, type EventStore } from '../event-store/port.js';
import type { Database, Queryable } from '../postgres/database.js';
import { Discards } from '../projections/discards.js';
import { readPage } from '../projections/feed-page.js';
import { processorOf } from '../sagas/runner.js';
import { isHistory } from '../sagas/steps.js';
import { effectJobId, type Effect } from './effect.js';
import { EffectMarks } from './marks.js';

export interface DueParts {
  readonly database: Database;
  readonly store: EventStore;
  readonly codec: EventCodec;
}

export interface DueOptions {
  /** Events before are left alone. */
  readonly since: Date;
  readonly signal?: AbortSignal | undefined;
}

/** An event that leads to an effect. */
export interface DueEffect {
  readonly effect: Effect;
  readonly event: RecordedEvent;
  /** Id of the job that does it. */
  readonly id: string;
}

const BATCH = 500;

/**
 * Reads from the log which effects are due, a page at a time: how many, and those without a job. An
 * effect reaches back no further than where it began to follow the log.
 */
export async function* dueEffects(
  { database, store, codec }: DueParts,
  effects: readonly Effect[],
  { since, signal }: DueOptions,
): AsyncGenerator<{ readonly due: number; readonly missing: readonly DueEffect[] }> {
  const marks = new EffectMarks(database);
  const discards = await Discards.read(database.pool('projector') as unknown as Queryable);
  const began = await marks.began(effects.map(({ name }) => name));
  const wanted = new Set(effects.flatMap(({ on }) => on));
  let after = await marks.before(since);
  while (!signal?.aborted) {
    const page = await readPage(store, codec, {
      after,
      limit: BATCH,
      wanted: ({ type }) => wanted.has(type),
    });
    const due = page.decoded.flatMap((event) =>
      effects
        .filter(({ name, on }) => on.includes(event.type) && isAfter(event, began.get(name)))
        .filter((effect) => !isHistory(event) && effect.wanted(event))
        .filter((effect) => !discards.has(processorOf(effect), event))
        .map((effect) => ({ effect, event, id: effectJobId(effect.name, event) })),
    );
    const known = await marks.knownJobs(
      due.map(({ event: { tenantId }, id }) => ({ tenantId, id })),
    );
    yield { due: due.length, missing: due.filter(({ id }) => !known.has(id)) };
    if (page.to) after = page.to;
    if (!page.full) return;
  }
}

function isAfter({ position }: RecordedEvent, began: string | undefined): boolean {
  return began !== undefined && comparePositions(position, began) > 0;
}
