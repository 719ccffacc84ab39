import { verifyTenant } from '#platform/operations/audit';
import { exit, type Command } from '../command.js';
import { progressOn } from '../progress.js';
import { tenantOf, tenantOption } from '../tenant.js';

export const verifyAudit: Command = {
  words: ['audit', 'verify'],
  summary: 'Checks the hash chain of every stream of a tenant.',
  options: tenantOption,
  example: 'clientforge audit verify --tenant 01890a5d-ac96-774b-bcce-b302099a8057',
  async run(call) {
    const { platform } = await call.open();
    const { id } = await tenantOf(call, platform);
    const progress = progressOn(call.out.terminal, call.out.json);
    progress.begin('Verifying', 'events');
    let seen = 0;
    const report = await verifyTenant(platform.database, id, (events) =>
      progress.update((seen += events)),
    );
    progress.end();
    const { streams, events, violations } = report;
    const intact = violations.length === 0;
    call.out.answer({ intact, ...report }, () => {
      const counted = `${events.toLocaleString('en')} events in ${streams.toLocaleString('en')} streams`;
      if (intact) {
        call.out.line(call.out.style('green', `${counted}: every chain is intact.`));
        return;
      }
      call.out.line(call.out.style('red', `${counted}: ${violations.length} do not verify.`));
      call.out.table(
        [
          { key: 'streamId', title: 'Stream' },
          { key: 'version', title: 'Revision', right: true },
          { key: 'kind', title: 'Kind' },
          { key: 'message', title: 'What is wrong' },
        ],
        violations.map((one) => ({ ...one })),
      );
    });
    return intact ? exit.done : exit.refused;
  },
};
