import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import { Component, computed, inject, input, output, signal } from '@angular/core';
import { dayText, moneyText, numberText } from '../../../ui/format';
import { Icon } from '../../../ui/icon';
import { Pipelines } from '../../pipelines/pipelines';
import { Session } from '../../session/session';
import { Names } from '../names';
import type { Field } from '../record-type';
import { FilterEditor } from './filter-editor';
import type { Filter } from './list-state';

/** One condition as words: changed by a click, taken away by its cross. */
@Component({
  selector: 'cf-filter-chip',
  imports: [CdkConnectedOverlay, CdkOverlayOrigin, FilterEditor, Icon],
  templateUrl: './filter-chip.html',
  styleUrl: './filter-chip.scss',
})
export class FilterChip {
  private readonly pipelines = inject(Pipelines);
  private readonly session = inject(Session);
  private readonly names = inject(Names);
  readonly field = input.required<Field>();
  readonly filter = input.required<Filter>();
  /** What takes its place; nothing takes it away. */
  readonly changed = output<readonly Filter[]>();
  protected readonly isOpen = signal(false);

  protected readonly relation = computed(() => {
    const { operator, values } = this.filter();
    switch (operator) {
      case 'gte':
        return this.isTime() ? 'from' : 'at least';
      case 'lte':
        return this.isTime() ? 'until' : 'at most';
      case 'null':
        return values[0] === 'true' ? 'is empty' : 'is not empty';
      case 'ne':
        return 'is not';
      case 'all':
        return 'has all of';
      default:
        return { tags: 'has', grantees: '' }[this.field().kind as string] ?? 'is';
    }
  });
  protected readonly words = computed(() => {
    const { operator, values } = this.filter();
    if (operator === 'null') return '';
    const words = values.map((value) => this.wordsOf(value));
    return words.length > 2 ? `${words[0]} and ${words.length - 1} more` : words.join(' or ');
  });

  protected done(filters: readonly Filter[]): void {
    this.isOpen.set(false);
    this.changed.emit(filters);
  }

  private isTime(): boolean {
    return this.field().kind === 'day' || this.field().kind === 'instant';
  }

  private wordsOf(value: string): string {
    const { kind, choices, target } = this.field();
    switch (kind) {
      case 'choice':
      case 'grantees':
        return choices?.find((one) => one.value === value)?.label ?? value;
      case 'flag':
        return value === 'true' ? 'yes' : 'no';
      case 'stage':
        return this.pipelines.stage(value)?.name ?? value;
      case 'record':
        if (value === this.session.identity()?.user.id) return 'me';
        return (target && this.names.of(target, value)) ?? '…';
      case 'money': {
        const currency = this.session.identity()?.workspace.currency ?? 'USD';
        return moneyText({ amountMinor: value, currency });
      }
      case 'number':
        return numberText(Number(value));
      case 'day':
      case 'instant':
        return dayText(value.slice(0, 10));
      default:
        return value;
    }
  }
}
