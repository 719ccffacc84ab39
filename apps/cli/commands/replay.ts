import { streamId } from '#kernel/aggregate';
import type { RecordedEvent } from '#kernel/event';
import { isUuid } from '#kernel/ids';
import type { ReadModel, Row } from '#kernel/read-model';
import { refusal } from '#kernel/refusal';
import type { Platform } from '#platform/platform';
import { differences, evolveRow, type FieldChange } from '#platform/projections/row-fold';
import { pointInTime } from '#platform/projections/zone';
import { RefusedError, required, UsageError, type Call, type Command } from '../command.js';
import { printable } from '../output.js';
import { tenantOf, tenantOption } from '../tenant.js';

interface Step {
  readonly revision: number;
  readonly type: string;
  readonly actor: RecordedEvent['meta']['actor'];
  readonly occurredAt: Date;
  readonly recordedAt: Date;
  readonly changes: readonly FieldChange[];
}

/** The record that `TYPE/ID` names. */
function recordOf(call: Call, platform: Platform): { model: ReadModel; id: string } {
  const text = required(call, 'record');
  const [type, id = ''] = text.split('/');
  const models = [...platform.registry.readModels.values()];
  const model = models.find(({ record, name }) => record === type || name === type);
  if (!model || !isUuid(id.toLowerCase())) {
    const types = models.map(({ record }) => record).join(', ');
    throw new UsageError(`--record takes TYPE/ID, not ${text}. Types: ${types}.`);
  }
  return { model, id: id.toLowerCase() };
}

/** Folds the events one by one and tells what each of them changed. */
function replayed(model: ReadModel, events: readonly RecordedEvent[]) {
  const steps: Step[] = [];
  let record: Row | null = null;
  for (const event of events) {
    const next: Row | null = evolveRow(model, record, event);
    steps.push({
      revision: event.version,
      type: event.type,
      actor: event.meta.actor,
      occurredAt: event.occurredAt,
      recordedAt: event.recordedAt,
      changes: differences(record, next),
    });
    record = next;
  }
  return { steps, record };
}

const shown = (value: unknown) => printable(value === null ? '–' : (JSON.stringify(value) ?? '–'));

function show(call: Call, steps: readonly Step[], record: Row | null): void {
  const { out } = call;
  for (const { revision, type, actor, occurredAt, changes } of steps) {
    const who = `${actor.type}:${actor.id}`;
    out.line(out.style('bold', `${revision}  ${occurredAt.toISOString()}  ${type}  ${who}`));
    for (const { field, from, to } of changes) {
      out.line(`     ${field}: ${shown(from)} → ${shown(to)}`);
    }
    if (changes.length === 0) out.line('     nothing that is shown');
  }
  out.line();
  out.line(out.style('bold', record ? 'So it is' : 'So it is not there'));
  for (const [field, value] of Object.entries(record ?? {})) {
    out.line(`     ${field}: ${shown(value)}`);
  }
}

export const replayEvents: Command = {
  words: ['events', 'replay'],
  summary: 'Folds a record from its events and shows what each of them changed, personal data too.',
  options: {
    ...tenantOption,
    record: { type: 'string', value: 'TYPE/ID', required: true, description: 'Which record.' },
    'as-of': {
      type: 'string',
      value: 'INSTANT',
      description: 'Only what had happened by then; a day means its end in the workspace’s zone.',
    },
  },
  example:
    'clientforge events replay --tenant 01890a5d-ac96-774b-bcce-b302099a8057 ' +
    '--record company/01890a5d-ac96-774b-bcce-b302099a8058 --as-of 2026-03-01',
  async run(call) {
    const { platform } = await call.open();
    const { id: tenantId, values } = await tenantOf(call, platform);
    const { model, id } = recordOf(call, platform);
    const text = call.text('as-of');
    const asOf = text === undefined ? undefined : pointInTime(text, values.timeZone);
    if (text !== undefined && !asOf) {
      throw new UsageError(`--as-of takes an instant or a day, not ${text}.`);
    }
    const stored = await platform.store.readStream(tenantId, streamId(model.category, id));
    const events = await platform.codec.decode(stored);
    const past = asOf ? events.filter(({ occurredAt }) => occurredAt <= asOf) : events;
    if (past.length === 0) {
      const when = asOf ? ` as of ${asOf.toISOString()}` : '';
      const message = `There is no ${model.record} ${id} in this tenant${when}.`;
      throw new RefusedError(refusal('NOT_FOUND', 'missing', message, [{ message }]));
    }
    const { steps, record } = replayed(model, past);
    call.out.answer({ type: model.record, id, asOf: asOf ?? null, steps, record }, () =>
      show(call, steps, record),
    );
  },
};
