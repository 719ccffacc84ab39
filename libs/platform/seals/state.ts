import type { Database } from '../postgres/database.js';
import { lastSeals, sealsBefore, type SealRow } from './seal-table.js';
import { BEFORE_ALL, comparePlaces, readSeal } from './seal.js';

/** What of a tenant's log is sealed, and until when. */
export interface SealState {
  readonly seals: number;
  /** Events that are sealed. */
  readonly events: number;
  /** When the last seal was made; null before the first. */
  readonly sealedAt: Date | null;
  /** Events that the next seal will cover. */
  readonly unsealed: number;
  /** Why the tenant is not sealed at present, or null. */
  readonly held: string | null;
}

export async function sealState(database: Database, tenantId: string): Promise<SealState> {
  return database.tenant(tenantId, async (query) => {
    const last = (await lastSeals(query, [tenantId])).get(tenantId);
    const seal = last && readSeal(last.content);
    const { rows } = await query.query<{ place: string; held: string | null }>(
      `SELECT concat_ws('.', epoch, xid, pos) AS place,
          (SELECT h.reason FROM es_seal_place h WHERE h.scope = $1) AS held
         FROM es_seal_place WHERE scope = 'everybody'`,
      [tenantId],
    );
    const { place, held } = rows[0]!;
    const to = seal?.to ?? BEFORE_ALL;
    // Everything up to the sealer's own place is sealed, unless the tenant is held back.
    const from = held === null && comparePlaces(place, to) > 0 ? place : to;
    const waiting = await query.query<{ n: string }>(
      `SELECT count(*) AS n FROM es_event WHERE tenant_id = $1
          AND (epoch, xid, pos) > ($2::int, $3::text::xid8, $4::bigint)`,
      [tenantId, ...from.split('.')],
    );
    return {
      seals: seal?.number ?? 0,
      events: seal?.total ?? 0,
      sealedAt: seal ? new Date(seal.sealedAt) : null,
      unsealed: Number(waiting.rows[0]!.n),
      held,
    };
  });
}

/** The latest seals first, those with smaller numbers than `before`. */
export function latestSeals(
  database: Database,
  tenantId: string,
  before: number,
  limit: number,
): Promise<readonly SealRow[]> {
  return database.tenant(tenantId, (query) => sealsBefore(query, tenantId, before, limit));
}
