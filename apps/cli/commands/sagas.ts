import { isUuid } from '#kernel/ids';
import { isRefusal, refusal } from '#kernel/refusal';
import type { AnyProcess, AnySaga, SagaDefinition } from '#kernel/saga';
import type { SagaWork } from '#kernel/saga-events';
import { deadLetters } from '#platform/operations/dead-letters';
import type { Platform } from '#platform/platform';
import { pointInTime, startOfDay } from '#platform/projections/zone';
import { retryParked, sagaProcess, sagaStatus } from '#platform/sagas/operations';
import { processorOf } from '#platform/sagas/runner';
import { streamOf } from '#platform/sagas/saga-streams';
import { Simulator, type Effect } from '#platform/sagas/simulate';
import {
  exit,
  orRefused,
  RefusedError,
  required,
  UsageError,
  type Call,
  type Command,
} from '../command.js';
import { printable } from '../output.js';
import { settingsGiven } from '../saga-settings.js';
import { tenantOf, tenantOption } from '../tenant.js';

const EXAMPLE_TENANT = '--tenant 01890a5d-ac96-774b-bcce-b302099a8057';
const streamOption = {
  stream: { type: 'string', value: 'STREAM', required: true, description: 'The parked stream.' },
} as const;

function processNamed(platform: Platform, name: string): AnyProcess {
  const { processes } = platform.sagas;
  const found = processes.find((one) => one.name === name);
  if (found) return found;
  throw new UsageError(
    `There is no saga ${name}; there is ${processes.map((p) => p.name).join(', ')}.`,
  );
}

function sagaNamed(platform: Platform, name: string): AnySaga {
  const found = processNamed(platform, name);
  if (found.kind === 'saga') return found;
  throw new UsageError(`${name} is a policy: it has no state.`);
}

export const listSagas: Command = {
  words: ['sagas', 'list'],
  summary: 'Lists sagas and policies: how far they are, what is due, what is parked.',
  example: 'clientforge sagas list',
  async run(call) {
    const { platform } = await call.open();
    const sagas = await sagaStatus(platform, platform.sagas.processes);
    const runBy = (await sagaProcess(platform)) ?? null;
    call.out.answer({ runBy, sagas }, () => {
      call.out.table(
        [
          { key: 'name', title: 'Name' },
          { key: 'kind', title: 'Kind' },
          { key: 'version', title: 'Rules', right: true },
          { key: 'lagEvents', title: 'Events behind', right: true },
          { key: 'pendingTimers', title: 'Timers', right: true },
          { key: 'nextTimerAt', title: 'Next' },
          { key: 'deadLetters', title: 'Dead letters', right: true },
        ],
        sagas.map((one) => ({ ...one })),
      );
      call.out.line(runBy ? `Run by ${runBy}.` : 'No process runs sagas at present.');
    });
    return sagas.some(({ deadLetters: parked }) => parked > 0) ? exit.refused : exit.done;
  },
};

export const showSaga: Command = {
  words: ['sagas', 'show'],
  summary: 'Shows each step of one instance: why, and what was done.',
  operands: ['NAME'],
  options: {
    ...tenantOption,
    id: { type: 'string', value: 'ID', required: true, description: 'The instance.' },
  },
  example: `clientforge sagas show deal-follow-up ${EXAMPLE_TENANT} --id 01890a5d-ac96-774b-bcce-b302099a8058`,
  async run(call) {
    const { platform } = await call.open();
    const saga = sagaNamed(platform, call.operands[0]!);
    const { id: tenantId } = await tenantOf(call, platform);
    const id = required(call, 'id').toLowerCase();
    const stored = isUuid(id) ? await platform.store.readStream(tenantId, streamOf(saga, id)) : [];
    const events = await platform.codec.decode(stored);
    if (events.length === 0) {
      const message = `${saga.name} has no instance ${id} in this tenant.`;
      throw new RefusedError(refusal('NOT_FOUND', 'missing', message, [{ message }]));
    }
    const { instance } = await platform.sagas.streams.load(saga, tenantId, id);
    const steps = events.map(({ version, type, data, meta, eventId, recordedAt }) => ({
      revision: version,
      type,
      eventId,
      causationId: meta.causationId ?? null,
      correlationId: meta.correlationId,
      recordedAt,
      data: data as object,
    }));
    const { state, version, timers } = instance;
    call.out.answer({ name: saga.name, id, version, state, timers, steps }, () => {
      for (const step of steps) {
        const { does } = step.data as { readonly does?: SagaWork };
        const why = does ? ` because of ${does.trigger.type}` : '';
        const head = `${step.revision}  ${step.recordedAt.toISOString()}  ${step.type}${why}`;
        call.out.line(call.out.style('bold', head));
        for (const { command, id: of } of does?.commands ?? [])
          call.out.line(`     ${command} ${of}`);
        for (const one of does?.timers ?? []) call.out.line(`     ${one.name} due ${one.dueAt}`);
        for (const one of does?.cancelTimers ?? []) call.out.line(`     ${one} cancelled`);
      }
      const pending = Object.entries(timers).map(([name, { dueAt }]) => `${name} due ${dueAt}`);
      call.out.line(pending.length > 0 ? `Waits for ${pending.join(', ')}.` : 'No timer is set.');
    });
  },
};

