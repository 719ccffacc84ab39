import { Component, computed, input, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { timeText } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { Markdown } from '../../ui/markdown';
import { When } from '../../ui/when';
import { fieldOf, type Field } from '../records/record-type';
import { linkTo, typeOfRecord } from '../records/registry';
import { ChangeValue } from './change-value';
import type { Entry } from './timeline-store';
import { actorOf, loggedKind, namesRecord, wordsOf } from './words';

/** Fields that follow from others and say nothing new. */
const quiet = new Set([
  'fullName',
  'excerpt',
  'weightedAmount',
  'stageProbability',
  'stageChangedAt',
  'isClosed',
  'isWon',
  'isActive',
  'closedAt',
  'completedAt',
  'archivedAt',
  'deletedAt',
  'lastLoginAt',
]);
const few = 4;

/** One thing that happened: who, what, from which value to which, and when. */
@Component({
  selector: 'cf-timeline-entry',
  imports: [ChangeValue, Icon, Markdown, RouterLink, When],
  templateUrl: './timeline-entry.html',
  styleUrl: './timeline-entry.scss',
})
export class TimelineEntryView {
  readonly entry = input.required<Entry>();
  /** The record the page is about; its name then needs no repeating. */
  readonly about = input<string>();
  /** Request, address and program of the person as well. */
  readonly isDetailed = input(false);

  protected readonly isOpen = signal(false);
  protected readonly words = computed(() => wordsOf(this.entry()));
  protected readonly actor = computed(() => actorOf(this.entry()));
  protected readonly namesRecord = computed(() => namesRecord(this.entry()));
  private readonly type = computed(() => typeOfRecord(this.entry().recordType));
  protected readonly isAbout = computed(() => this.entry().recordId === this.about());
  protected readonly link = computed(() => linkTo(this.entry().recordType, this.entry().recordId));
  protected readonly kind = computed(() => {
    const logged = loggedKind(this.entry());
    if (logged) return logged === 'email' ? 'e-mail' : logged === 'other' ? 'activity' : logged;
    return this.type()?.one ?? this.entry().recordType.replaceAll('_', ' ');
  });
  /** What somebody wrote: the note itself, or what was said in a call. */
  protected readonly written = computed(() => {
    const { action, recordType, changes } = this.entry();
    const field = { note: 'content', activity: 'description' }[recordType as string];
    const text = action === 'created' && changes.find((one) => one.field === field)?.to;
    return typeof text === 'string' ? text : undefined;
  });
  protected readonly changes = computed(() =>
    this.entry()
      .changes.filter(({ field }) => !quiet.has(field))
      .map((change) => ({ ...change, is: this.fieldOf(change.field) })),
  );
  protected readonly isCreation = computed(() => this.entry().action === 'created');
  protected readonly shown = computed(() => {
    const changes = this.changes();
    if (this.isOpen()) return changes;
    return this.isCreation() ? [] : changes.slice(0, few);
  });
  protected readonly hidden = computed(() => this.changes().length - this.shown().length);
  protected readonly time = computed(() => timeText(this.entry().occurredAt));

  private fieldOf(name: string): Field {
    const type = this.type();
    return (type && fieldOf(type, name)) ?? { name, label: labelOf(name), kind: 'text' };
  }
}

/** `billingAddress` → Billing address. */
function labelOf(name: string): string {
  const words = name.replace(/Id$/, '').replaceAll(/[A-Z]/g, (one) => ` ${one.toLowerCase()}`);
  return words[0]!.toUpperCase() + words.slice(1);
}
