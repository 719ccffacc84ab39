import { Component, inject, signal } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { Api } from '../../data/api';
import { Icon } from '../../ui/icon';
import { Attempt, linkToken } from './link-pages';
import { NewPassword } from './new-password';
import { Session } from './session';

const PATH = '/api/v1/auth/sign-up';

/** Where somebody makes a workspace: first an address, then, by the link sent to it, the rest. */
@Component({
  selector: 'cf-sign-up',
  imports: [Icon, NewPassword, RouterLink],
  template: `
    <main>
      @if (token) {
        <form
          class="card"
          aria-labelledby="sign-up-title"
          (submit)="$event.preventDefault(); make(name.value, short.value, owner.value)"
        >
          <img src="favicon.svg" alt="" width="40" height="40" />
          <h1 id="sign-up-title">Make a workspace</h1>
          <p class="lead">You will be its owner.</p>
          @if (attempt.problem(); as text) {
            <div class="notice danger" role="alert">
              <cf-icon name="warn" />
              <p>{{ text }}</p>
            </div>
          }
          <div class="field">
            <label for="name">Name of the workspace</label>
            <input
              #name
              id="name"
              class="input large"
              required
              maxlength="255"
              autocomplete="organization"
            />
          </div>
          <div class="field">
            <label for="short">Short name <span class="optional">optional</span></label>
            <input
              #short
              id="short"
              class="input large"
              maxlength="63"
              autocapitalize="none"
              spellcheck="false"
              placeholder="made from the name"
            />
          </div>
          <div class="field">
            <label for="owner">Your name</label>
            <input
              #owner
              id="owner"
              class="input large"
              required
              maxlength="200"
              autocomplete="name"
            />
          </div>
          <cf-new-password [(value)]="password" />
          <button class="button primary large" [disabled]="attempt.busy()">
            Make the workspace
          </button>
          <a class="link" routerLink="/sign-in">I have an account</a>
        </form>
      } @else {
        <form
          class="card"
          aria-labelledby="sign-up-title"
          (submit)="$event.preventDefault(); ask(email.value)"
        >
          <img src="favicon.svg" alt="" width="40" height="40" />
          <h1 id="sign-up-title">Make a workspace</h1>
          @if (attempt.done()) {
            <div class="notice" role="status">
              <cf-icon name="mail" />
              <p>A link is on its way. It is good once and for a day.</p>
            </div>
          } @else {
            <p class="lead">We send a link to your address first.</p>
          }
          @if (attempt.problem(); as text) {
            <div class="notice danger" role="alert">
              <cf-icon name="warn" />
              <p>{{ text }}</p>
            </div>
          }
          <div class="field">
            <label for="email">E-mail address</label>
            <input
              #email
              id="email"
              class="input large"
              type="email"
              required
              autocomplete="email"
            />
          </div>
          <button class="button primary large" [disabled]="attempt.busy()">
            {{ attempt.done() ? 'Send another link' : 'Send the link' }}
          </button>
          <a class="link" routerLink="/sign-in">I have an account</a>
        </form>
      }
    </main>
  `,
  styleUrl: './sign-in.scss',
})
export class SignUp {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  protected readonly token = linkToken();
  protected readonly password = signal('');
  protected readonly attempt = new Attempt();

  protected ask(email: string): Promise<void> {
    return this.attempt.run(() =>
      this.api.json(PATH, { body: { email: email.trim() }, open: true }),
    );
  }
  protected make(name: string, slug: string, ownerName: string): Promise<void> {
    return this.attempt.run(async () => {
      const password = this.password();
      const short = slug.trim().toLowerCase();
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
      const body = {
        token: this.token,
        name: name.trim(),
        ...(short ? { slug: short } : {}),
        ownerName: ownerName.trim(),
        password,
        timeZone,
      };
      const made = await this.api.json<{ workspace: string; email: string }>(`${PATH}/complete`, {
        body,
        open: true,
      });
      localStorage.setItem('cf.workspace', made.workspace);
      const { workspace, email } = made;
      const left = await this.session.signIn({ workspace, email, password });
      await this.router.navigateByUrl(left ? '/sign-in' : '/', { replaceUrl: true });
    });
  }
}
