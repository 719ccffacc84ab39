import { setTimeout as pause } from 'node:timers/promises';
import { uuidv7 } from '#kernel/ids';
import type { Failpoint } from '#platform/failpoints';
import { followUpWorld, type FollowUpWorld } from '#test/support/followups';
import type { TestPlatform } from '#test/support/platform';
import type { FaultWorld } from './world.js';

/** Everything a worker passes in its ordinary work: projectors, sagas, effects, jobs, seals. */
export const ofWorkers = [
  'seal_before_rows',
  'saga_before_step',
  'projector_between_rows_and_checkpoint',
  'saga_after_step_append',
  'before_feed_read',
  'saga_after_timers',
  'after_feed_read',
  'saga_after_command',
  'projector_before_commit',
  'saga_after_timer_append',
  'projector_after_commit',
  'saga_after_timer_mark',
  'before_append',
  'saga_before_checkpoint',
  'after_append_before_ack',
  'saga_after_checkpoint',
  'before_answer',
  'seal_between_rows_and_copy',
  'job_after_start',
  'job_after_claim',
  'seal_after_copy',
  'job_before_finish',
  'job_after_finish',
] as const satisfies readonly Failpoint[];

/** How long a worker may stand beside the one that holds what its failpoints need, at first. */
const IDLE_MS = 8_000;

export interface Crashes {
  readonly world: FaultWorld;
  /** What is left for each of the two workers; the same set where either may do. */
  readonly waiting: readonly [Set<Failpoint>, Set<Failpoint>];
  /** How often a failpoint is passed before it ends the worker. */
  readonly passes?: () => number;
  /** Milliseconds within which all have to be reached. */
  readonly withinMs: number;
}

/**
 * Two workers at a time, each of them killed again and again at whichever failpoint that is left for
 * it comes first; those reached.
 */
export async function killAtEach(crashes: Crashes): Promise<readonly Failpoint[]> {
  const { world, waiting, passes = () => 1, withinMs } = crashes;
  const reached: Failpoint[] = [];
  const until = Date.now() + withinMs;
  const one = async (names: Set<Failpoint>) => {
    for (let missed = 0; names.size > 0;) {
      const failpoint = [...names].map((name) => `${name}:${missed > 0 ? 1 : passes()}`);
      const worker = await world.start('worker', { failpoint });
      const late = Date.now() + IDLE_MS * (missed + 1);
      // Nothing may be left once the other has reached the last one.
      while (worker.isAlive() && names.size > 0 && Date.now() < late) await pause(50);
      const isKilled = worker.isAlive();
      // The other holds the lease, and waits for one that is held here.
      if (isKilled) worker.kill();
      const how = await worker.exited;
      const name = worker.reached();
      if (!isKilled && !name) {
        throw new Error(`a worker ended by itself: ${JSON.stringify([how, worker.said])}`);
      }
      if (name && names.delete(name)) reached.push(name);
      missed = name ? 0 : missed + 1;
      if (Date.now() > until) throw new Error(`not reached: ${[...names].join(', ')}`);
    }
  };
  await Promise.all(waiting.map(one));
  return reached.sort();
}

/** A workspace whose won deals are followed up, and no processor of the test's own. */
export async function stirredWorld(world: FaultWorld): Promise<FollowUpWorld> {
  const { platform, test } = world;
  const follow = await followUpWorld({ platform, test } as unknown as TestPlatform);
  await platform.projections.close();
  return follow;
}

/** Gives projectors, sagas, jobs and sealers something to do until `work` has ended. */
export async function whileStirring<Result>(
  follow: FollowUpWorld,
  work: () => Promise<Result>,
  pauseMs = 300,
): Promise<Result> {
  let done = false;
  const stirring = (async () => {
    for (let days = 1; !done; days++) {
      await follow.dispatch('CreateCompany', { name: 'Hooli' }, uuidv7());
      await follow.wonDeal();
      const to = new Date(Date.now() + days * 86_400_000).toISOString();
      await follow.dispatch('AdvanceTestClock', { to }, follow.tenantId);
      await pause(pauseMs);
    }
  })();
  try {
    return await work();
  } finally {
    done = true;
    await stirring;
  }
}
