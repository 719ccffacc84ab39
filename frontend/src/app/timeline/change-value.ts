import { Component, computed, inject, input } from '@angular/core';
import { dayText, instantText, moneyText, type Money } from '../../ui/format';
import { Pipelines } from '../pipelines/pipelines';
import { Names } from '../records/names';
import type { Field } from '../records/record-type';

/** One side of a change, as people read it. */
@Component({
  selector: 'cf-change-value',
  template: `{{ text() }}`,
  host: { '[class.nothing]': 'isEmpty()' },
  styles: `
    :host {
      overflow-wrap: anywhere;
    }
    :host(.nothing) {
      color: var(--cf-text-faint);
      font-style: italic;
    }
  `,
})
export class ChangeValue {
  private readonly names = inject(Names);
  private readonly pipelines = inject(Pipelines);
  readonly field = input<Field>();
  readonly value = input.required<unknown>();

  protected readonly isEmpty = computed(() => {
    const value = this.value();
    return value === null || value === undefined || (value as []).length === 0;
  });
  protected readonly text = computed(() => {
    const value = this.value();
    if (this.isEmpty()) return 'empty';
    const field = this.field();
    switch (field?.kind) {
      case 'money':
        return moneyText(value as Money);
      case 'choice':
        return field.choices?.find((one) => one.value === value)?.label ?? String(value);
      case 'record':
        return (field.target && this.names.of(field.target, String(value))) ?? 'a record';
      case 'stage':
        return this.pipelines.stage(value)?.name ?? 'a stage';
      case 'day':
        return dayText(String(value));
      case 'instant':
        return instantText(String(value));
      case 'flag':
        return value ? 'yes' : 'no';
      case 'percent':
        return `${String(value)} %`;
      case 'tags':
        return (value as string[]).join(', ');
      default:
        return plain(value);
    }
  });
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return `${value.length} ${value.length === 1 ? 'entry' : 'entries'}`;
  if (typeof value !== 'object' || value === null) return String(value);
  if ('amountMinor' in value) return moneyText(value as Money);
  return Object.values(value)
    .filter((part) => part !== null && typeof part !== 'object')
    .join(', ');
}
