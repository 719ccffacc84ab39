import { Component, computed, inject, input, signal } from '@angular/core';
import { FormField, email, form, required, submit } from '@angular/forms/signals';
import { Router, RouterLink } from '@angular/router';
import { ApiError } from '../../data/api';
import { Icon } from '../../ui/icon';
import type { SecondStep } from '../security/factors';
import { SecondStepForm } from '../security/second-step';
import { safeTarget } from './guard';
import { Session, type Credentials } from './session';

const REMEMBERED = 'cf.workspace';

/** Where people enter their workspace. */
@Component({
  selector: 'cf-sign-in',
  imports: [FormField, Icon, RouterLink, SecondStepForm],
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
  /** What is left to do after the password was right. */
  protected readonly step = signal<SecondStep | undefined>(undefined);
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
      const left = await this.session.signIn(this.credentials());
      if (left instanceof ApiError) this.problem.set(left);
      else if (left) this.step.set(left);
      else await this.enter();
    });
  }

  protected async enter(): Promise<void> {
    localStorage.setItem(REMEMBERED, this.credentials().workspace.trim());
    await this.router.navigateByUrl(safeTarget(this.next() ?? null), { replaceUrl: true });
  }

  /** Back to the password, with what went wrong if anything did. */
  protected leave(message: string | undefined): void {
    this.step.set(undefined);
    this.credentials.update((given) => ({ ...given, password: '' }));
    this.problem.set(message ? new ApiError('CHALLENGE_ENDED', message) : undefined);
  }

  /** The first thing that is wrong with a field, once the person has left it. */
  protected errorOf(name: 'email' | 'password'): string | undefined {
    const field = this.form[name]();
    return field.touched() ? field.errors()[0]?.message : undefined;
  }
}