export const simulateSaga: Command = {
  words: ['sagas', 'simulate'],
  summary: 'Replays history under other settings and prints what would differ; nothing is done.',
  operands: ['NAME'],
  options: {
    ...tenantOption,
    from: {
      type: 'string',
      value: 'INSTANT',
      required: true,
      description: 'First instant or day.',
    },
    to: { type: 'string', value: 'INSTANT', required: true, description: 'Last instant or day.' },
    set: {
      type: 'string',
      value: 'KEY=VALUE,…',
      description: 'Settings that are to differ, such as followUp.afterDays=3; lists as [1,2].',
    },
  },
  example:
    `clientforge sagas simulate deal-follow-up ${EXAMPLE_TENANT} ` +
    '--from 2026-01-01 --to 2026-03-31 --set followUp.enabled=true,followUp.afterDays=3',
  async run(call) {
    const { platform } = await call.open();
    const saga = sagaNamed(platform, call.operands[0]!);
    const { id: tenantId, values } = await tenantOf(call, platform);
    const from = instantOf(call, 'from', values.timeZone, true);
    const to = instantOf(call, 'to', values.timeZone, false);
    if (from > to) throw new UsageError('--from is later than --to.');
    const { schema } = (saga as unknown as SagaDefinition).settings;
    const set = settingsGiven(call.text('set') ?? '', schema);
    const { store, codec, registry, sagas } = platform;
    const { facts, clocks } = sagas;
    const parts = { store, codec, registry, facts, clocks };
    const found = await new Simulator(parts, saga).simulate({ tenantId, from, to, set });
    const { triggers, before, after, differences } = found;
    const counts = { before: countsOf(before), after: countsOf(after) };
    const answer = { name: saga.name, tenantId, from, to, set, triggers, counts, differences };
    call.out.answer(answer, () => {
      for (const { change, at, instance, step, kind, name, detail } of differences) {
        const text = `${change} ${at}  ${instance}  ${step}: ${kind} ${name}  ${JSON.stringify(detail)}`;
        call.out.line(call.out.style(change === '+' ? 'green' : 'red', printable(text)));
      }
      const said = (one: typeof counts.before) =>
        `${one.commands} commands and ${one.timers} timers`;
      call.out.line(
        `${triggers} events: ${said(counts.before)} as it was, ${said(counts.after)} with --set; ` +
          `${differences.length} differences. Nothing was done.`,
      );
    });
  },
};

function countsOf(effects: readonly Effect[]) {
  const commands = effects.filter(({ kind }) => kind === 'command').length;
  return { commands, timers: effects.length - commands };
}

function instantOf(call: Call, option: string, timeZone: string, start: boolean): Date {
  const text = required(call, option);
  const found = pointInTime(text, timeZone);
  if (!found) throw new UsageError(`--${option} takes an instant or a day, not ${text}.`);
  return start && text.length === 10 ? startOfDay(text, timeZone) : found;
}

export const listSagaDeadLetters: Command = {
  words: ['sagas', 'dead-letters'],
  summary: 'Lists the streams a saga or policy set aside, and the event that is to blame.',
  example: 'clientforge sagas dead-letters',
  async run(call) {
    const { platform } = await call.open();
    const names = new Map(platform.sagas.processes.map((one) => [processorOf(one), one.name]));
    const letters = (await deadLetters(platform.database))
      .filter(({ name }) => names.has(name))
      .map((letter) => ({ ...letter, name: names.get(letter.name)! }));
    call.out.answer(letters, () => {
      if (letters.length === 0) return call.out.line('No stream is parked.');
      call.out.table(
        [
          { key: 'name', title: 'Name' },
          { key: 'tenantId', title: 'Tenant' },
          { key: 'streamId', title: 'Stream' },
          { key: 'version', title: 'Revision', right: true },
          { key: 'type', title: 'Event' },
          { key: 'events', title: 'Waiting', right: true },
          { key: 'reason', title: 'Reason' },
        ],
        letters,
      );
    });
  },
};

export const retrySagaStream: Command = {
  words: ['sagas', 'retry'],
  summary: 'Handles a parked stream again, in order; with --skip without the event to blame.',
  operands: ['NAME'],
  options: {
    ...tenantOption,
    ...streamOption,
    skip: { type: 'boolean', description: 'Leave out the event that is to blame, for good.' },
    note: { type: 'string', value: 'TEXT', description: 'Why it is left out; no personal data.' },
  },
  example: `clientforge sagas retry deal-follow-up ${EXAMPLE_TENANT} --stream deal-01890a5d-ac96-774b-bcce-b302099a8058`,
  async run(call) {
    const { platform } = await call.open();
    const process = processNamed(platform, call.operands[0]!);
    const { id: tenantId } = await tenantOf(call, platform);
    const streamId = required(call, 'stream');
    const skipped = call.flag('skip');
    const skip = skipped ? { by: 'operator', note: call.text('note') ?? '' } : undefined;
    const done = await retryParked(platform, process, { tenantId, streamId }, skip);
    const handled = isRefusal(done) ? orRefused(done) : done;
    call.out.answer({ name: process.name, tenantId, streamId, handled, skipped }, () =>
      call.out.line(`${handled} events of ${streamId} were handled; it is no longer parked.`),
    );
  },
};

/** Everything that is asked about sagas. */
export const sagas = [listSagas, showSaga, simulateSaga, listSagaDeadLetters, retrySagaStream];
