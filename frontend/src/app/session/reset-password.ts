import { Component, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Icon } from '../../ui/icon';
import { AccountLinks, Attempt, linkToken } from './link-pages';
import { NewPassword } from './new-password';

/** Where a link leads that lets somebody choose a new password. */
@Component({
  selector: 'cf-reset-password',
  imports: [Icon, NewPassword, RouterLink],
  template: `
    <main>
      <form class="card" aria-labelledby="reset-title" (submit)="$event.preventDefault(); reset()">
        <img src="favicon.svg" alt="" width="40" height="40" />
        <h1 id="reset-title">Choose a new password</h1>
        @if (attempt.done()) {
          <div class="notice" role="status">
            <cf-icon name="check" />
            <p>Your password is changed, and all sessions have ended.</p>
          </div>
          <a class="button primary large" routerLink="/sign-in">Sign in</a>
        } @else {
          @if (attempt.problem(); as text) {
            <div class="notice danger" role="alert">
              <cf-icon name="warn" />
              <p>{{ text }}</p>
            </div>
          }
          <cf-new-password [(value)]="password" />
          <button class="button primary large" [disabled]="attempt.busy()">
            {{ attempt.busy() ? 'Changing…' : 'Change the password' }}
          </button>
          <a class="link" routerLink="/forgot-password">Ask for another link</a>
        }
      </form>
    </main>
  `,
  styleUrl: './sign-in.scss',
})
export class ResetPassword {
  private readonly links = inject(AccountLinks);
  private readonly token = linkToken();
  protected readonly password = signal('');
  protected readonly attempt = new Attempt();

  protected reset(): Promise<void> {
    return this.attempt.run(() => this.links.reset(this.token, this.password()));
  }
}
