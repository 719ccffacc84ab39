import { sealerOf } from '#apps/composition/sealing';
import { refusal } from '#kernel/refusal';
import { auditedTenants, auditTenant, type AuditReport } from '#platform/operations/audit';
import { destroyedTenants } from '#platform/operations/tenants';
import type { Platform } from '#platform/platform';
import { ResumeError, resumeSeals, type Resumed } from '#platform/seals/resume';
import { exit, RefusedError, required, UsageError, type Call, type Command } from '../command.js';
import { progressOn } from '../progress.js';
import { tenantOf, tenantOption } from '../tenant.js';

const whose = {
  tenant: { ...tenantOption.tenant, required: false },
  all: { type: 'boolean', description: 'Every tenant, those without a name included.' },
} as const;

/** The tenants that `--tenant` or `--all` names; of a deleted one the log is there as well. */
async function tenantsOf(call: Call, platform: Platform): Promise<readonly string[]> {
  if (call.flag('all') === (call.text('tenant') !== undefined)) {
    throw new UsageError('Give either --tenant or --all.');
  }
  if (call.flag('all')) return auditedTenants(platform.database, (await platform.seals()).copy);
  const deleted = await destroyedTenants(platform.database);
  const named = deleted.find((id) => id === call.text('tenant')?.toLowerCase());
  return [named ?? (await tenantOf(call, platform)).id];
}

function show(call: Call, report: AuditReport): void {
  const { out } = call;
  const count = (value: number) => value.toLocaleString('en');
  const { streams, events, violations, untold, seals, sealed, sealedUntil, unsealed } = report;
  const counted = `${report.tenantId}: ${count(events)} events in ${count(streams)} streams`;
  if (report.intact) {
    out.line(out.style('green', `${counted}: every chain and seal is intact.`));
  } else {
    const broken = violations.length + untold;
    out.line(out.style('red', `${counted}: ${count(broken)} do not verify.`));
    out.table(
      [
        { key: 'streamId', title: 'Stream' },
        { key: 'version', title: 'Revision', right: true },
        { key: 'seal', title: 'Seal', right: true },
        { key: 'kind', title: 'Kind' },
        { key: 'message', title: 'What is wrong' },
      ],
      violations.map((one) => ({
        ...one,
        streamId: one.streamId ?? '',
        version: one.version ?? '',
        seal: one.seal ?? '',
      })),
    );
  }
  const until = sealedUntil ? ` until ${sealedUntil}` : '';
  const rest = unsealed > 0 ? `, ${count(unsealed)} not yet` : '';
  out.line(`${count(sealed)} events are sealed${until} by ${count(seals)} seals${rest}.`);
  for (const notice of report.notices) out.line(out.style('yellow', notice));
}

export const verifyAudit: Command = {
  words: ['audit', 'verify'],
  summary: 'Checks chains, seals, signatures and the copy of the seals outside the database.',
  options: whose,
  example: 'clientforge audit verify --tenant 01890a5d-ac96-774b-bcce-b302099a8057',
  async run(call) {
    const { platform } = await call.open();
    const seals = await platform.seals();
    const reports: AuditReport[] = [];
    for (const id of await tenantsOf(call, platform)) {
      const progress = progressOn(call.out.terminal, call.out.json);
      progress.begin('Verifying', 'events');
      try {
        const report = await auditTenant(
          { database: platform.database, seals, kurrentDb: platform.options.kurrentDb },
          id,
          {
            signal: call.signal,
            progress: (done, total) => progress.update(done, done / Math.max(1, total)),
          },
        );
        progress.end();
        reports.push(report);
      } catch (error) {
        progress.end('stopped');
        if (!call.signal.aborted) throw error;
        call.out.fail('CANCELLED', 'Cancelled; nothing can be said.');
        return exit.notRun;
      }
    }
    const intact = reports.every((one) => one.intact);
    const answer = call.flag('all') ? { intact, tenants: reports } : { ...reports[0] };
    call.out.answer(answer, () => {
      for (const report of reports) show(call, report);
    });
    return intact ? exit.done : exit.refused;
  },
};

export const showAuditKeys: Command = {
  words: ['audit', 'keys'],
  summary: 'Prints the public keys that seals are verified with.',
  example: 'clientforge audit keys',
  async run(call) {
    const { keys } = await (await call.open()).platform.seals();
    call.out.answer({ keys: keys.publicKeys }, () => {
      for (const { id, publicKey, current } of keys.publicKeys) {
        call.out.line(`${id}${current ? ' signs new seals' : ''}\n${publicKey.trimEnd()}`);
      }
    });
  },
};

export const resumeAudit: Command = {
  words: ['audit', 'resume'],
  summary: 'Goes on sealing after a restoration from a backup that lacks the latest seals.',
  options: {
    ...whose,
    reason: { type: 'string', value: 'TEXT', required: true, description: 'Signed with the seal.' },
  },
  example: 'clientforge audit resume --all --reason "restored the backup of 1 March"',
  async run(call) {
    const reason = required(call, 'reason');
    const { platform } = await call.open();
    const tenants = await tenantsOf(call, platform);
    const question = 'Seals that the database no longer has are given up for ever, and told so.';
    if (!(await call.confirm(`${question} Go on?`))) {
      call.out.fail('DECLINED', 'Nothing was changed.');
      return exit.refused;
    }
    const seals = await platform.seals();
    const resumed: (Resumed & { readonly tenantId: string })[] = [];
    for (const tenantId of tenants) {
      try {
        const one = await resumeSeals({ ...seals, database: platform.database }, tenantId, reason);
        if (one) resumed.push({ tenantId, ...one });
      } catch (error) {
        if (!(error instanceof ResumeError)) throw error;
        throw new RefusedError(refusal('NOT_RESUMABLE', 'rule', `${tenantId}: ${error.message}`));
      }
    }
    // Where a server runs, its sealer does this with its next round.
    const sealer = await sealerOf(platform, call.config);
    await sealer.catchUp();
    await sealer.close();
    call.out.answer({ resumed }, () => {
      for (const { tenantId, number, seals: given, events } of resumed) {
        const what = `${given} seals of ${events} events are given up`;
        call.out.line(`${tenantId}: ${what}; seal ${number} says so.`);
      }
      if (resumed.length === 0) call.out.line('No tenant needed it.');
    });
    return exit.done;
  },
};
