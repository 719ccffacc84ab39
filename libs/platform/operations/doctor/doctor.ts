import type { Check, DoctorParts, Found } from './check.js';
import { effectChecks } from './effects.js';
import { historyChecks } from './history.js';
import { logChecks } from './log.js';
import { logServerChecks } from './log-server.js';
import { processorChecks } from './processors.js';
import { rowChecks } from './rows.js';
import { serverChecks } from './server.js';
import { stepChecks } from './steps.js';
import { traceChecks } from './traces.js';

export interface Diagnosis extends Found, Pick<Check, 'name' | 'invariant' | 'title' | 'unit'> {
  readonly status: 'holds' | 'violated' | 'not checked' | 'could not run';
}

/** Everything that is looked at, the cheap first. */
export const checks: readonly Check[] = [
  ...serverChecks,
  ...historyChecks,
  ...logChecks,
  ...logServerChecks,
  ...traceChecks,
  ...processorChecks,
  ...stepChecks,
  ...effectChecks,
  ...rowChecks,
];

/** Runs one check; what keeps it from running is told as such, and not as a violation. */
export async function diagnose(check: Check, parts: DoctorParts): Promise<Diagnosis> {
  const { name, invariant, title, unit } = check;
  const head = { name, ...(invariant ? { invariant } : {}), title, unit };
  if (check.deep && !parts.deep) {
    return { ...head, status: 'not checked', checked: 0, note: '--deep does' };
  }
  try {
    if (parts.signal?.aborted) throw new Error('cancelled');
    const { unchecked, ...found } = await check.run(parts);
    if (unchecked !== undefined)
      return { ...head, ...found, status: 'not checked', note: unchecked };
    return { ...head, ...found, status: found.example === undefined ? 'holds' : 'violated' };
  } catch (error) {
    return { ...head, status: 'could not run', checked: 0, note: (error as Error).message };
  }
}
