import { compareStreams } from '../../event-store/kurrentdb/compare.js';
import { copyLag } from '../../event-store/kurrentdb/log-copy.js';
import { logPlace } from '../../event-store/kurrentdb/place.js';
import type { Check, DoctorParts, Found } from './check.js';

const NOT_SET = 'the log is in KurrentDB, and KURRENTDB_URL is not set';

/** The copy of the log and the server that holds it, stream by stream. */
async function copied({ database, kurrentDb, deep, signal }: DoctorParts): Promise<Found> {
  if ((await logPlace(database)).store === 'postgres') return { checked: 0 };
  if (!kurrentDb) return { checked: 0, unchecked: NOT_SET };
  const { streams, differences } = await compareStreams(database, kurrentDb, {
    whole: deep,
    ...(signal ? { signal } : {}),
  });
  const [first] = differences;
  if (!first) return { checked: streams };
  const { streamId, tenantId, message } = first;
  return { checked: streams, example: `${streamId} of tenant ${tenantId}: ${message}` };
}

/** What the server holds and the copy lacks, although somebody should be copying it. */
async function inStep({ database, kurrentDb }: DoctorParts): Promise<Found> {
  if ((await logPlace(database)).store === 'postgres') return { checked: 0 };
  if (!kurrentDb) return { checked: 0, unchecked: NOT_SET };
  const { events, seconds } = await copyLag(database, kurrentDb);
  if (events === 0) return { checked: 1 };
  const { rows } = await database
    .pool('feed')
    .query(`SELECT FROM es_lease WHERE name = 'log-copy' AND expires_at > clock_timestamp()`);
  const behind = `the copy lacks ${events} events, the oldest ${Math.round(seconds)} s old`;
  return rows.length > 0 && seconds > LATE_SECONDS
    ? { checked: 1, example: `${behind}, although a process copies` }
    : { checked: 1, note: behind };
}

const LATE_SECONDS = 60;

export const logServerChecks: readonly Check[] = [
  {
    name: 'log-copy',
    invariant: 'I2',
    title: 'KurrentDB holds every stream as the copy does',
    unit: 'streams',
    run: copied,
  },
  { name: 'log-copy-lag', title: 'the copy of KurrentDB is in step', unit: 'logs', run: inStep },
];
