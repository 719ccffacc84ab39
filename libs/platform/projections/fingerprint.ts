import { createHash } from 'node:crypto';
import type { EventDefinition, RecordedEvent } from '#kernel/event';
import type { ReadModel } from '#kernel/read-model';
import { upcast } from '../event-store/codec.js';
import type { Queryable } from '../postgres/database.js';
import { RecordProjection } from './record-projection.js';

const TENANT = '00000000-0000-4000-8000-000000000000';
const AT = new Date('2020-02-29T12:34:56.789Z');
const META = { actor: { type: 'user', id: 'a person' }, correlationId: 'a request' } as const;

const idOf = (stream: number, event: number) =>
  `00000000-0000-4000-8000-${String(stream).padStart(6, '0')}${String(event).padStart(6, '0')}`;

/** Facts of every version that was ever published, as today's code reads them. */
function samplesOf(definition: EventDefinition): readonly Record<string, unknown>[] {
  return Object.entries(definition.samples).flatMap(([version, sample]) =>
    upcast(definition, Number(version), sample),
  );
}

/** Short lives made of the frozen samples: each creation alone, and followed by each other event. */
function lives(
  model: ReadModel,
  definitions: readonly EventDefinition[],
): readonly RecordedEvent[] {
  const facts = definitions.flatMap((definition) =>
    samplesOf(definition).map((data) => ({ definition, data })),
  );
  const created = facts.filter(({ definition }) => /Created|Logged|Planned/.test(definition.type));
  const starts = created.length > 0 ? created : facts.slice(0, 1);
  const all = starts.flatMap((start) => [[start], ...facts.map((fact) => [start, fact])]);
  return all.flatMap((life, stream) =>
    life.map(({ definition, data }, index): RecordedEvent => ({
      tenantId: TENANT,
      streamId: `${model.category}-${idOf(stream, 0)}`,
      id: idOf(stream, 0),
      category: model.category,
      version: index + 1,
      eventId: idOf(stream, index + 1),
      commandId: idOf(0, 1),
      type: definition.type,
      data,
      meta: META,
      occurredAt: new Date(AT.getTime() + index * 1000),
      recordedAt: new Date(AT.getTime() + index * 1000),
      position: '0.0.0.0',
    })),
  );
}

/** The events of a model's streams: their names begin with that of their aggregate. */
function ownEvents(model: ReadModel, events: readonly EventDefinition[]) {
  const prefix = model.category.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) =>
    letter.toUpperCase(),
  );
  return events
    .filter(({ type }) => type.startsWith(prefix))
    .sort((a, b) => (a.type < b.type ? -1 : 1));
}

/**
 * What the code of a read model does, as a hash of all it would write for the frozen samples of its
 * events: another one means that rows written before may be others now. The text of the code does
 * not matter, and what only samples nobody has could show takes a raised `version`.
 */
export async function fingerprint(
  model: ReadModel,
  events: readonly EventDefinition[],
): Promise<string> {
  const own = ownEvents(model, events);
  const definitions = new Map(own.map((definition) => [definition.type, definition]));
  const hash = createHash('sha256');
  const query = (_text: unknown, values: readonly unknown[] = []) => {
    for (const value of values) {
      hash.update(Buffer.isBuffer(value) ? value : (JSON.stringify(value) ?? ''));
    }
    return Promise.resolve({ rows: [], rowCount: 0 });
  };
  const recorder = { query } as unknown as Queryable;
  const projection = new RecordProjection(model, (type) => definitions.get(type)!);
  const poison = await projection.applyCarefully(recorder, lives(model, own));
  for (const { event } of poison) hash.update(`${event.streamId} ${event.type} is refused`);
  return hash.digest('hex');
}
