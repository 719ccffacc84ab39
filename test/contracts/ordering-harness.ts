import { setTimeout as pause } from 'node:timers/promises';
import type { AppendRequest, FeedPage, StoredEvent } from '#platform/event-store/port';
import { random } from '#test/support/random';
import { newEvents, newRequest, newStream, newTenant } from './requests.js';

/** What a writer does with the transaction around its append. */
export interface Plan {
  readonly request: AppendRequest;
  readonly events: number;
  /** Milliseconds to wait before and after the append, inside the transaction. */
  readonly before: number;
  readonly after: number;
  readonly rollback: boolean;
}

/** Carries out a plan; answers whether it was committed. */
export type Writer = (plan: Plan) => Promise<boolean>;

export interface FuzzOptions {
  readonly seed: number;
  readonly writers: readonly Writer[];
  /** Runs beside the writers until they are done. */
  readonly disturb?: (stopped: () => boolean) => Promise<void>;
  readonly readPage: (after: string | undefined, limit: number) => Promise<FeedPage>;
  /** Committed events after which the writers stop. */
  readonly target: number;
  /** Milliseconds the reader goes on looking for what is missing once all is written. */
  readonly patience?: number;
}

export interface Findings {
  readonly committed: number;
  readonly read: number;
  /** Committed, but never seen by the reader. */
  readonly lost: number;
  /** Seen before an event of the same stream that precedes them, or twice. */
  readonly inverted: number;
}

const STREAMS = 30;

function planner(next: () => number): () => Plan {
  const tenant = newTenant();
  const streams = Array.from({ length: STREAMS }, () => newStream());
  const upTo = (most: number) => Math.floor(next() * (most + 1));
  const wait = () => (next() < 0.01 ? 20 + upTo(60) : next() < 0.3 ? upTo(3) : 0);
  return () => {
    const chosen = new Set<string>();
    for (const wanted = 1 + upTo(2); chosen.size < wanted;) {
      chosen.add(streams[upTo(STREAMS - 1)]!);
    }
    const parts = [...chosen].map((streamId) => ({
      streamId,
      expected: 'any' as const,
      events: newEvents(1 + upTo(9)),
    }));
    return {
      request: newRequest(tenant, parts),
      events: parts.reduce((sum, { events }) => sum + events.length, 0),
      before: wait(),
      after: wait(),
      rollback: next() < 0.05,
    };
  };
}

/** Follows the feed and judges the order of every stream in it. */
class Judge {
  private readonly last = new Map<string, number>();
  private readonly seen = new Set<string>();
  inverted = 0;

  add({ streamId, version, eventId }: StoredEvent): void {
    const last = this.last.get(streamId) ?? 0;
    if (version <= last) this.inverted += 1;
    this.last.set(streamId, Math.max(last, version));
    this.seen.add(eventId);
  }

  get read(): number {
    return this.seen.size;
  }
}

/** Writers at random and one reader beside them, until the target is reached and read. */
export async function fuzz(options: FuzzOptions): Promise<Findings> {
  const next = random(options.seed);
  const plan = planner(next);
  const judge = new Judge();
  let committed = 0;
  let done = false;
  // Any open transaction of the server holds the reader back, not only those of this run.
  let deadline = Infinity;

  const write = async (writer: Writer) => {
    while (committed < options.target) {
      const planned = plan();
      if (await writer(planned)) committed += planned.events;
    }
  };
  const read = async () => {
    for (let after: string | undefined; ;) {
      const { events, position } = await options.readPage(after, 1 + Math.floor(next() * 700));
      events.forEach((event) => judge.add(event));
      after = position;
      if (judge.read === committed && done) return;
      if (performance.now() > deadline) return;
      if (events.length === 0) await pause(2);
    }
  };

  const reading = read();
  const disturbing = options.disturb?.(() => done);
  try {
    await Promise.all(options.writers.map(write));
  } finally {
    done = true;
  }
  await disturbing;
  deadline = performance.now() + (options.patience ?? 30_000);
  await reading;
  const { read: seen, inverted } = judge;
  return { committed, read: seen, lost: committed - seen, inverted };
}
