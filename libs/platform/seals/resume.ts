import type { Database } from '../postgres/database.js';
import { rootOf } from './merkle.js';
import type { OutsideCopy } from './outside-copy.js';
import type { SealKeys } from './seal-keys.js';
import { insertSeals, lastSeals, type NewSealRow } from './seal-table.js';
import {
  BEFORE_ALL,
  comparePlaces,
  FIRST,
  lineOfSeal,
  sealHash,
  sealOfLine,
  type Seal,
} from './seal.js';

/** What going on after a restoration gave up. */
export interface Resumed {
  /** Number of the seal that states it. */
  readonly number: number;
  /** Seals that are void now, and the events they covered. */
  readonly seals: number;
  readonly events: number;
}

/** The seals cannot be gone on with; the message says why and what to do. */
export class ResumeError extends Error {}

/**
 * After a restoration from a backup the copy outside is ahead of the database. Takes its seals
 * back into the table and signs a statement that the log goes on from the last one the backup had.
 * Undefined where nothing is to be done. The sealer brings the statement to the copy.
 * @throws ResumeError when the two do not have a common beginning, or a seal is not genuine.
 */
export async function resumeSeals(
  parts: { readonly database: Database; readonly keys: SealKeys; readonly copy: OutsideCopy },
  tenantId: string,
  reason: string,
): Promise<Resumed | undefined> {
  const { database, keys, copy } = parts;
  const size = await copy.size(tenantId);
  return database.transaction('projector', 'BEGIN', async (query) => {
    const kept = (await lastSeals(query, [tenantId])).get(tenantId);
    const resumes = kept?.number ?? 0;
    const missing: NewSealRow[] = [];
    let last: Seal | undefined;
    let base: Seal | undefined;
    let previous = FIRST;
    for await (const line of copy.lines(tenantId, size)) {
      const signed = sealOfLine(line);
      const number: number = (last?.number ?? 0) + 1;
      const seal = signed ? keys.open(signed) : 'is not readable';
      if (!signed || typeof seal === 'string') {
        throw new ResumeError(`Seal ${number} of the copy ${String(seal)}.`);
      }
      if (seal.number !== number || seal.previous !== previous || seal.tenant !== tenantId) {
        throw new ResumeError(`Seal ${number} of the copy does not follow the one before it.`);
      }
      if (number === resumes) {
        if (line !== lineOfSeal(kept!)) {
          throw new ResumeError(`Seal ${number} of the copy is another one than the database has.`);
        }
        base = seal;
      }
      if (number > resumes) missing.push({ tenantId, number, ...signed, entries: null });
      previous = sealHash(signed.content);
      last = seal;
    }
    if (!last || missing.length === 0) return undefined;
    const to = base?.to ?? BEFORE_ALL;
    const clock = await query.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    const statement = keys.sign({
      format: 1,
      tenant: tenantId,
      number: last.number + 1,
      previous,
      from: to,
      to,
      events: 0,
      total: base?.total ?? 0,
      root: rootOf([]),
      sealedAt: clock.rows[0]!.now.toISOString(),
      resumes,
      reason,
    });
    const number = last.number + 1;
    await insertSeals(query, [...missing, { tenantId, number, ...statement, entries: null }]);
    const lost = comparePlaces(last.to, to) > 0 ? last.total - (base?.total ?? 0) : 0;
    return { number, seals: missing.length, events: lost };
  });
}
