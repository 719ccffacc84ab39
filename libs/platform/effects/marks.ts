import { PLATFORM_TENANT } from '#kernel/ids';
import type { AnyProcess } from '#kernel/saga';
import { parsePosition, START } from '../event-store/port.js';
import type { Database } from '../postgres/database.js';
import type { JobRef } from '../jobs/job.js';

/** Stands apart from the checkpoints of processors, which move. */
const SHARD = -11;
const SENTINEL = '00000000-0000-8000-8000-0000000000ef';

const nameOf = (effect: string) => `effect:${effect}`;

/**
 * What tells that the table of jobs was emptied: a row in it that nothing deletes, and beside it,
 * in the log's own tables, where each effect began to follow the log.
 */
export class EffectMarks {
  constructor(private readonly database: Database) {}

  /** Notes where effects begin that are new; whether all of them are. */
  async declare(
    effects: readonly Pick<AnyProcess, 'name' | 'startsAt'>[],
    head: string,
  ): Promise<boolean> {
    const places = effects.map(({ startsAt }) =>
      parsePosition(startsAt === 'start' ? START : head),
    );
    const { rowCount } = await this.database.pool('projector').query(
      `INSERT INTO es_checkpoint (processor, version, shard, epoch, xid, pos)
       SELECT e.name, 1, ${SHARD}, e.epoch, e.xid::xid8, e.pos
         FROM unnest($1::text[], $2::int[], $3::text[], $4::bigint[]) AS e (name, epoch, xid, pos)
       ON CONFLICT DO NOTHING`,
      [
        effects.map(({ name }) => nameOf(name)),
        places.map(({ epoch }) => String(epoch)),
        places.map(({ xid }) => String(xid)),
        places.map(({ pos }) => String(pos)),
      ],
    );
    return rowCount === effects.length;
  }

  /** Where each effect began, by its name. */
  async began(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { rows } = await this.database
      .pool('projector')
      .query<{ processor: string; place: string }>(
        `SELECT processor, concat_ws('.', epoch, xid, pos, 0) AS place FROM es_checkpoint
          WHERE shard = ${SHARD} AND processor = ANY ($1)`,
        [names.map(nameOf)],
      );
    const places = new Map(rows.map(({ processor, place }) => [processor, place]));
    return new Map(
      names.flatMap((name) => {
        const place = places.get(nameOf(name));
        return place === undefined ? [] : [[name, place] as const];
      }),
    );
  }

  /** The position of the last event recorded before a moment. */
  async before(since: Date): Promise<string> {
    const { rows } = await this.database.pool('feed').query<{ place: string }>(
      `SELECT concat_ws('.', e.epoch, e.xid, e.pos, 0) AS place FROM es_event e
        WHERE e.recorded_at < $1 ORDER BY e.epoch DESC, e.xid DESC, e.pos DESC LIMIT 1`,
      [since],
    );
    return rows[0]?.place ?? START;
  }

  /** Ids of those of these jobs that are stored. */
  async knownJobs(jobs: readonly JobRef[]): Promise<ReadonlySet<string>> {
    if (jobs.length === 0) return new Set();
    const { rows } = await this.database.pool('projector').query<{ id: string }>(
      `SELECT id FROM job JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, id)
        USING (tenant_id, id)`,
      [jobs.map(({ tenantId }) => tenantId), jobs.map(({ id }) => id)],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Whether the table of jobs holds what was put there. */
  async isWhole(): Promise<boolean> {
    const { rowCount } = await this.database
      .pool('projector')
      .query('SELECT 1 FROM job WHERE tenant_id = $1 AND id = $2', [PLATFORM_TENANT, SENTINEL]);
    return rowCount === 1;
  }

  async setWhole(): Promise<void> {
    await this.database.tenant(PLATFORM_TENANT, (query) =>
      query.query(
        `INSERT INTO job (tenant_id, id, kind, title, unit, status, actor_type, actor_id,
           correlation_id, input)
         VALUES ($1, $2, 'sentinel', 'Tells that the table of jobs was not emptied', 'rows',
           'succeeded', 'system', 'effects', '', '') ON CONFLICT DO NOTHING`,
        [PLATFORM_TENANT, SENTINEL],
      ),
    );
  }
}
