import { Component, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { apiError, type ApiError } from '../../data/api';
import { Icon } from '../../ui/icon';
import { State } from '../../ui/state';
import { Toasts } from '../../ui/toasts';
import { problemText } from '../session/link-pages';
import { Session } from '../session/session';
import { People, type Profile, type ProfileChange } from './people';

/** What people say about themselves, and their address. */
@Component({
  selector: 'cf-profile-page',
  imports: [Icon, RouterLink, State],
  templateUrl: './profile-page.html',
  styleUrl: './people.scss',
})
export class ProfilePage {
  private readonly people = inject(People);
  private readonly toasts = inject(Toasts);
  private readonly session = inject(Session);
  protected readonly profile = signal<Profile | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly problem = signal<
    { readonly form: 'profile' | 'address'; readonly text: string } | undefined
  >(undefined);
  protected readonly busy = signal(false);
  protected readonly asked = signal<string | undefined>(undefined);
  protected readonly mayChange = this.session.may('users:update');
  protected readonly zones = Intl.supportedValuesOf('timeZone');

  constructor() {
    void this.refresh();
  }

  protected async refresh(): Promise<void> {
    try {
      this.profile.set(await this.people.profile());
      this.error.set(undefined);
    } catch (error) {
      this.error.set(apiError(error));
    }
  }
  protected save(change: ProfileChange): Promise<void> {
    return this.work('profile', async () => {
      this.profile.set(await this.people.change(this.profile()!.id, change));
      this.toasts.done('Your profile is saved.');
    });
  }
  protected moveTo(email: string): Promise<void> {
    return this.work('address', async () => {
      await this.people.changeAddress(email);
      this.asked.set(email);
    });
  }
  protected problemOf(form: 'profile' | 'address'): string | undefined {
    const problem = this.problem();
    return problem?.form === form ? problem.text : undefined;
  }
  private async work(form: 'profile' | 'address', what: () => Promise<void>): Promise<void> {
    this.problem.set(undefined);
    this.busy.set(true);
    try {
      await what();
    } catch (error) {
      this.problem.set({ form, text: problemText(error) });
    } finally {
      this.busy.set(false);
    }
  }
}
