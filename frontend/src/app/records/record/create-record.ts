import type { MatDialog } from '@angular/material/dialog';
import { firstValueFrom } from 'rxjs';
import type { RecordRow, RecordType } from '../record-type';

export interface CreateRequest {
  readonly type: RecordType;
  /** Values the record starts with: the company of a new contact. */
  readonly preset: Readonly<Record<string, unknown>>;
}

/** Opens the form for a new record; its code is only loaded then. */
export async function createRecord(
  dialog: MatDialog,
  type: RecordType,
  preset: CreateRequest['preset'] = {},
): Promise<RecordRow | undefined> {
  const { CreateDialog } = await import('./create-dialog');
  const opened = dialog.open<unknown, CreateRequest, RecordRow>(CreateDialog, {
    data: { type, preset },
    width: '520px',
    maxWidth: 'calc(100vw - 24px)',
    autoFocus: 'input, textarea, .input',
  });
  return firstValueFrom(opened.afterClosed());
}
