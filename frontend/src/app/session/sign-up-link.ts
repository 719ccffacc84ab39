import { Component, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Api } from '../../data/api';

/** Leads to making a workspace, where this platform lets anybody. */
@Component({
  selector: 'cf-sign-up-link',
  imports: [RouterLink],
  template: `
    @if (isOpen()) {
      <a class="link" routerLink="/sign-up">Make a workspace</a>
    }
  `,
  styles: `
    :host {
      display: contents;
    }
  `,
})
export class SignUpLink {
  private readonly api = inject(Api);
  protected readonly isOpen = signal(false);

  constructor() {
    void this.ask();
  }

  /** Whoever cannot be told signs in all the same. */
  private async ask(): Promise<void> {
    const asked = this.api.json<{ open: boolean }>('/api/v1/auth/sign-up', { open: true });
    this.isOpen.set(await asked.then(({ open }) => open).catch(() => false));
  }
}
