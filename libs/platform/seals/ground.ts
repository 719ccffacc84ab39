import type { Queryable } from '../postgres/database.js';
import type { OutsideCopy } from './outside-copy.js';
import type { SealKeys } from './seal-keys.js';
import { sealsFrom, type SealRow } from './seal-table.js';
import { lineOfSeal, readSeal, sealHash, sealOfLine, type Seal, type SignedSeal } from './seal.js';

/** What the next seal of a tenant builds on: its last one, if there is any. */
export interface Ground {
  readonly last?: { readonly seal: Seal; readonly content: string };
}

/** Why a tenant is not sealed, in words for an operator. */
export type Held = string;

const AHEAD =
  'The copy outside the database holds seals that the database does not: it was restored from a ' +
  'backup, or seals were deleted. Look with `audit verify`, then go on with `audit resume`.';
const ANOTHER =
  'The copy outside the database holds other seals than the database. `audit verify` says which.';

const BATCH = 500;

/**
 * Checks that a tenant's last seal is genuine and that the copy outside ends with it; what a crash
 * kept from the copy is written first.
 */
export async function groundOf(
  db: Queryable,
  { keys, copy }: { readonly keys: SealKeys; readonly copy: OutsideCopy },
  tenantId: string,
  row: SealRow | undefined,
): Promise<Ground | Held> {
  const line = await copy.last(tenantId);
  if (!row) return line === undefined ? {} : AHEAD;
  const seal = keys.open(row);
  if (typeof seal === 'string') return `Seal ${row.number} ${seal}.`;
  if (line !== lineOfSeal(row)) {
    const copied = line === undefined ? undefined : readSeal(sealOfLine(line)?.content ?? '');
    if (line !== undefined && !copied) return 'The copy outside the database cannot be read.';
    if (copied && copied.number > row.number) return AHEAD;
    const held = await complete(db, { keys, copy }, tenantId, line, copied?.number ?? 0);
    if (held) return held;
  }
  return { last: { seal, content: row.content } };
}

/** Appends to the copy what the database has behind its last line. */
async function complete(
  db: Queryable,
  { keys, copy }: { readonly keys: SealKeys; readonly copy: OutsideCopy },
  tenantId: string,
  line: string | undefined,
  copied: number,
): Promise<Held | undefined> {
  let batch: SignedSeal[] = [];
  let previous: string | undefined;
  for await (const row of sealsFrom(db, tenantId, Math.max(1, copied), false)) {
    if (previous === undefined && line !== undefined) {
      if (line !== lineOfSeal(row)) return ANOTHER;
    } else {
      const seal = keys.open(row);
      if (typeof seal === 'string') return `Seal ${row.number} ${seal}.`;
      if (previous !== undefined && seal.previous !== previous) {
        return `Seal ${row.number} does not name the one before it.`;
      }
      batch.push(row);
    }
    previous = sealHash(row.content);
    if (batch.length < BATCH) continue;
    await copy.append(tenantId, batch);
    batch = [];
  }
  if (batch.length > 0) await copy.append(tenantId, batch);
  return undefined;
}
