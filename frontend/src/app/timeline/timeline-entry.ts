import { Component, computed, input, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { timeText } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { When } from '../../ui/when';
import { fieldOf, type Field } from '../records/record-type';
import { linkTo, typeOfRecord } from '../records/registry';
import { ChangeValue } from './change-value';
import type { Entry } from './timeline-store';
import { actorOf, namesRecord, wordsOf } from './words';

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
  imports: [ChangeValue, Icon, RouterLink, When],
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
  protected readonly kind = computed(
    () => this.type()?.one ?? this.entry().recordType.replaceAll('_', ' '),
  );
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
