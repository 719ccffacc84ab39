import { existsSync } from 'node:fs';
import { ExportCancelled } from '#platform/operations/export';
import { exit, type Call } from './command.js';

/** Where a file cannot be written. */
const FILE_ERROR = /^E(NOENT|NOTDIR|ISDIR|ACCES|PERM|ROFS|NOSPC|DQUOT|IO)$/;

/** Whether a file may be written there: one that is there already is replaced only when asked. */
export async function mayWrite(call: Call, path: string): Promise<boolean> {
  if (!existsSync(path)) return true;
  if (await call.confirm(`${path} is there already. Replace it?`)) return true;
  call.out.fail('DECLINED', 'Nothing was written.');
  return false;
}

/** Says why an export came to no file; errors of any other kind are thrown on. */
export function notWritten(call: Call, path: string, error: unknown): number {
  if (call.signal.aborted || error instanceof ExportCancelled) {
    call.out.fail('CANCELLED', `Cancelled; ${path} was not written.`);
    return exit.refused;
  }
  if (!FILE_ERROR.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
  call.out.fail('FILE', `${path} cannot be written: ${(error as Error).message}`);
  return exit.notRun;
}
