import { Component, computed, inject, input, signal } from '@angular/core';
import { FormField, email, form, required, submit } from '@angular/forms/signals';
import { Router, RouterLink } from '@angular/router';
import type { ApiError } from '../../data/api';
import { Icon } from '../../ui/icon';
import { safeTarget } from './guard';
import { Session, type Credentials } from './session';

const REMEMBERED = 'cf.workspace';

/** Where people enter their workspace. */
@Component({
  selector: 'cf-sign-in',
  imports: [FormField, Icon, RouterLink],
  templateUrl: './sign-in.html',
  styleUrl: './sign-in.scss',
})
export class SignIn {
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  readonly next = input<string>();

  protected readonly credentials = signal<Credentials>({
    workspace: localStorage.getItem(REMEMBERED) ?? '',
    email: '',
    password: '',
  });
  protected readonly form = form(this.credentials, (path) => {
    required(path.email, { message: 'Enter your e-mail address.' });
    email(path.email, { message: 'This is no e-mail address.' });
    required(path.password, { message: 'Enter your password.' });
  });
  protected readonly problem = signal<ApiError | undefined>(undefined);
  protected readonly asksWorkspace = computed(() => this.problem()?.code === 'WORKSPACE_NEEDED');
  protected readonly choices = computed(() => {
    const value = this.problem()?.details[0]?.value;
    return this.asksWorkspace() && Array.isArray(value) ? (value as string[]) : [];
  });
  protected readonly isPasswordShown = signal(false);
  protected readonly isBusy = computed(() => this.form().submitting());
  protected readonly hasEnded = this.session.hasEnded;

  protected choose(workspace: string): void {
    this.credentials.update((given) => ({ ...given, workspace }));
    void this.signIn();
  }

  protected async signIn(event?: Event): Promise<void> {
    event?.preventDefault();
    await submit(this.form, async () => {
      this.problem.set(undefined);
      const problem = await this.session.signIn(this.credentials());
      this.problem.set(problem);
      if (problem) return;
      localStorage.setItem(REMEMBERED, this.credentials().workspace.trim());
      await this.router.navigateByUrl(safeTarget(this.next() ?? null), { replaceUrl: true });
    });
  }

  /** The first thing that is wrong with a field, once the person has left it. */
  protected errorOf(name: 'email' | 'password'): string | undefined {
    const field = this.form[name]();
    return field.touched() ? field.errors()[0]?.message : undefined;
  }
}
