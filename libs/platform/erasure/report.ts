import type { ReadModel } from '#kernel/read-model';
import type { Database } from '../postgres/database.js';
import { allColumns, snake, tableOf } from '../projections/physical.js';
import type { Reached } from './forget-beside.js';
import type { Subject } from './traces.js';

/** What an erasure did not reach, and what becomes of it. */
export interface Residue {
  readonly place: string;
  /** Absent where it cannot be counted. */
  readonly count?: number;
  readonly remedy: string;
}

/** What an erasure reached and what remains; holds no personal data. */
export interface ErasureReport extends Subject {
  /** Id of the erasure in the list outside the database; null where nothing was left to destroy. */
  readonly id: string | null;
  /** Names of the subject's own streams, which take no more events. */
  readonly closed: readonly string[];
  readonly reached: readonly Reached[];
  readonly remains: readonly Residue[];
}

/** What no erasure can reach from here. */
export const BACKUPS: Residue = {
  place: 'backups, archived write-ahead log and exports handed out',
  remedy:
    'Their sealed events stay unreadable as long as they do not hold the destroyed keys. ' +
    'Backups made before hold them until they are deleted; one that is restored applies the ' +
    'list of erasures before it serves.',
};

export const UNSCRUBBED: Residue = {
  place: 'dead rows and write-ahead log of the database',
  remedy: 'clientforge subjects erase with --scrub overwrites them; else PostgreSQL does in time.',
};

/** Records that name the subject by id: their free text is not searched. */
export async function namingRecords(
  database: Database,
  models: readonly ReadModel[],
  { tenantId, subjectId }: Subject,
): Promise<readonly Residue[]> {
  const residues: Residue[] = [];
  for (const model of models) {
    const columns = Object.entries(allColumns(model))
      .filter(([name, { kind }]) => kind === 'uuid' && name !== 'id')
      .map(([name]) => `${snake(name)} = $2`);
    if (columns.length === 0) continue;
    const { rows } = await database.tenant(tenantId, (query) =>
      query.query<{ n: string }>(
        `SELECT count(*) AS n FROM ${tableOf(model)}
          WHERE tenant_id = $1 AND id <> $2 AND (${columns.join(' OR ')})`,
        [tenantId, subjectId],
      ),
    );
    const count = Number(rows[0]!.n);
    if (count === 0) continue;
    residues.push({
      place: `${model.name} that refer to the subject`,
      count,
      remedy: 'Look whether fields that are not marked personal name the person in free text.',
    });
  }
  return residues;
}
