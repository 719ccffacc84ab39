import { erasureOf } from '#apps/composition/erasure/erasure';
import { isUuid } from '#kernel/ids';
import { erasureReasons, type ErasureReason } from '#event-schemas/platform/erasure.events';
import { UNSCRUBBED, type ErasureReport } from '#platform/erasure/report';
import { scrub, type ScrubReport } from '#platform/erasure/scrub';
import { tracesOf } from '#platform/erasure/traces';
import { systemContext, type Platform } from '#platform/platform';
import { exit, orRefused, required, UsageError, type Call, type Command } from '../command.js';
import { progressOn } from '../progress.js';
import { tenantOf, tenantOption } from '../tenant.js';

function reasonOf(call: Call): ErasureReason {
  const given = required(call, 'reason');
  const found = erasureReasons.find((one) => one === given);
  if (found) return found;
  throw new UsageError(`--reason takes one of ${erasureReasons.join(', ')}, not ${given}.`);
}

async function scrubbed(call: Call, platform: Platform, report: ErasureReport) {
  const progress = progressOn(call.out.terminal, call.out.json);
  progress.begin('Overwriting', 'tables');
  const models = [...platform.registry.readModels.values()];
  const traces = await tracesOf(platform.database, report);
  const done = await scrub(platform.options.url, models, traces, (_step, n, total) =>
    progress.update(n, n / Math.max(1, total)),
  );
  progress.end();
  return done;
}

function show(call: Call, report: ErasureReport, done: ScrubReport | undefined): void {
  const { out } = call;
  const { subjectId, closed, reached } = report;
  const last = report.id
    ? `as erasure ${report.id}`
    : 'before; what was derived was looked through';
  out.line(out.style('green', `${subjectId} is erased ${last}.`));
  for (const stream of closed) out.line(`${stream} is closed for ever.`);
  out.table(
    [
      { key: 'place', title: 'Reached' },
      { key: 'count', title: 'Count', right: true },
    ],
    reached.map((one) => ({ ...one })),
  );
  if (done) out.line(`${done.tables} tables and ${done.walSegments} segments were overwritten.`);
  out.line();
  out.line(out.style('bold', 'Remains'));
  for (const { place, count, remedy } of report.remains) {
    out.line(`${count === undefined ? '' : `${count.toLocaleString('en')} `}${place}: ${remedy}`);
  }
}

export const eraseSubject: Command = {
  words: ['subjects', 'erase'],
  summary: 'Destroys the personal data of a person for ever, and reports what was reached.',
  options: {
    ...tenantOption,
    subject: {
      type: 'string',
      value: 'ID',
      required: true,
      description: 'Contact, user or other record people are described under.',
    },
    reason: {
      type: 'string',
      value: 'WHY',
      default: 'request',
      description: `${erasureReasons.join(', ')}.`,
    },
    reference: {
      type: 'string',
      value: 'TEXT',
      description: 'Number of the request; no personal data.',
    },
    scrub: {
      type: 'boolean',
      description: 'Overwrite dead rows and the write-ahead log; lists stand still meanwhile.',
    },
  },
  example:
    'clientforge subjects erase --tenant 01890a5d-ac96-774b-bcce-b302099a8057 ' +
    '--subject 01890a5d-ac96-774b-bcce-b302099a8060 --reference REQ-2041 --scrub',
  async run(call) {
    const subjectId = required(call, 'subject').toLowerCase();
    const reason = reasonOf(call);
    const reference = call.text('reference');
    if (!isUuid(subjectId)) throw new UsageError(`--subject takes an id, not ${subjectId}.`);
    if (reference !== undefined && !/^[^\p{Cc}]{1,100}$/u.test(reference)) {
      throw new UsageError('--reference takes 1 to 100 characters.');
    }
    const { platform } = await call.open();
    const { id: tenantId, values } = await tenantOf(call, platform);
    const question = `Nothing brings back what is erased. Erase ${subjectId} in ${values.name}?`;
    if (!(await call.confirm(question))) {
      call.out.fail('DECLINED', 'Nothing was changed.');
      return exit.refused;
    }
    const ctx = systemContext(tenantId, 'cli');
    const request = { subjectId, reason, ...(reference ? { reference } : {}) };
    const erased = orRefused(await erasureOf(platform, call.config).erase(request, ctx));
    const done = call.flag('scrub') ? await scrubbed(call, platform, erased) : undefined;
    const remains = done
      ? [...erased.remains.filter((one) => one !== UNSCRUBBED), ...done.remains]
      : erased.remains;
    const report = { ...erased, remains };
    call.out.answer({ ...report, ...(done ? { scrubbed: done } : {}) }, () =>
      show(call, report, done),
    );
    return exit.done;
  },
};
