import { Component, computed, effect, inject, input, signal, untracked } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { apiError, type ApiError } from '../../data/api';
import { Chip } from '../../ui/chip';
import { Icon } from '../../ui/icon';
import { Failure } from '../../ui/failure';
import { Toasts } from '../../ui/toasts';
import { problemText } from '../session/link-pages';
import { Session } from '../session/session';
import { Withheld } from '../session/withheld';
import { endOfTest, SingleSignOn } from '../session/single-sign-on';
import { ConnectionForm } from './connection-form';
import { PeopleForm } from './people-form';
import { presetOf } from './presets';
import { Providers, type Provider, type ProviderChange, type Setup } from './providers';
import { TestResult } from './test-result';
import { UseForm } from './use-form';

/** One identity provider: what it needs to know, how it is asked, whom it lets in. */
@Component({
  selector: 'cf-provider-page',
  imports: [
    Chip,
    ConnectionForm,
    Icon,
    PeopleForm,
    RouterLink,
    Failure,
    TestResult,
    UseForm,
    Withheld,
  ],
  templateUrl: './provider-page.html',
  styleUrls: ['../users/people.scss', './sso.scss'],
})
export class ProviderPage {
  private readonly providers = inject(Providers);
  private readonly router = inject(Router);
  private readonly toasts = inject(Toasts);
  private readonly singleSignOn = inject(SingleSignOn);
  protected readonly mayChange = inject(Session).may('identityProviders:update');
  protected readonly isWithheld = inject(Session).withheld('identityProviders:update');
  protected readonly mayDelete = inject(Session).may('identityProviders:delete');
  readonly id = input.required<string>();

  protected readonly provider = signal<Provider | undefined>(undefined);
  protected readonly setup = signal<Setup | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  /** What was refused last, and in which part of the page. */
  protected readonly problem = signal<{ part: string; text: string } | undefined>(undefined);
  protected readonly busy = signal(false);
  protected readonly isRemoving = signal(false);
  protected readonly shown = computed(() => {
    const provider = this.provider();
    return provider && presetOf(provider.kind, provider.preset);
  });
  /** Our addresses, which an administrator of the provider needs. */
  protected readonly addresses = computed(() => {
    const [provider, setup] = [this.provider(), this.setup()];
    if (!provider || !setup) return [];
    const saml = [
      { name: 'Metadata', value: setup.metadataUrl },
      { name: 'Entity id (audience)', value: setup.entityId },
      { name: 'Assertion consumer service (POST)', value: setup.acsUrl },
    ];
    const oidc = [{ name: 'Redirect address', value: setup.redirectUri }];
    return provider.kind === 'saml' ? saml : oidc;
  });

  constructor() {
    endOfTest();
    effect(() => {
      this.id();
      untracked(() => void this.refresh());
    });
  }

  protected async refresh(): Promise<void> {
    const id = this.id();
    try {
      this.provider.set(await this.providers.read(id));
      if (this.mayChange) this.setup.set(await this.providers.setup(id));
      this.error.set(undefined);
    } catch (error) {
      this.error.set(apiError(error));
    }
  }

  protected save(part: string, change: ProviderChange): Promise<boolean> {
    return this.work(part, async () => {
      this.provider.set(await this.providers.change(this.id(), change));
      this.setup.set(await this.providers.setup(this.id()));
      this.toasts.done('Saved.');
    });
  }

  protected saveSecret(secret: string): Promise<boolean> {
    return this.work('connection', async () => {
      await this.providers.setSecret(this.id(), secret);
      this.provider.update((one) => one && { ...one, hasSecret: true });
      this.toasts.done('The client secret was replaced.');
    });
  }

  /** Leaves for the provider; the answer leads back here, without a session of its own. */
  protected test(): Promise<boolean> {
    return this.work('test', async () => {
      const path = `/single-sign-on/${this.id()}`;
      const location = await this.providers.test(this.id(), path);
      this.singleSignOn.leaveForTest(location, path);
    });
  }

  protected remove(): Promise<boolean> {
    return this.work('remove', async () => {
      await this.providers.remove(this.id());
      this.toasts.done(`${this.provider()?.name} was removed.`);
      await this.router.navigateByUrl('/single-sign-on');
    });
  }

  protected async copy(value: string, name: string): Promise<void> {
    await navigator.clipboard.writeText(value).then(
      () => this.toasts.done(`${name} copied.`),
      () =>
        this.toasts.problem('The browser does not let this page copy. Select the text instead.'),
    );
  }

  protected problemOf(part: string): string | undefined {
    const problem = this.problem();
    return problem?.part === part ? problem.text : undefined;
  }

  private async work(part: string, what: () => Promise<void>): Promise<boolean> {
    this.busy.set(true);
    this.problem.set(undefined);
    try {
      await what();
      return true;
    } catch (error) {
      this.problem.set({ part, text: problemText(error) });
      return false;
    } finally {
      this.busy.set(false);
    }
  }
}
