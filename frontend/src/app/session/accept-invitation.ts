import { Component, inject, signal } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { Icon } from '../../ui/icon';
import { AccountLinks, Attempt, linkToken, problemText, type InvitationShown } from './link-pages';
import { NewPassword } from './new-password';
import { Session } from './session';

/** Where an invitation leads: a name, a password, and one is in. */
@Component({
  selector: 'cf-accept-invitation',
  imports: [Icon, NewPassword, RouterLink],
  template: `
    <main>
      <form
        class="card"
        aria-labelledby="accept-title"
        [attr.aria-busy]="!invited() && !attempt.problem()"
        (submit)="$event.preventDefault(); accept(first.value, last.value)"
      >
        <img src="favicon.svg" alt="" width="40" height="40" />
        <h1 id="accept-title">
          {{ invited() ? 'Join ' + invited()!.workspace.name : 'Your invitation' }}
        </h1>
        @if (invited(); as shown) {
          <p class="lead">You sign in with {{ shown.email }}.</p>
        }
        @if (attempt.problem(); as text) {
          <div class="notice danger" role="alert">
            <cf-icon name="warn" />
            <p>{{ text }}</p>
          </div>
        }
        <div class="fields" [hidden]="!invited()">
          <div class="field">
            <label for="first-name">First name</label>
            <input
              #first
              id="first-name"
              class="input large"
              autocomplete="given-name"
              required
              maxlength="100"
              [value]="invited()?.firstName ?? ''"
            />
          </div>
          <div class="field">
            <label for="last-name">Last name</label>
            <input
              #last
              id="last-name"
              class="input large"
              autocomplete="family-name"
              required
              maxlength="100"
              [value]="invited()?.lastName ?? ''"
            />
          </div>
          <cf-new-password [(value)]="password" />
          <button class="button primary large" [disabled]="attempt.busy()">
            {{ attempt.busy() ? 'Joining…' : 'Join' }}
          </button>
        </div>
        <a class="link" routerLink="/sign-in">I have an account</a>
      </form>
    </main>
  `,
  styleUrl: './sign-in.scss',
  styles: `
    .fields:not([hidden]) {
      display: grid;
      gap: 16px;
    }
  `,
})
export class AcceptInvitation {
  private readonly links = inject(AccountLinks);
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  private readonly token = linkToken();
  protected readonly invited = signal<InvitationShown | undefined>(undefined);
  protected readonly password = signal('');
  protected readonly attempt = new Attempt();

  constructor() {
    void this.links.invitation(this.token).then(
      (shown) => this.invited.set(shown),
      (error: unknown) => this.attempt.problem.set(problemText(error)),
    );
  }

  protected accept(firstName: string, lastName: string): Promise<void> {
    return this.attempt.run(async () => {
      const given = { firstName: firstName.trim(), lastName: lastName.trim() };
      const tokens = await this.links.accept(this.token, { ...given, password: this.password() });
      localStorage.setItem('cf.workspace', this.invited()!.workspace.slug);
      if (tokens.accessToken) await this.session.enter(tokens.accessToken);
      const next = tokens.accessToken ? '/' : '/sign-in';
      await this.router.navigateByUrl(next, { replaceUrl: true });
    });
  }
}
