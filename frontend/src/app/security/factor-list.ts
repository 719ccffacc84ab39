import { Component, computed, inject, signal } from '@angular/core';
import { apiError, type ApiError } from '../../data/api';
import { Bones } from '../../ui/bones';
import { Icon } from '../../ui/icon';
import { QrCode } from '../../ui/qr-picture';
import { State } from '../../ui/state';
import { Toasts } from '../../ui/toasts';
import { When } from '../../ui/when';
import { Attempt } from '../session/link-pages';
import { Factors, type AddedFactor, type BegunFactor, type FactorState } from './factors';
import { knowsPasskeys } from './passkeys';
import { RecoveryCodes } from './recovery-codes';

type Step = 'none' | 'app' | 'passkey' | 'codes';

/** One's own second factors: added, named, removed, and codes for the day they are lost. */
@Component({
  selector: 'cf-factor-list',
  imports: [Bones, Icon, QrCode, RecoveryCodes, State, When],
  templateUrl: './factor-list.html',
  styleUrl: './security.scss',
})
export class FactorList {
  private readonly factors = inject(Factors);
  private readonly toasts = inject(Toasts);
  protected readonly state = signal<FactorState | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly attempt = new Attempt();
  protected readonly step = signal<Step>('none');
  protected readonly begun = signal<BegunFactor | undefined>(undefined);
  protected readonly codes = signal<readonly string[]>([]);
  protected readonly renamed = signal<string | undefined>(undefined);
  protected readonly grouped = computed(() => this.begun()?.secret.replaceAll(/(.{4})/g, '$1 '));
  protected readonly offersPasskeys = knowsPasskeys();
  protected readonly kinds = { totp: 'Authenticator app', passkey: 'Passkey' } as const;

  constructor() {
    void this.read();
  }

  protected async read(): Promise<void> {
    try {
      this.state.set(await this.factors.read());
      this.error.set(undefined);
    } catch (error) {
      this.error.set(apiError(error));
    }
  }

  protected beginApp(): Promise<void> {
    return this.attempt.run(async () => {
      this.begun.set(await this.factors.beginApp('Authenticator app'));
      this.step.set('app');
    });
  }
  protected confirmApp(code: string): Promise<void> {
    if (!code.trim())
      return Promise.resolve(this.attempt.problem.set('Enter the code the app shows.'));
    return this.attempt.run(async () => this.show(await this.factors.confirmApp(code.trim())));
  }
  protected addPasskey(name: string): Promise<void> {
    return this.attempt.run(async () =>
      this.show(await this.factors.addPasskey(name.trim() || 'Passkey')),
    );
  }
  protected newCodes(): Promise<void> {
    return this.attempt.run(async () => this.show(await this.factors.newCodes()));
  }
  protected rename(id: string, name: string): Promise<void> {
    return this.attempt.run(async () => {
      if (name.trim()) await this.factors.rename(id, name.trim());
      this.renamed.set(undefined);
      await this.read();
    });
  }
  protected remove(id: string, name: string): Promise<void> {
    return this.attempt.run(async () => {
      await this.factors.remove(id);
      this.toasts.done(`${name} is removed; other sessions have ended.`);
      await this.read();
    });
  }
  protected choose(step: Step): void {
    this.attempt.problem.set(undefined);
    this.begun.set(undefined);
    this.codes.set([]);
    this.step.set(step);
  }

  private async show({ recoveryCodes }: AddedFactor): Promise<void> {
    this.choose(recoveryCodes ? 'codes' : 'none');
    this.codes.set(recoveryCodes ?? []);
    await this.read();
  }
}
