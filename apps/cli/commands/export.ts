import { exportTenant } from '#platform/operations/export';
import { writeWhole } from '#platform/operations/whole-file';
import { exit, required, type Command } from '../command.js';
import { mayWrite, notWritten } from '../out-file.js';
import { progressOn } from '../progress.js';
import { tenantOf, tenantOption } from '../tenant.js';

export const exportEvents: Command = {
  words: ['events', 'export'],
  summary: 'Writes all events of a tenant to a file that can be verified offline.',
  options: {
    ...tenantOption,
    out: { type: 'string', value: 'FILE', required: true, description: 'Where to write.' },
  },
  example:
    'clientforge events export --tenant 01890a5d-ac96-774b-bcce-b302099a8057 --out hooli.ndjson',
  async run(call) {
    const path = required(call, 'out');
    const { platform } = await call.open();
    const { id } = await tenantOf(call, platform);
    if (!(await mayWrite(call, path))) return exit.refused;
    const { keys } = await platform.seals();
    const progress = progressOn(call.out.terminal, call.out.json);
    progress.begin('Exporting', 'events');
    try {
      const report = await writeWhole(path, (write) =>
        exportTenant({ database: platform.database, keys }, id, write, {
          signal: call.signal,
          progress: progress.update,
        }),
      );
      progress.end();
      call.out.answer({ file: path, ...report }, () => {
        const { events, streams, seals, digest } = report;
        const of = `${streams.toLocaleString('en')} streams and ${seals.toLocaleString('en')} seals`;
        call.out.line(`${events.toLocaleString('en')} events of ${of} are in ${path}`);
        call.out.line(`SHA-256 ${digest}`);
        call.out.line(`Verify it offline with: node ops/audit/verify-export.mjs ${path} ${digest}`);
      });
      return exit.done;
    } catch (error) {
      progress.end('stopped');
      return notWritten(call, path, error);
    }
  },
};
