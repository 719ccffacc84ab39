import { Component } from '@angular/core';
import { RouterLink } from '@angular/router';
import { FactorList } from './factor-list';
import { PasswordForm } from './password-form';
import { SessionList } from './session-list';

/** How one signs in, what proves it, and where one is signed in. */
@Component({
  selector: 'cf-security-page',
  imports: [FactorList, PasswordForm, RouterLink, SessionList],
  template: `
    <header>
      <div>
        <h1>Your security</h1>
        <p>
          How you sign in, and where you are signed in.
          <a class="link" routerLink="/api-keys">API keys</a>
        </p>
      </div>
    </header>
    <cf-factor-list />
    <cf-session-list />
    <cf-password-form />
  `,
  styleUrl: '../users/people.scss',
})
export class SecurityPage {}
