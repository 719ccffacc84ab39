import { Component, inject, signal } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { apiError, type ApiError } from '../../data/api';
import { Bones } from '../../ui/bones';
import { Chip } from '../../ui/chip';
import { Icon } from '../../ui/icon';
import { Failure } from '../../ui/failure';
import { State } from '../../ui/state';
import { When } from '../../ui/when';
import { problemText } from '../session/link-pages';
import { Session } from '../session/session';
import { Withheld } from '../session/withheld';
import { reasonText } from './diagnosis';
import { domainsOf, issuerOf, presetOf, presets } from './presets';
import { Providers, type Provider } from './providers';

/** Where people of the workspace sign in from outside, and adding one more. */
@Component({
  selector: 'cf-providers-page',
  imports: [Bones, Chip, Failure, Icon, RouterLink, State, When, Withheld],
  templateUrl: './providers-page.html',
  styleUrls: ['../users/people.scss', './sso.scss'],
})
export class ProvidersPage {
  private readonly providers = inject(Providers);
  private readonly router = inject(Router);
  protected readonly mayAdd = inject(Session).may('identityProviders:create');
  protected readonly presets = presets;
  protected readonly reasonText = reasonText;
  protected readonly all = signal<readonly Provider[] | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly problem = signal<string | undefined>(undefined);
  protected readonly isAdding = signal(false);
  protected readonly busy = signal(false);

  constructor() {
    void this.refresh();
  }

  protected async refresh(): Promise<void> {
    try {
      this.all.set(await this.providers.list());
      this.error.set(undefined);
    } catch (error) {
      this.error.set(apiError(error));
    }
  }

  /** Adds a provider that nobody can use yet, and goes on to what it needs. */
  protected async add(name: string, choice: string, domains: string): Promise<void> {
    const shown = presets[Number(choice)]!;
    const { kind, preset } = shown;
    const issuerUrl = issuerOf(shown);
    this.problem.set(undefined);
    this.busy.set(true);
    try {
      const { id } = await this.providers.add({
        name: name.trim(),
        kind,
        domains: domainsOf(domains),
        ...(preset ? { preset } : {}),
        ...(issuerUrl ? { issuerUrl } : {}),
      });
      await this.router.navigateByUrl(`/single-sign-on/${id}`);
    } catch (error) {
      this.problem.set(problemText(error));
    } finally {
      this.busy.set(false);
    }
  }

  protected titleOf({ kind, preset }: Provider): string {
    return presetOf(kind, preset).title;
  }
}
