import type { ReadModel } from '#kernel/read-model';
import { RebuildCancelled, RebuildError } from '#platform/projections/rebuild';
import type { Difference } from '#platform/projections/shadow-tables';
import { exit, type Call, type Command } from '../command.js';
import { modelsNamed, rebuilding } from '../rebuilding.js';
import { tenantOf } from '../tenant.js';

const SHOWN = 100;

interface Outcome {
  readonly name: string;
  readonly events: number;
  readonly rows: number;
  readonly result: 'rebuilt' | 'verified' | 'differs' | 'stopped' | 'cancelled';
  /** Why it stopped, with the position of the event that is to blame. */
  readonly reason?: string;
}

/** What came of one read model: a poison event stops that one, and the others go on. */
async function attempt(model: ReadModel, work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    const nothing = { name: model.name, events: 0, rows: 0 };
    if (error instanceof RebuildCancelled) return { ...nothing, result: 'cancelled' };
    if (!(error instanceof RebuildError)) throw error;
    return { ...nothing, result: 'stopped', reason: error.message };
  }
}

function table(call: Call, outcomes: readonly Outcome[]): void {
  call.out.table(
    [
      { key: 'name', title: 'Name' },
      { key: 'events', title: 'Events', right: true },
      { key: 'rows', title: 'Rows', right: true },
      { key: 'result', title: 'Result' },
    ],
    outcomes.map((one) => ({ ...one })),
  );
  for (const { name, reason } of outcomes) {
    if (reason) call.out.line(call.out.style('red', `${name} stopped, nothing changed: ${reason}`));
  }
}

export const rebuildProjections: Command = {
  words: ['projections', 'rebuild'],
  summary: 'Fills a read model anew from the log beside live traffic, and swaps it in.',
  operands: ['NAME|all'],
  options: { tenant: { type: 'string', value: 'ID', description: 'Only this tenant’s rows.' } },
  example: 'clientforge projections rebuild companies',
  async run(call) {
    const { platform } = await call.open();
    const models = modelsNamed(platform, call.operands[0]!);
    const tenantId = call.text('tenant') && (await tenantOf(call, platform)).id;
    const outcomes: Outcome[] = [];
    for (const model of models) {
      if (call.signal.aborted) break;
      const outcome = await attempt(model, async () => {
        const done = await rebuilding(call, platform, model, (rebuild, options) =>
          tenantId ? rebuild.swapTenant(tenantId, options) : rebuild.swap(options),
        );
        return { name: model.name, ...done, result: 'rebuilt' };
      });
      outcomes.push(outcome);
    }
    const cancelled = call.signal.aborted;
    call.out.answer({ cancelled, rebuilt: outcomes }, () => {
      table(call, outcomes);
      if (!cancelled) return;
      call.out.line(
        tenantId
          ? 'Cancelled: what is served was not changed. The same command begins again.'
          : 'Cancelled: what is served was not changed. The next rebuild goes on from here.',
      );
    });
    return outcomes.every(({ result }) => result === 'rebuilt') && !cancelled
      ? exit.done
      : exit.refused;
  },
};

function showDifferences(call: Call, differences: readonly (Difference & { name: string })[]) {
  if (differences.length === 0) return;
  call.out.line();
  call.out.table(
    [
      { key: 'name', title: 'Name' },
      { key: 'table', title: 'Table' },
      { key: 'kind', title: 'Kind' },
      { key: 'tenantId', title: 'Tenant' },
      { key: 'id', title: 'Id' },
    ],
    differences.map((one) => ({ ...one })),
  );
}

export const verifyProjections: Command = {
  words: ['projections', 'verify'],
  summary: 'Folds the log beside a read model and compares every row that is served.',
  operands: ['NAME|all'],
  example: 'clientforge projections verify all',
  async run(call) {
    const { platform } = await call.open();
    const outcomes: Outcome[] = [];
    const differences: (Difference & { name: string })[] = [];
    for (const model of modelsNamed(platform, call.operands[0]!)) {
      if (call.signal.aborted) break;
      const outcome = await attempt(model, async () => {
        const { differences: found, ...done } = await rebuilding(
          call,
          platform,
          model,
          (rebuild, options) => rebuild.verify(options),
        );
        differences.push(...found.map((one) => ({ name: model.name, ...one })));
        const result = found.length > 0 ? 'differs' : 'verified';
        return { name: model.name, ...done, result };
      });
      outcomes.push(outcome);
    }
    const shown = differences.slice(0, SHOWN);
    const intact = outcomes.every(({ result }) => result === 'verified') && !call.signal.aborted;
    const rows = outcomes.reduce((sum, one) => sum + one.rows, 0);
    call.out.answer({ intact, rows, verified: outcomes, differences: shown }, () => {
      table(call, outcomes);
      showDifferences(call, shown);
      const counted = `${rows.toLocaleString('en')} rows checked`;
      if (intact) call.out.line(call.out.style('green', `${counted}: each is what the log says.`));
      else if (call.signal.aborted) call.out.line(`${counted} before it was cancelled.`);
      else if (differences.length > 0) {
        const more = differences.length > SHOWN ? ` The first ${SHOWN} are shown.` : '';
        call.out.line(call.out.style('red', `${counted}: some differ from the log.${more}`));
      }
    });
    return intact ? exit.done : exit.refused;
  },
};
