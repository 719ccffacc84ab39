import { Component, inject, output, signal } from '@angular/core';
import { apiError, type ApiError } from '../../data/api';
import { Icon } from '../../ui/icon';
import { Session } from '../session/session';
import { knowsPasskeys } from './passkeys';

/** Signing in with a passkey alone, where the browser knows them. */
@Component({
  selector: 'cf-passkey-sign-in',
  imports: [Icon],
  template: `
    @if (isOffered) {
      <button type="button" class="button large" [disabled]="isBusy()" (click)="use()">
        <cf-icon name="key" [size]="16" /> {{ isBusy() ? 'Waiting…' : 'Use a passkey' }}
      </button>
    }
  `,
  styles: `
    :host,
    .button {
      display: grid;
    }
    .button {
      grid-template-columns: auto auto;
    }
  `,
})
export class PasskeySignIn {
  private readonly session = inject(Session);
  readonly done = output();
  readonly failed = output<ApiError>();
  protected readonly isOffered = knowsPasskeys();
  protected readonly isBusy = signal(false);

  protected async use(): Promise<void> {
    this.isBusy.set(true);
    try {
      await this.session.signInByPasskey();
      this.done.emit();
    } catch (error) {
      this.failed.emit(apiError(error));
    } finally {
      this.isBusy.set(false);
    }
  }
}
