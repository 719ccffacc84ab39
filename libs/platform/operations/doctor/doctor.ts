import type { Check, DoctorParts, Found } from './check.js';
import { logChecks } from './log.js';
import { rowChecks } from './rows.js';
import { serverChecks } from './server.js';

export interface Diagnosis extends Found, Pick<Check, 'name' | 'invariant' | 'title' | 'unit'> {
  readonly status: 'holds' | 'violated' | 'not checked' | 'could not run';
}

/** Everything that is looked at, the cheap first. */
export const checks: readonly Check[] = [...serverChecks, ...logChecks, ...rowChecks];

/** Runs one check; what keeps it from running is told as such, and not as a violation. */
export async function diagnose(check: Check, parts: DoctorParts): Promise<Diagnosis> {
  const { name, invariant, title, unit } = check;
  const head = { name, ...(invariant ? { invariant } : {}), title, unit };
  if (check.deep && !parts.deep) {
    return { ...head, status: 'not checked', checked: 0, note: '--deep does' };
  }
  try {
    if (parts.signal?.aborted) throw new Error('cancelled');
    const found = await check.run(parts);
    return { ...head, ...found, status: found.example === undefined ? 'holds' : 'violated' };
  } catch (error) {
    return { ...head, status: 'could not run', checked: 0, note: (error as Error).message };
  }
}
