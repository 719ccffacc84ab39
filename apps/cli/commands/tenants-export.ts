import { rm } from 'node:fs/promises';
import { exportedWorkspace, keepExport } from '#apps/composition/workspace-export/export-job';
import { uuidv7 } from '#kernel/ids';
import { archiveParts, writeArchive } from '#platform/operations/workspace-archive';
import { systemContext } from '#platform/platform';
import { exit, orRefused, required, type Command } from '../command.js';
import { mayWrite, notWritten } from '../out-file.js';
import { progressOn } from '../progress.js';
import { project } from '../projecting.js';
import { tenantOf, tenantOption } from '../tenant.js';

/** The whole workspace as one file, for its operator. */
export const exportWorkspace: Command = {
  words: ['tenants', 'export'],
  summary: 'Writes the log and every record of a tenant into one archive.',
  options: {
    ...tenantOption,
    out: { type: 'string', value: 'FILE', required: true, description: 'Where to write: .tar.gz' },
  },
  example: 'clientforge tenants export --tenant 0198… --out hooli.tar.gz',
  async run(call) {
    const path = required(call, 'out');
    const { platform } = await call.open();
    const { id } = await tenantOf(call, platform);
    if (!(await mayWrite(call, path))) return exit.refused;
    await project(call, platform);
    const progress = progressOn(call.out.terminal, call.out.json);
    progress.begin('Exporting', 'entries');
    try {
      const report = await writeArchive(platform, {
        workspace: await exportedWorkspace(platform, id),
        path,
        at: platform.clock(),
        signal: call.signal,
        progress: (lines, total) => progress.update(lines, lines / Math.max(1, total)),
      });
      progress.end();
      const refused = await keepExport(platform, systemContext(id, 'cli'), uuidv7(), report);
      orRefused(refused ?? report);
      call.out.answer({ file: path, ...report }, () => {
        const { events, records, sha256 } = report;
        const count = (number: number) => number.toLocaleString('en');
        call.out.line(`${count(events)} events and ${count(records)} records are in ${path}`);
        call.out.line(`SHA-256 ${sha256}`);
      });
      return exit.done;
    } catch (error) {
      progress.end('stopped');
      await rm(archiveParts(path), { recursive: true, force: true });
      return notWritten(call, path, error);
    }
  },
};
