import { Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Icon } from '../../ui/icon';
import { AccountLinks, Attempt } from './link-pages';

/** Where people ask for a link to choose a new password. */
@Component({
  selector: 'cf-forgot-password',
  imports: [Icon, RouterLink],
  template: `
    <main>
      <form
        class="card"
        aria-labelledby="forgot-title"
        (submit)="$event.preventDefault(); ask(workspace.value, email.value)"
      >
        <img src="favicon.svg" alt="" width="40" height="40" />
        <h1 id="forgot-title">Choose a new password</h1>
        @if (attempt.done()) {
          <div class="notice" role="status">
            <cf-icon name="mail" />
            <p>
              If this address belongs to somebody who may sign in, a link is on its way. It is good
              once and for an hour.
            </p>
          </div>
        } @else {
          <p class="lead">We send a link to your address.</p>
        }
        @if (attempt.problem(); as text) {
          <div class="notice danger" role="alert">
            <cf-icon name="warn" />
            <p>{{ text }}</p>
          </div>
        }
        <div class="field">
          <label for="workspace">Workspace <span class="optional">optional</span></label>
          <input
            #workspace
            id="workspace"
            class="input large"
            autocomplete="organization"
            autocapitalize="none"
            spellcheck="false"
            [value]="remembered"
          />
        </div>
        <div class="field">
          <label for="email">E-mail address</label>
          <input
            #email
            id="email"
            class="input large"
            type="email"
            required
            autocomplete="username"
          />
        </div>
        <button class="button primary large" [disabled]="attempt.busy()">
          {{ attempt.busy() ? 'Sending…' : attempt.done() ? 'Send another link' : 'Send the link' }}
        </button>
        <a class="link" routerLink="/sign-in">Back to sign-in</a>
      </form>
    </main>
  `,
  styleUrl: './sign-in.scss',
})
export class ForgotPassword {
  private readonly links = inject(AccountLinks);
  protected readonly remembered = localStorage.getItem('cf.workspace') ?? '';
  protected readonly attempt = new Attempt();

  protected ask(workspace: string, email: string): Promise<void> {
    return this.attempt.run(() => this.links.forgot(workspace.trim(), email.trim()));
  }
}
