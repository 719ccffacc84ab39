import { drillBackup } from '#apps/composition/backup/drill';
import { foldersOf } from '#apps/composition/backup/places';
import { restoreBackup, type RestoreOptions } from '#apps/composition/backup/restore';
import { plainly, reachDatabase } from '#apps/composition/open-platform';
import { product } from '#apps/composition/product';
import { VERSION } from '#apps/api/health/product-version';
import { createBackup } from '#platform/backup/create';
import { BackupCancelled, BackupError } from '#platform/backup/manifest';
import { exit, type Call, type Command } from '../command.js';
import { progressOn } from '../progress.js';

function shown(call: Call): RestoreOptions {
  const progress = progressOn(call.out.terminal, call.out.json);
  return {
    signal: call.signal,
    say: (line) => call.out.note(line),
    begin: progress.begin,
    update: progress.update,
    end: progress.end,
  };
}

/** Says why a backup or a restoration could not be, without a stack. */
async function attempt(call: Call, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BackupError) call.out.fail('BACKUP', error.message);
    else if (error instanceof BackupCancelled) call.out.fail('CANCELLED', error.message);
    else throw error;
    return exit.refused;
  }
}

export const createBackupCommand: Command = {
  words: ['backup', 'create'],
  summary: 'Writes everything that cannot be derived into a folder, beside live traffic.',
  operands: ['DIR'],
  example: 'clientforge backup create /backups/2026-03-01',
  run: (call) =>
    attempt(call, async () => {
      const [folder] = call.operands as [string];
      const { begin, update, end, say } = shown(call);
      const { url, release } = await reachDatabase(call.config, say);
      try {
        begin?.('Backing up', 'rows');
        const manifest = await createBackup(folder, {
          url,
          release: VERSION,
          models: product.readModels.map(({ name }) => name),
          folders: foldersOf(call.config),
          signal: call.signal,
          ...(update ? { progress: update } : {}),
        });
        end?.();
        const rows = Object.fromEntries(manifest.tables.map((one) => [one.name, one.rows]));
        const bytes = manifest.tables.reduce((sum, one) => sum + one.bytes, 0);
        const files = manifest.files.length;
        call.out.answer({ folder, createdAt: manifest.createdAt, bytes, files, rows }, () => {
          const events = rows['es_event']!.toLocaleString('en');
          call.out.line(`${events} events and ${files} files are in ${folder}.`);
          call.out.line('The master key is not: keep it apart, nothing opens without it.');
        });
        return exit.done;
      } catch (error) {
        throw plainly(url, error);
      } finally {
        await release();
      }
    }),
};

export const restoreBackupCommand: Command = {
  words: ['backup', 'restore'],
  summary: 'Loads a backup into an empty database, applies erasures, builds rows, verifies chains.',
  operands: ['DIR'],
  example: 'clientforge backup restore /backups/2026-03-01',
  run: (call) =>
    attempt(call, async () => {
      const [folder] = call.operands as [string];
      const report = await restoreBackup(call.config, folder, shown(call));
      call.out.answer(report, () => {
        const { events, tenants, epoch, erasures, deletions, violations } = report;
        const counted = `${events.toLocaleString('en')} events of ${tenants} tenants`;
        call.out.line(`${counted} are restored; epoch ${epoch} is open.`);
        if (erasures > 0) call.out.line(`${erasures} erasures since the backup were applied.`);
        if (deletions > 0) call.out.line(`${deletions} workspaces deleted since are so again.`);
        const verdict = violations === 0 ? 'Every hash chain verifies.' : '';
        if (verdict) call.out.line(call.out.style('green', verdict));
        else call.out.line(call.out.style('red', `${violations} streams do not verify.`));
        call.out.line('Seals made since the backup: clientforge audit resume --all tells of them.');
      });
      return report.violations === 0 ? exit.done : exit.refused;
    }),
};

export const drillBackupCommand: Command = {
  words: ['backup', 'drill'],
  summary: 'Backs up, restores beside, examines and compares the copy, and removes it.',
  example: 'clientforge backup drill',
  run: (call) =>
    attempt(call, async () => {
      const report = await drillBackup(call.config, VERSION, shown(call));
      const { restored, different, compared, checks, holds } = report;
      call.out.answer(report, () => {
        const violated = checks.filter(({ status }) => status === 'violated');
        call.out.line(`${restored.events.toLocaleString('en')} events were restored.`);
        call.out.line(`${compared - different.length} of ${compared} tables are equal.`);
        for (const name of different) call.out.line(call.out.style('red', `${name} differs`));
        for (const { title, example } of violated) {
          call.out.line(call.out.style('red', `${title}: ${example ?? ''}`));
        }
        if (holds) call.out.line(call.out.style('green', 'The backup can be restored.'));
      });
      return holds ? exit.done : exit.refused;
    }),
};
