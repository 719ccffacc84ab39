import { Component, computed, inject, input, output, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { apiError, type ApiError } from '../../data/api';
import { Bones } from '../../ui/bones';
import { numberText } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { Failure } from '../../ui/failure';
import { When } from '../../ui/when';
import { linkTo } from '../records/registry';
import { Session } from '../session/session';
import {
  DeadLetters,
  keyOf,
  processorTitle,
  type DeadLetter,
  type DeadLetterPage,
} from './dead-letter';
import { refreshQuietly } from './refresh';

/** What read models and automations set aside, each with a way to free it. */
@Component({
  selector: 'cf-dead-letter-list',
  imports: [Bones, Failure, Icon, RouterLink, When],
  templateUrl: './dead-letter-list.html',
  styleUrl: './dead-letter-list.scss',
})
export class DeadLetterList {
  /** Only what this processor set aside. */
  readonly processor = input.required<string | null>();
  readonly go = output<Readonly<Record<string, string | null>>>();
  private readonly letters = inject(DeadLetters);
  private readonly read = signal<DeadLetterPage | undefined>(undefined);
  private readonly failed = signal<ApiError | undefined>(undefined);
  /** Of the record whose event somebody is about to leave out. */
  protected readonly leaving = signal<string | null>(null);
  protected readonly busy = signal<string | null>(null);
  protected readonly mayFree = inject(Session).may('operations:update');
  protected readonly page = this.read.asReadonly();
  protected readonly error = computed(() => (this.read() ? undefined : this.failed()));
  protected readonly shown = computed(() => {
    const processor = this.processor();
    const all = this.read()?.records ?? [];
    return processor === null ? all : all.filter((one) => one.processor === processor);
  });
  protected readonly number = numberText;
  protected readonly key = keyOf;
  protected readonly title = processorTitle;

  constructor() {
    void this.refresh();
    refreshQuietly(
      () => this.refresh(),
      () => 5,
    );
  }

  protected async refresh(): Promise<void> {
    try {
      this.read.set(await this.letters.all());
      this.failed.set(undefined);
    } catch (error) {
      this.failed.set(apiError(error));
    }
  }
  protected link({ record, recordId }: DeadLetter) {
    return linkTo(record, recordId);
  }
  protected async retry(letter: DeadLetter): Promise<void> {
    await this.work(letter, () => this.letters.retry(letter));
  }
  protected async leaveOut(letter: DeadLetter, note: string): Promise<void> {
    if (note.trim() === '') return;
    await this.work(letter, () => this.letters.discard(letter, note.trim()));
    this.leaving.set(null);
  }
  private async work(letter: DeadLetter, what: () => Promise<boolean>): Promise<void> {
    this.busy.set(keyOf(letter));
    await what();
    await this.refresh();
    this.busy.set(null);
  }
}
