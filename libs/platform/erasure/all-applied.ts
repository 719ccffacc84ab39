import { setTimeout as sleep } from 'node:timers/promises';
import { parsePosition } from '../event-store/port.js';
import type { Platform } from '../platform.js';

const POLL_MS = 50;
/** Read models that stand still for so long are not waited for. */
const PATIENCE_MS = 120_000;

/** Resolves once every read model has applied everything up to the position. */
export async function allApplied(platform: Platform, position: string): Promise<void> {
  platform.projections.start();
  const names = [...platform.registry.readModels.keys()];
  const { epoch, xid, pos } = parsePosition(position);
  let [last, since] = ['', Date.now()];
  for (;;) {
    const { rows } = await platform.database.pool('feed').query<{ places: string | null }>(
      `SELECT string_agg(concat_ws('.', processor, shard, xid, pos), ' ') AS places
         FROM es_checkpoint WHERE processor = ANY ($1) AND shard >= -1
          AND (epoch, xid, pos) < ($2::int, $3::text::xid8, $4::bigint)`,
      [names, String(epoch), String(xid), String(pos)],
    );
    const places = rows[0]!.places;
    if (places === null) return;
    if (places !== last) [last, since] = [places, Date.now()];
    if (Date.now() - since > PATIENCE_MS) {
      throw new Error(
        'The keys are destroyed, but the read models do not apply what came since. ' +
          'Start a worker and begin again.',
      );
    }
    await sleep(POLL_MS);
  }
}
