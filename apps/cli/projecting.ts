import type { Platform } from '#platform/platform';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectionStatus } from '#platform/operations/projection-status';
import type { Call } from './command.js';
import { progressOn } from './progress.js';

/**
 * Waits until the read models show what the log holds. Without a running server this process
 * projects; beside one the server does, and this only waits.
 */
export async function project(call: Call, platform: Platform): Promise<void> {
  const progress = progressOn(call.out.terminal, call.out.json);
  platform.projections.start();
  let first: number | undefined;
  let begun = false;
  while (!call.signal.aborted) {
    const asked = performance.now();
    const lag = Math.max(0, ...(await projectionStatus(platform.database)).map((p) => p.lagEvents));
    first ??= lag;
    if (lag === 0) break;
    if (!begun) progress.begin('Bringing the lists up to date', 'events');
    begun = true;
    progress.update(Math.max(0, first - lag), Math.max(0, 1 - lag / first));
    // Counting what is left costs the database more than a batch, so it is not asked all the time.
    await sleep(Math.max(50, 5 * (performance.now() - asked)));
  }
  if (begun) {
    progress.update(first ?? 0, 1);
    progress.end();
  }
}
