import { Component, inject, signal } from '@angular/core';
import { apiError, type ApiError } from '../../data/api';
import { Bones } from '../../ui/bones';
import { Icon } from '../../ui/icon';
import { Failure } from '../../ui/failure';
import { State } from '../../ui/state';
import { Toasts } from '../../ui/toasts';
import { When } from '../../ui/when';
import { Names } from '../records/names';
import { problemText } from '../session/link-pages';
import { Session } from '../session/session';
import { Withheld } from '../session/withheld';
import { ApiKeyForm } from './api-key-form';
import { ApiKeys, type ApiKey, type ShownApiKey } from './api-keys';

/** Keys for programs: one's own, and for administrators those of the workspace. */
@Component({
  selector: 'cf-api-keys-page',
  imports: [ApiKeyForm, Bones, Failure, Icon, State, When, Withheld],
  templateUrl: './api-keys-page.html',
  styleUrls: ['./security.scss', '../users/people.scss'],
})
export class ApiKeysPage {
  private readonly keys = inject(ApiKeys);
  private readonly names = inject(Names);
  private readonly toasts = inject(Toasts);
  private readonly session = inject(Session);
  protected readonly all = signal<readonly ApiKey[] | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly isEverybody = signal(false);
  protected readonly isMaking = signal(false);
  protected readonly isBusy = signal(false);
  /** The text of a new key, until the person has kept it. */
  protected readonly shown = signal<ShownApiKey | undefined>(undefined);
  protected readonly mayMake = this.session.may('apiKeys:create');
  protected readonly maySeeAll = this.session.identity()?.permissions['apiKeys:read'] === 'all';
  private readonly me = this.session.identity()?.user.id;

  constructor() {
    void this.read();
  }

  protected async read(): Promise<void> {
    try {
      this.all.set(await this.keys.list(this.isEverybody()));
      this.error.set(undefined);
    } catch (error) {
      this.error.set(apiError(error));
    }
  }
  protected show(isEverybody: boolean): Promise<void> {
    this.isEverybody.set(isEverybody);
    this.all.set(undefined);
    return this.read();
  }
  protected isMine({ userId }: ApiKey): boolean {
    return userId === this.me;
  }
  protected holder({ userId }: ApiKey): string {
    return this.names.of('users', userId) ?? '…';
  }
  protected made(key: ShownApiKey): Promise<void> {
    this.isMaking.set(false);
    this.shown.set(key);
    return this.read();
  }
  protected rotate({ id }: ApiKey): Promise<void> {
    return this.work(async () => this.shown.set(await this.keys.rotate(id)));
  }
  protected revoke({ id, name }: ApiKey): Promise<void> {
    return this.work(async () => {
      await this.keys.revoke(id);
      this.toasts.done(`${name} is revoked.`);
    });
  }
  protected async copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.toasts.done('The key is copied.');
    } catch {
      this.toasts.problem('The browser does not let this page copy. Select the key instead.');
    }
  }

  private async work(what: () => Promise<void>): Promise<void> {
    this.isBusy.set(true);
    try {
      await what();
      await this.read();
    } catch (error) {
      this.toasts.problem(problemText(error));
    } finally {
      this.isBusy.set(false);
    }
  }
}
