import { Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Avatar } from '../../ui/avatar';
import { Chip } from '../../ui/chip';
import { dayText, moneyText, numberText, type Money } from '../../ui/format';
import { toneOf } from '../../ui/tone';
import { When } from '../../ui/when';
import { Time } from '../frame/time';
import { Pipelines } from '../pipelines/pipelines';
import {
  referenceName,
  referenceOf,
  type Field,
  type RecordRow,
  type Reference,
} from './record-type';
import { linkTo } from './registry';

/** The value of one field of a record, as people read it. */
@Component({
  selector: 'cf-value',
  imports: [Avatar, Chip, RouterLink, When],
  templateUrl: './value.html',
  styles: `
    :host {
      display: flex;
      align-items: center;
      gap: 6px;
      min-width: 0;
    }
    a:hover {
      color: var(--cf-accent);
      text-decoration: underline;
      text-underline-offset: 3px;
    }
    .late {
      color: var(--cf-danger);
    }
    .whole {
      white-space: pre-wrap;
      overflow-wrap: anywhere;
    }
  `,
})
export class Value {
  private readonly pipelines = inject(Pipelines);
  private readonly time = inject(Time);
  readonly field = input.required<Field>();
  readonly row = input.required<RecordRow>();
  /** Long text in full rather than in one line. */
  readonly whole = input(false);
  /** References and addresses as links. */
  readonly links = input(true);

  protected readonly value = computed(() => this.row()[this.field().name]);
  protected readonly isEmpty = computed(() => {
    const value = this.value();
    return value === null || value === undefined || value === '' || (value as []).length === 0;
  });
  protected readonly text = computed(() => String(this.value()));
  protected readonly choice = computed(() => {
    const value = this.text();
    const known = this.field().choices?.find((one) => one.value === value);
    return known ?? { value, label: value };
  });
  protected readonly reference = computed(() => referenceOf(this.row(), this.field()));
  protected readonly isPerson = computed(() => this.field().target === 'users');
  protected readonly link = computed(() => {
    const target = this.reference();
    const type =
      this.field().kind === 'related' ? this.row()['relatedToType'] : this.field().target;
    return target && this.links() ? linkOf(String(type), target.id) : undefined;
  });
  protected readonly people = computed(
    () => (this.row()[referenceName(this.field().name)] ?? []) as readonly Reference[],
  );
  protected readonly ids = computed(() => (this.value() ?? []) as readonly string[]);
  protected readonly stage = computed(() => this.pipelines.stage(this.value()));
  protected readonly stageTone = computed(() => {
    const { kind, probability = 0 } = this.stage() ?? {};
    if (kind !== 'open') return kind === 'won' ? 'green' : 'red';
    return probability < 20 ? 'gray' : probability < 45 ? 'blue' : 'violet';
  });
  protected readonly number = computed(() => {
    const value = this.value();
    switch (this.field().kind) {
      case 'money':
        return moneyText(value as Money);
      case 'percent':
        return `${numberText(Number(value))} %`;
      default:
        return this.field().name.endsWith('Year') ? this.text() : numberText(Number(value));
    }
  });
  protected readonly day = computed(() => dayText(this.text()));
  protected readonly tags = computed(() =>
    ((this.value() ?? []) as readonly string[]).map((tag) => ({ tag, tone: toneOf(tag) })),
  );
  /** What is due and was not done. */
  protected readonly isLate = computed(() => {
    const { name } = this.field();
    const status = this.row()['status'];
    const today = this.time.now().toISOString();
    const open = status === 'open' || status === 'pending' || status === 'in_progress';
    return (
      open &&
      (name === 'dueDate' || name === 'expectedCloseDate') &&
      this.text() < today.slice(0, this.text().length)
    );
  });
}

function linkOf(target: string, id: string): string[] | undefined {
  const record = { companies: 'company', contacts: 'contact', users: 'user' }[target] ?? target;
  return linkTo(record, id);
}
