import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { automationProcesses } from '#automation/processes';
import type { AnySaga } from '#kernel/saga';
import { decideStep, foldFact, newInstance, type SagaInstance } from '#kernel/saga-instance';
import { SPEC_TENANT } from '#kernel/specification';
import type { PlayedStep } from '#test/support/saga-player';

interface History {
  readonly name: string;
  readonly saga: string;
  readonly instance: string;
  /** Everything that was led to the instance, and what was decided then; never edited. */
  readonly played: readonly PlayedStep[];
}

const folder = new URL('./histories/', import.meta.url);
const histories = readdirSync(folder).flatMap(
  (file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as History[],
);
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

function decisionsOf(history: History, saga: AnySaga) {
  let instance: SagaInstance = newInstance(saga);
  const record = (type: string, data: unknown, eventId: string) => {
    const version = instance.revision + 1;
    instance = foldFact(saga, instance, { type, data, version, eventId, correlationId: 'spec' });
  };
  return history.played.map(({ trigger, now, settings, facts, step }) => {
    const own = [saga.timerFired, saga.commandRefused].includes(trigger.type);
    if (own) record(trigger.type, trigger.data, trigger.envelope.eventId);
    const decided = decideStep(saga, instance, {
      trigger,
      tenantId: SPEC_TENANT,
      id: history.instance,
      now: new Date(now),
      settings,
      facts,
    });
    // What was stored goes on, whatever is decided today.
    if (step) record(step.type, step.data, trigger.envelope.eventId);
    return plain(decided);
  });
}

describe('stored histories of sagas', () => {
  it.each(histories)('R23 $saga decides the same today: $name', (history) => {
    const saga = automationProcesses.find(({ name }) => name === history.saga);
    expect(decisionsOf(history, saga as AnySaga)).toEqual(history.played.map(({ step }) => step));
  });

  it('R23 every saga has a history of each version of its rules', () => {
    for (const saga of automationProcesses.filter(({ kind }) => kind === 'saga') as AnySaga[]) {
      const decided = histories
        .filter((history) => history.saga === saga.name)
        .flatMap(({ played }) => played.map(({ step }) => step?.data as never))
        .flatMap((data: { does: { version: number } } | undefined) => data?.does.version ?? []);
      expect([...new Set(decided)].sort()).toEqual(Object.keys(saga.react).map(Number));
    }
  });
});
