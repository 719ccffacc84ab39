import type { EventStore } from '../event-store/port.js';
import type { Database } from '../postgres/database.js';
import { QUEUED } from '../projections/parking.js';
import { ownStreams, type Subject, type Traces } from './traces.js';

const REASON = 'the data subject was erased';

/** What an erasure reached at one place. */
export interface Reached {
  readonly place: string;
  readonly count: number;
}

/** Ends the subject's own streams; their hash chains end there and verify as before. */
export async function tombstone(
  store: EventStore,
  subject: Subject,
  traces: Traces,
): Promise<readonly string[]> {
  const own = ownStreams(traces, subject);
  for (const stream of own) await store.closeStream(subject.tenantId, stream, 'tombstoned');
  return own;
}

/** Everything the platform keeps of a subject beside log and read models, in the database. */
export async function forgetBeside(
  database: Database,
  { tenantId, subjectId }: Subject,
  { streams }: Traces,
): Promise<readonly Reached[]> {
  const all = [...streams.values()].flat();
  const reached = await database.tenant(tenantId, async (query) => {
    const change = async (place: string, text: string, values: readonly unknown[]) => ({
      place,
      count: (await query.query(text, [tenantId, ...values])).rowCount ?? 0,
    });
    return [
      await change(
        'snapshots',
        'DELETE FROM es_snapshot WHERE tenant_id = $1 AND stream_id = ANY ($2)',
        [all],
      ),
      await change(
        'credentials',
        'DELETE FROM auth_credential WHERE tenant_id = $1 AND user_id = $2',
        [subjectId],
      ),
      await change('sessions', 'DELETE FROM auth_session WHERE tenant_id = $1 AND user_id = $2', [
        subjectId,
      ]),
      await change(
        'second factors',
        `WITH codes AS (DELETE FROM auth_recovery_code WHERE tenant_id = $1 AND user_id = $2),
              asked AS (DELETE FROM auth_challenge WHERE tenant_id = $1 AND user_id = $2),
              proofs AS (DELETE FROM auth_proof WHERE tenant_id = $1 AND user_id = $2)
         DELETE FROM auth_factor WHERE tenant_id = $1 AND user_id = $2`,
        [subjectId],
      ),
      await change('API keys', 'DELETE FROM auth_api_key WHERE tenant_id = $1 AND user_id = $2', [
        subjectId,
      ]),
      await change(
        'links sent',
        'DELETE FROM auth_one_time_token WHERE tenant_id = $1 AND subject_id = $2',
        [subjectId],
      ),
      await change('mail', 'DELETE FROM mail_outbox WHERE tenant_id = $1 AND subject_id = $2', [
        subjectId,
      ]),
      await change(
        'access log',
        `UPDATE access_log SET ip = NULL, user_agent = NULL
          WHERE tenant_id = $1 AND actor_id = $2 AND (ip IS NOT NULL OR user_agent IS NOT NULL)`,
        [subjectId],
      ),
    ];
  });
  // A reason may quote the value that could not be stored.
  const letters = await database.pool('projector').query(
    `UPDATE es_dead_letter SET reason = '${REASON}'
      WHERE tenant_id = $1 AND stream_id = ANY ($2) AND reason NOT IN ($3, '${REASON}')`,
    [tenantId, all, QUEUED],
  );
  const discarded = await database.pool('projector').query(
    `UPDATE es_discarded SET reason = '${REASON}', note = '${REASON}'
      WHERE tenant_id = $1 AND stream_id = ANY ($2) AND reason <> '${REASON}'`,
    [tenantId, all],
  );
  return [
    ...reached,
    { place: 'dead letters', count: letters.rowCount ?? 0 },
    { place: 'discarded events', count: discarded.rowCount ?? 0 },
  ];
}
