import { Injectable, inject } from '@angular/core';
import { MatDialog } from '@angular/material/dialog';
import { firstValueFrom } from 'rxjs';
import { Api } from '../../data/api';
import { Factors, type FactorState } from './factors';

/** Asks for a fresh proof wherever the API wants one, for the whole admin. */
@Injectable({ providedIn: 'root' })
export class StepUp {
  private readonly api = inject(Api);
  private readonly factors = inject(Factors);
  private readonly dialog = inject(MatDialog);

  /** From now on a request that needs a proof opens the dialog. */
  watch(): void {
    this.api.prove = () => this.ask();
  }

  private async ask(): Promise<boolean> {
    const [{ StepUpDialog }, data] = await Promise.all([
      import('./step-up-dialog'),
      this.factors.read(),
    ]);
    const opened = this.dialog.open<unknown, FactorState, boolean>(StepUpDialog, {
      data,
      width: '420px',
      maxWidth: 'calc(100vw - 24px)',
    });
    return (await firstValueFrom(opened.afterClosed())) === true;
  }
}
