import type { RecordedEvent } from '#kernel/event';
import type { AnyProcess, AnySaga, SagaDefinition } from '#kernel/saga';
import type { SagaWork, TimerFired } from '#kernel/saga-events';
import { comparePositions, START } from '../../event-store/port.js';
import { isDestroyed } from '../../event-store/tables.sql.js';
import { stepId } from '../../sagas/saga-streams.js';
import { processorOf } from '../../sagas/runner.js';
import { untilViolated, type Check, type DoctorParts, type Found } from './check.js';

const PAGE = 500;

/** What a saga's streams say was to be done. */
interface Told {
  readonly steps: number;
  /** Commands of finished steps, and where each stands. */
  readonly commands: ReadonlyMap<string, string>;
  /** Commands of steps that may still be under way. */
  readonly open: ReadonlySet<string>;
  /** The first thing that happened twice. */
  readonly twice?: string;
}

/** Where a saga has read to, and the triggers it set aside or was told to leave out. */
async function progressOf({ database }: DoctorParts, processor: string) {
  const pool = database.pool('projector');
  const { rows } = await pool.query<{ place: string }>(
    `SELECT concat_ws('.', epoch, xid, pos, 0) AS place FROM es_checkpoint WHERE processor = $1`,
    [processor],
  );
  const parked = await pool.query<{ id: string }>(
    `SELECT event_id AS id FROM es_dead_letter WHERE processor = $1
     UNION ALL SELECT event_id FROM es_discarded WHERE processor = $1`,
    [processor],
  );
  return { place: rows[0]?.place ?? START, parked: new Set(parked.rows.map(({ id }) => id)) };
}

async function told(parts: DoctorParts, saga: AnySaga): Promise<Told> {
  const { store, codec } = parts;
  const { category } = (saga as unknown as SagaDefinition).aggregate;
  const { place, parked } = await progressOf(parts, processorOf(saga));
  const seen = new Set<string>();
  const commands = new Map<string, string>();
  const open = new Set<string>();
  let [steps, twice]: [number, string | undefined] = [0, undefined];
  const once = (event: RecordedEvent, what: string) => {
    const key = `${event.tenantId}/${event.streamId}/${what}`;
    if (seen.has(key)) twice ??= `${event.streamId} revision ${event.version}: ${what} again`;
    seen.add(key);
  };
  for (let after = START, more = true; more;) {
    const page = await store.readFeed({ after, limit: PAGE, categories: [category] });
    for (const event of await codec.decode(page.events)) {
      const { tenantId, streamId, version } = event;
      const { does, ...data } = event.data as { readonly does?: SagaWork };
      if (event.type === saga.timerFired) {
        const { timer, setBy } = data as TimerFired;
        once(event, `timer ${timer} of step ${setBy} fired`);
      }
      if (!does) continue;
      steps += 1;
      once(event, `step for ${does.trigger.eventId}`);
      const isDone = comparePositions(does.trigger.position, place) <= 0;
      for (const { step, optional } of does.commands) {
        const id = stepId(saga.name, tenantId, does.trigger.eventId, `command:${step}`);
        const key = `${tenantId}/${id}`;
        if (optional || !isDone || parked.has(does.trigger.eventId)) open.add(key);
        else commands.set(key, `${streamId} revision ${version}: command ${step}`);
      }
    }
    after = page.position;
    more = !page.caughtUp;
  }
  return { steps, commands, open, ...(twice ? { twice } : {}) };
}

async function oneSaga(parts: DoctorParts, saga: AnySaga): Promise<Found> {
  const { steps, commands, open, twice } = await told(parts, saga);
  if (twice) return { checked: steps, example: twice };
  const pool = parts.database.pool('feed');
  const keys = [...commands.keys()].map((key) => key.split('/') as [string, string]);
  const lost = await pool.query<{ key: string }>(
    `SELECT k.t || '/' || k.c AS key FROM unnest($1::uuid[], $2::uuid[]) AS k (t, c)
      WHERE NOT EXISTS (SELECT 1 FROM es_command c WHERE c.tenant_id = k.t AND c.command_id = k.c)
      LIMIT 1`,
    [keys.map(([tenant]) => tenant), keys.map(([, command]) => command)],
  );
  if (lost.rows[0]) {
    return { checked: steps, example: `${commands.get(lost.rows[0].key)!} was never given` };
  }
  const { category } = (saga as unknown as SagaDefinition).aggregate;
  const given = await pool.query<{ key: string; stream: string }>(
    `SELECT tenant_id || '/' || command_id AS key, stream_id AS stream FROM es_event
      WHERE meta LIKE '%"system"%' AND meta::json -> 'actor' ->> 'type' = 'system'
        AND meta::json -> 'actor' ->> 'id' = $1
        AND stream_id NOT LIKE $2 AND stream_id NOT LIKE 'reservation-%'
        AND NOT ${isDestroyed('tenant_id')}`,
    [saga.name, `${category}-%`],
  );
  const extra = given.rows.find(({ key }) => !commands.has(key) && !open.has(key));
  if (!extra) return { checked: steps };
  return { checked: steps, example: `${extra.stream} was changed by no step of ${saga.name}` };
}

export const stepChecks: readonly Check[] = [
  {
    name: 'steps',
    invariant: 'I6',
    title: 'each step of a saga has its effects once',
    unit: 'steps',
    run: (parts) =>
      untilViolated(
        parts.processes.filter((one: AnyProcess): one is AnySaga => one.kind === 'saga'),
        (saga) => oneSaga(parts, saga),
      ),
  },
];
