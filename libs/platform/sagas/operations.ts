import type { RecordedEvent } from '#kernel/event';
import type { AnyProcess } from '#kernel/saga';
import { refusal, type Refusal } from '#kernel/refusal';
import { leaveOut, type Discard } from '../projections/discards.js';
import type { ParkedStream } from '../projections/free-stream.js';
import type { Platform } from '../platform.js';
import { isPoison, processorOf, SAGA_LEASE } from './runner.js';

/** How a saga or policy stands. */
export interface SagaStatus {
  readonly name: string;
  readonly kind: AnyProcess['kind'];
  readonly description: string;
  /** Rules a new instance runs by; null for others. */
  readonly version: number | null;
  /** Events of the log it has not passed yet. */
  readonly lagEvents: number;
  readonly pendingTimers: number;
  /** When the next one is due. */
  readonly nextTimerAt: Date | null;
  readonly deadLetters: number;
}

interface StatusRow {
  lag: string;
  timers: string;
  next: Date | null;
  letters: string;
}

export async function sagaStatus(
  { database }: Pick<Platform, 'database'>,
  processes: readonly AnyProcess[],
): Promise<readonly SagaStatus[]> {
  const found = await Promise.all(
    processes.map(async (one) => {
      const { rows } = await database.pool('feed').query<StatusRow>(
        `SELECT (SELECT count(*) FROM es_checkpoint c JOIN es_event e
                    ON (e.epoch, e.xid, e.pos) > (c.epoch, c.xid, c.pos)
                  WHERE c.processor = $1) AS lag,
            count(t.name) AS timers, min(t.due_at) AS next,
            (SELECT count(*) FROM es_dead_letter d WHERE d.processor = $1) AS letters
           FROM es_timer t WHERE t.saga = $2`,
        [processorOf(one), one.name],
      );
      return [one, rows[0]!] as const;
    }),
  );
  return found.map(([one, row]) => ({
    name: one.name,
    kind: one.kind,
    description: one.description,
    version: one.kind === 'saga' ? Math.max(...Object.keys(one.react).map(Number)) : null,
    lagEvents: Number(row.lag),
    pendingTimers: Number(row.timers),
    nextTimerAt: row.next,
    deadLetters: Number(row.letters),
  }));
}

/** Who runs the sagas of this database at present, if anybody. */
export async function sagaProcess({
  database,
}: Pick<Platform, 'database'>): Promise<string | undefined> {
  const { rows } = await database
    .pool('feed')
    .query<{ holder: string }>(
      `SELECT holder FROM es_lease WHERE name = $1 AND expires_at > clock_timestamp()`,
      [SAGA_LEASE],
    );
  return rows[0]?.holder;
}

interface LetterRow {
  version: string;
  type: string;
}

const letters = `FROM es_dead_letter WHERE processor = $1 AND tenant_id = $2 AND stream_id = $3`;

/**
 * Handles the events of a parked stream in their order and frees it; `skip` leaves the event out
 * that is to blame, for good. Answers how many were handled, or why it stopped. May run beside a worker:
 * whatever both do, they do under the same ids.
 */
export async function retryParked(
  platform: Platform,
  process: AnyProcess,
  stream: ParkedStream,
  skip?: Pick<Discard, 'by' | 'note'>,
): Promise<number | Refusal> {
  const { database, store, codec, sagas } = platform;
  const steps = sagas.stepsWith();
  const place = [processorOf(process), stream.tenantId, stream.streamId];
  const pool = database.pool('projector');
  let done = 0;
  for (let last = 0; ;) {
    const { rows } = await pool.query<LetterRow>(
      `SELECT version, type ${letters} AND version > $4 ORDER BY version`,
      [...place, last],
    );
    if (rows.length === 0 && last === 0) return notParked(process, stream);
    for (const { version, type } of rows) {
      const isFirst = last === 0;
      last = Number(version);
      if (skip && isFirst) {
        await database.transaction('projector', 'BEGIN', (query) =>
          leaveOut(query, place, { version: last, ...skip }),
        );
        continue;
      }
      try {
        const [stored] = await store.readStream(stream.tenantId, stream.streamId, {
          from: last,
          limit: 1,
        });
        const events: readonly RecordedEvent[] = stored ? await codec.decode([stored]) : [];
        for (const event of events) {
          await (process.kind === 'saga'
            ? steps.handle(process, event, true)
            : steps.follow(process, event));
        }
        done += 1;
      } catch (error) {
        if (!isPoison(error)) throw error;
        await blame(platform, place, last, error.message);
        return stillBroken(process, stream, last, type, error.message);
      }
    }
    // What was queued meanwhile is handled before the stream is free.
    if (await freeUpTo(platform, place, last)) return done;
  }
}

/**
 * Deletes letters up to a version. False, and nothing deleted, when later ones wait that would then
 * stand alone. The lock on the rows makes a worker that is queueing an event wait, or us for it.
 */
async function freeUpTo(
  { database }: Platform,
  place: readonly string[],
  version: number,
): Promise<boolean> {
  try {
    await database.transaction('projector', 'BEGIN', async (query) => {
      await query.query(`DELETE ${letters} AND version <= $4`, [...place, version]);
      const { rows } = await query.query<{ queued: boolean }>(
        `SELECT true AS queued ${letters} LIMIT 1`,
        place,
      );
      if (rows.length > 0) throw new Waiting();
    });
    return true;
  } catch (error) {
    if (error instanceof Waiting) return false;
    throw error;
  }
}

class Waiting extends Error {}

/** What came before is done; this one is to blame from now on. */
async function blame(
  { database }: Platform,
  place: readonly string[],
  version: number,
  reason: string,
): Promise<void> {
  await database.transaction('projector', 'BEGIN', async (query) => {
    await query.query(
      `UPDATE es_dead_letter SET reason = $5
        WHERE processor = $1 AND tenant_id = $2 AND stream_id = $3 AND version = $4`,
      [...place, version, reason],
    );
    await query.query(`DELETE ${letters} AND version < $4`, [...place, version]);
  });
}

function notParked({ name }: AnyProcess, { streamId }: ParkedStream): Refusal {
  const message = `${name} has not parked ${streamId} of this tenant.`;
  const remedy = 'clientforge sagas dead-letters shows what is parked.';
  return refusal('NOT_FOUND', 'missing', message, [{ message, remedy }]);
}

function stillBroken(
  { name }: AnyProcess,
  { streamId }: ParkedStream,
  version: number,
  type: string,
  reason: string,
): Refusal {
  const message = `${name} still cannot handle ${type}, revision ${version} of ${streamId}: ${reason}`;
  const remedy = 'Mend the rules and retry, or leave the event out with --skip.';
  return refusal('STILL_PARKED', 'rule', message, [{ rule: 'handled', message, remedy }]);
}
