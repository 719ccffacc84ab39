import { Component, computed, inject, input, output, signal, type OnInit } from '@angular/core';
import { apiError } from '../../data/api';
import { Icon } from '../../ui/icon';
import { Session } from '../session/session';
import type { BegunFactor, SecondStep } from './factors';

/** Between the password and the workspace: asks for a code, or has a first factor added. */
@Component({
  selector: 'cf-second-step',
  imports: [Icon],
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
    await this.attempt(async () => {
      const codes = await this.session.prove(this.step(), typed);
      if (codes.length > 0) this.recoveryCodes.set(codes);
      else this.done.emit();
    });
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
