import { Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Icon } from '../../ui/icon';
import { AccountLinks, Attempt, linkToken } from './link-pages';

/** Where a link leads that proves a new address; a click, because programs open links too. */
@Component({
  selector: 'cf-confirm-address',
  imports: [Icon, RouterLink],
  template: `
    <main>
      <form
        class="card"
        aria-labelledby="confirm-title"
        (submit)="$event.preventDefault(); confirm()"
      >
        <img src="favicon.svg" alt="" width="40" height="40" />
        <h1 id="confirm-title">Confirm your new address</h1>
        @if (attempt.done()) {
          <div class="notice" role="status">
            <cf-icon name="check" />
            <p>From now on you sign in with this address.</p>
          </div>
          <a class="button primary large" routerLink="/">Open ClientForge</a>
        } @else {
          <p class="lead">Your account uses this address once you confirm it.</p>
          @if (attempt.problem(); as text) {
            <div class="notice danger" role="alert">
              <cf-icon name="warn" />
              <p>{{ text }}</p>
            </div>
          }
          <button class="button primary large" [disabled]="attempt.busy()">
            Confirm the address
          </button>
        }
      </form>
    </main>
  `,
  styleUrl: './sign-in.scss',
})
export class ConfirmAddress {
  private readonly links = inject(AccountLinks);
  private readonly token = linkToken();
  protected readonly attempt = new Attempt();

  protected confirm(): Promise<void> {
    return this.attempt.run(() => this.links.confirmAddress(this.token));
  }
}
