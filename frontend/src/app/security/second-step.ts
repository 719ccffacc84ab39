import { Component, computed, inject, input, output, signal, type OnInit } from '@angular/core';
import { apiError } from '../../data/api';
import { Icon } from '../../ui/icon';
import { QrCode } from '../../ui/qr-picture';
import { Session } from '../session/session';
import type { BegunFactor, Proof, SecondStep } from './factors';
import { knowsPasskeys } from './passkeys';
import { RecoveryCodes } from './recovery-codes';

/** Between the password and the workspace: asks for a code, or has a first factor added. */
@Component({
  selector: 'cf-second-step',
  imports: [Icon, QrCode, RecoveryCodes],
  templateUrl: './second-step.html',
  styleUrls: ['../session/sign-in.scss', './second-step.scss'],
})
export class SecondStepForm implements OnInit {
  private readonly session = inject(Session);
  readonly step = input.required<SecondStep>();
  /** The person is signed in and has seen everything there is to see. */
  readonly done = output();
  /** The person wants to sign in as somebody else, or took too long. */
  readonly left = output<string | undefined>();

  protected readonly code = signal('');
  protected readonly isBusy = signal(false);
  protected readonly problem = signal<string | undefined>(undefined);
  protected readonly begun = signal<BegunFactor | undefined>(undefined);
  protected readonly recoveryCodes = signal<readonly string[]>([]);
  protected readonly isEnrolment = computed(() => this.step().step === 'enrolment');
  protected readonly hasPasskey = computed(
    () => this.step().factors.includes('passkey') && (!this.isEnrolment() || knowsPasskeys()),
  );
  protected readonly hasApp = computed(() => this.step().factors.includes('totp'));
  protected readonly hasMail = computed(() => this.step().factors.includes('email_code'));
  protected readonly isMailed = signal(false);
  protected readonly takesCode = computed(
    () => this.hasApp() || this.hasCodes() || this.isMailed(),
  );
  protected readonly hasCodes = computed(() => this.step().factors.includes('recovery_code'));
  protected readonly grouped = computed(() => this.begun()?.secret.replaceAll(/(.{4})/g, '$1 '));

  ngOnInit(): void {
    if (this.isEnrolment()) void this.attempt(() => this.begin());
  }

  protected async send(event: Event): Promise<void> {
    event.preventDefault();
    const typed = this.code().trim();
    if (this.isBusy()) return;
    if (!typed) return this.problem.set('Enter the code.');
    await this.attempt(() => this.prove({ code: typed }));
  }
  protected mailCode(): Promise<void> {
    return this.attempt(async () => {
      await this.session.mailCode(this.step());
      this.isMailed.set(true);
    });
  }
  protected usePasskey(): Promise<void> {
    const { session } = this;
    const ask = () =>
      this.isEnrolment() ? session.firstPasskey(this.step()) : session.secondPasskey(this.step());
    return this.attempt(async () => this.prove(await ask()));
  }

  private async prove(proof: Proof): Promise<void> {
    const codes = await this.session.prove(this.step(), proof);
    if (codes.length > 0) this.recoveryCodes.set(codes);
    else this.done.emit();
  }

  private async begin(): Promise<void> {
    this.begun.set(await this.session.beginFactor(this.step()));
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    this.isBusy.set(true);
    this.problem.set(undefined);
    try {
      await work();
    } catch (error) {
      const { code, message, details } = apiError(error);
      if (code === 'CHALLENGE_ENDED') return this.left.emit(message);
      this.code.set('');
      this.problem.set([message, details[0]?.remedy].filter(Boolean).join(' '));
    } finally {
      this.isBusy.set(false);
    }
  }
}
