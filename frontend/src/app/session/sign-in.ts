import { Component, computed, effect, inject, input, signal } from '@angular/core';
import { FormField, email, form, required, submit } from '@angular/forms/signals';
import { Router, RouterLink } from '@angular/router';
import { ApiError, apiError } from '../../data/api';
import { Icon } from '../../ui/icon';
import type { SecondStep } from '../security/factors';
import { PasskeySignIn } from '../security/passkey-sign-in';
import { SecondStepForm } from '../security/second-step';
import { safeTarget } from './guard';
import { Session, type Credentials } from './session';
import { SignUpLink } from './sign-up-link';
import { SingleSignOn, ssoProblemOf, type Offer } from './single-sign-on';

const REMEMBERED = 'cf.workspace';

/** Where people enter their workspace. */
@Component({
  selector: 'cf-sign-in',
  imports: [FormField, Icon, PasskeySignIn, RouterLink, SecondStepForm, SignUpLink],
  templateUrl: './sign-in.html',
  styleUrl: './sign-in.scss',
})
export class SignIn {
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  private readonly singleSignOn = inject(SingleSignOn);
  readonly next = input<string>();
  /** Short name of the workspace, where the address names it: `/w/hooli`. */
  readonly workspace = input<string>();
  /** What an identity provider sent the person back with. */
  readonly sso = input<string>();

  protected readonly credentials = signal<Credentials>({
    workspace: localStorage.getItem(REMEMBERED) ?? '',
    email: '',
    password: '',
  });
  protected readonly form = form(this.credentials, (path) => {
    required(path.email, { message: 'Enter your e-mail address.' });
    email(path.email, { message: 'This is no e-mail address.' });
    required(path.password, { message: 'Enter your password.', when: () => this.asksPassword() });
  });
  /** Providers that speak for the address; undefined before anybody asked. */
  protected readonly offers = signal<readonly Offer[] | undefined>(undefined);
  protected readonly forced = computed(() => this.offers()?.find(({ isForced }) => isForced));
  protected readonly prefersPassword = signal(false);
  protected readonly asksPassword = computed(
    () => this.offers() !== undefined && (!this.forced() || this.prefersPassword()),
  );
  protected readonly ssoProblem = computed(() => ssoProblemOf(this.sso()));
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
  protected readonly isShutOut = this.session.isShutOut;

  constructor() {
    effect(() => {
      const workspace = this.workspace();
      if (workspace) this.credentials.update((given) => ({ ...given, workspace }));
    });
  }

  protected choose(workspace: string): void {
    this.credentials.update((given) => ({ ...given, workspace }));
    void this.signIn();
  }

  protected goOn(event: Event): void {
    event.preventDefault();
    void (this.offers() ? this.signIn() : this.discover());
  }

  /** Asks how people of this address sign in, and takes them there if a password is no way. */
  private discover(): Promise<boolean> {
    return submit(this.form, async () => {
      this.problem.set(undefined);
      await this.lookUp();
    });
  }
  private async lookUp(): Promise<void> {
    const workspace = this.credentials().workspace.trim();
    try {
      this.offers.set(await this.singleSignOn.discover(workspace, this.credentials().email.trim()));
      const forced = this.forced();
      if (this.offers()?.length) localStorage.setItem(REMEMBERED, workspace);
      if (forced && this.singleSignOn.leadsOn()) this.singleSignOn.leave(this.addressOf(forced));
    } catch (error) {
      this.problem.set(apiError(error));
    }
  }

  protected addressOf({ startUrl }: Offer): string {
    return `${startUrl}?${new URLSearchParams({ next: safeTarget(this.next() ?? null) })}`;
  }

  protected startOver(): void {
    this.prefersPassword.set(false);
    this.offers.set(undefined);
    this.problem.set(undefined);
    this.credentials.update((given) => ({ ...given, password: '' }));
  }

  private async signIn(): Promise<void> {
    await submit(this.form, async () => {
      this.problem.set(undefined);
      const left = await this.session.signIn(this.credentials());
      if (left instanceof ApiError) await this.refused(left);
      else if (left) this.step.set(left);
      else await this.enter();
    });
  }

  /** A right password may not be enough; then the refusal names the workspace whose provider is. */
  private async refused(problem: ApiError): Promise<void> {
    this.problem.set(problem);
    const workspace = problem.details[0]?.value;
    if (problem.code !== 'SSO_REQUIRED' || typeof workspace !== 'string') return;
    this.prefersPassword.set(false);
    this.credentials.update((given) => ({ ...given, workspace, password: '' }));
    await this.lookUp();
  }

  protected async enter(): Promise<void> {
    this.singleSignOn.hasCome();
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
