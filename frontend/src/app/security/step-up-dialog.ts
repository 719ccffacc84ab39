import { Component, inject, signal } from '@angular/core';
import { MAT_DIALOG_DATA, MatDialogModule, MatDialogRef } from '@angular/material/dialog';
import { Router } from '@angular/router';
import { apiError } from '../../data/api';
import { Icon } from '../../ui/icon';
import { Session } from '../session/session';
import { Factors, type FactorState } from './factors';

/** Asks once more who sits there, before something dangerous is done. */
@Component({
  selector: 'cf-step-up-dialog',
  imports: [Icon, MatDialogModule],
  templateUrl: './step-up-dialog.html',
  styleUrl: './step-up-dialog.scss',
})
export class StepUpDialog {
  private readonly factors = inject(Factors);
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  private readonly ref = inject(MatDialogRef) as MatDialogRef<unknown, boolean>;
  private readonly proofs = inject<FactorState>(MAT_DIALOG_DATA).proofs;
  protected readonly typed = signal('');
  protected readonly isBusy = signal(false);
  protected readonly problem = signal<string | undefined>(undefined);
  protected readonly asksPassword = this.proofs.includes('password');
  protected readonly asksCode =
    this.proofs.includes('totp') || this.proofs.includes('recovery_code');
  protected readonly asksPasskey = this.proofs.includes('passkey');
  protected readonly isStuck = this.proofs.length === 0;

  protected async send(event: Event): Promise<void> {
    event.preventDefault();
    const given = this.asksPassword ? this.typed() : this.typed().trim();
    if (this.isBusy()) return;
    if (!given) {
      return this.problem.set(this.asksPassword ? 'Enter your password.' : 'Enter the code.');
    }
    await this.attempt(async () => {
      await this.factors.stepUp(this.asksPassword ? { password: given } : { code: given });
      this.ref.close(true);
    });
  }

  protected usePasskey(): Promise<void> {
    return this.attempt(async () => {
      await this.factors.stepUp(await this.factors.passkeyProof());
      this.ref.close(true);
    });
  }

  /** For those who sign in elsewhere: coming back is the proof. */
  protected async signInAgain(): Promise<void> {
    const queryParams = { next: this.router.url };
    this.ref.close(false);
    await this.session.signOut();
    await this.router.navigate(['/sign-in'], { queryParams });
  }

  private async attempt(work: () => Promise<unknown>): Promise<void> {
    this.isBusy.set(true);
    this.problem.set(undefined);
    try {
      await work();
    } catch (error) {
      const { message, details } = apiError(error);
      this.typed.set('');
      this.problem.set([message, details[0]?.remedy].filter(Boolean).join(' '));
    } finally {
      this.isBusy.set(false);
    }
  }
}
