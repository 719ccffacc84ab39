import { Component, inject, signal } from '@angular/core';
import { Icon } from '../../ui/icon';
import { Toasts } from '../../ui/toasts';
import { Attempt } from '../session/link-pages';
import { MIN_PASSWORD, NewPassword } from '../session/new-password';
import { Session } from '../session/session';
import { People } from '../users/people';
import { Factors } from './factors';

/** Changes one's own password; the session goes on under a new id. */
@Component({
  selector: 'cf-password-form',
  imports: [Icon, NewPassword],
  template: `
    <form
      class="card form"
      aria-labelledby="password-title"
      (submit)="$event.preventDefault(); change(current)"
    >
      <h2 id="password-title">Password</h2>
      @if (attempt.problem(); as text) {
        <div class="notice danger" role="alert"><cf-icon name="warn" /> {{ text }}</div>
      }
      <div class="field">
        <label for="current-password">Present password</label>
        <input
          #current
          id="current-password"
          class="input"
          type="password"
          required
          autocomplete="current-password"
        />
      </div>
      <cf-new-password [(value)]="password" [minimum]="minimum()" />
      <div class="acts">
        <button class="button" [disabled]="attempt.busy()">Change the password</button>
      </div>
      <p class="soft">All other sessions of yours end.</p>
    </form>
  `,
  styleUrl: './security.scss',
})
export class PasswordForm {
  private readonly people = inject(People);
  private readonly session = inject(Session);
  private readonly toasts = inject(Toasts);
  protected readonly password = signal('');
  protected readonly minimum = signal(MIN_PASSWORD);
  protected readonly attempt = new Attempt();

  constructor() {
    void inject(Factors)
      .read()
      .then(
        ({ passwordMinimum }) => this.minimum.set(passwordMinimum),
        () => undefined,
      );
  }

  protected change(current: HTMLInputElement): Promise<void> {
    return this.attempt.run(async () => {
      const tokens = await this.people.changePassword(current.value, this.password());
      await this.session.enter(tokens.accessToken);
      current.value = '';
      this.password.set('');
      this.toasts.done('Your password is changed; other sessions have ended.');
    });
  }
}
