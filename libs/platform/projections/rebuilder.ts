import pg from 'pg';
import { standBackOnServer } from '../postgres/stand-back.js';
import { REBUILD_LOCK } from './places.js';
import { RebuildError } from './shadow-fill.js';

/** Somebody else rebuilds or verifies the model right now. */
export class RebuildBusy extends RebuildError {}

/**
 * Works on a connection of the tables' owner, as the only rebuild or verification of a read model.
 * Throws {@link RebuildBusy} where there is another.
 */
export async function asRebuilder<Result>(
  url: string,
  model: string,
  work: (owner: pg.Client) => Promise<Result>,
): Promise<Result> {
  return asOwner(url, async (owner) => {
    const { rows } = await owner.query<{ free: boolean }>(
      'SELECT pg_try_advisory_lock($1, hashtext($2)) AS free',
      [REBUILD_LOCK, model],
    );
    if (!rows[0]?.free) throw new RebuildBusy(`${model} is being rebuilt or verified already.`);
    return work(owner);
  });
}

/** Works on a connection of the tables' owner that stands back behind all others. */
export function behindOthers<Result>(
  url: string,
  work: (owner: pg.Client) => Promise<Result>,
): Promise<Result> {
  return asOwner(url, (owner) => {
    standBackOnServer(owner);
    return work(owner);
  });
}

async function asOwner<Result>(
  url: string,
  work: (owner: pg.Client) => Promise<Result>,
): Promise<Result> {
  const owner = new pg.Client({ connectionString: url, application_name: 'clientforge-rebuild' });
  // It may break between two statements; the next one says so.
  owner.on('error', () => undefined);
  await owner.connect();
  try {
    return await work(owner);
  } finally {
    await owner.end();
  }
}
