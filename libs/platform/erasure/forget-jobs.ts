import type { JobRef } from '../jobs/job.js';
import type { JobRow } from '../jobs/rows.js';
import type { Platform } from '../platform.js';
import type { Mentions } from './mentions.js';

/** Copies that mention a subject at one place: gone, or left because somebody works on them. */
export interface Copies {
  readonly erased: number;
  readonly busy: number;
}

/** A place outside the database where copies of personal data lie for a time. */
export interface Reach {
  /** What lies there, in words for the report: `uploaded files`. */
  readonly place: string;
  /** Deletes what mentions the subject, except what these ids name. */
  erase(tenantId: string, mentions: Mentions, busy: ReadonlySet<string>): Promise<Copies>;
}

/** Erasures are jobs themselves, and know no more of the subject than its id. */
export const ERASURE_JOB = 'erasure';
const PAGE = 100;
const UUIDS = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * Deletes jobs that concerned the subject or mention it, with what they keep elsewhere. One that is
 * not over stays; the ids it and its input name are told, so that its files stay as well.
 */
export async function forgetJobs(
  platform: Platform,
  tenantId: string,
  mentions: Mentions,
): Promise<Copies & { readonly busyIds: ReadonlySet<string> }> {
  const { database, jobDocuments, jobs } = platform;
  const busyIds = new Set<string>();
  let [erased, busy] = [0, 0];
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const { rows } = await database.tenant(tenantId, (query) =>
      query.query<JobRow>(
        `SELECT * FROM job WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT ${PAGE}`,
        [tenantId, after],
      ),
    );
    for (const row of rows) {
      if (row.kind === ERASURE_JOB) continue;
      const ref: JobRef = { tenantId, id: row.id };
      const documents = [
        await jobDocuments.open(ref, 'input', row.input),
        await jobDocuments.open(ref, 'checkpoint', row.checkpoint),
        await jobDocuments.open(ref, 'result', row.result),
      ];
      const text = JSON.stringify([row.title, row.error, ...documents]);
      const over = row.finished_at !== null;
      if (!over) for (const [id] of `${row.id} ${text}`.matchAll(UUIDS)) busyIds.add(id);
      if (!mentions.concerns(row.correlation_id) && !mentions.inText(text)) continue;
      if (!over) {
        busy += 1;
        continue;
      }
      await jobs.definition(row.kind)?.forget?.(ref, platform);
      await database
        .pool('projector')
        .query('DELETE FROM job WHERE tenant_id = $1 AND id = $2', [tenantId, row.id]);
      erased += 1;
    }
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return { erased, busy, busyIds };
    after = last.id;
  }
}
