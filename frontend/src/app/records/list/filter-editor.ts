import { Component, computed, inject, input, linkedSignal, output } from '@angular/core';
import { minorUnits, majorText } from '../../../ui/format';
import { Picker, type Option } from '../../../ui/picker';
import { Pipelines, liveStages } from '../../pipelines/pipelines';
import { Session } from '../../session/session';
import { Lookup } from '../lookup';
import type { Field } from '../record-type';
import type { Filter } from './list-state';

/** Makes the condition on one field: values to pick, or a range. */
@Component({
  selector: 'cf-filter-editor',
  imports: [Picker],
  templateUrl: './filter-editor.html',
  styleUrl: './filter-editor.scss',
})
export class FilterEditor {
  private readonly pipelines = inject(Pipelines);
  private readonly session = inject(Session);
  private readonly lookup = inject(Lookup);
  readonly field = input.required<Field>();
  readonly filter = input<Filter>();
  readonly done = output<readonly Filter[]>();

  protected readonly isRange = computed(() =>
    ['number', 'percent', 'money', 'day', 'instant'].includes(this.field().kind),
  );
  protected readonly isPicked = computed(() =>
    ['choice', 'record', 'stage', 'flag', 'grantees'].includes(this.field().kind),
  );
  protected readonly isTime = computed(() => ['day', 'instant'].includes(this.field().kind));
  protected readonly chosen = linkedSignal<readonly string[]>(() => {
    const filter = this.filter();
    return filter?.operator === 'in' || filter?.operator === 'all' ? filter.values : [];
  });
  protected readonly search = computed(() => {
    const { kind, target } = this.field();
    return kind === 'record' && target ? this.lookup.in(target) : undefined;
  });
  protected readonly options = computed<readonly Option[]>(() => {
    const { kind, choices, target } = this.field();
    if (kind === 'flag') return yesNo;
    if (kind === 'stage') {
      return (this.pipelines.current() ?? []).flatMap((pipeline) =>
        liveStages(pipeline).map(({ stageId, name }) => ({
          value: stageId,
          label: name,
          note: pipeline.label,
        })),
      );
    }
    const me = this.session.identity()?.user;
    if (target === 'users' && me) return [{ value: me.id, label: me.label, note: 'me' }];
    return choices ?? [];
  });
  protected readonly presets = computed(() => (this.isTime() ? presetsFrom(new Date()) : []));

  /** The value of a bound as its input takes it. */
  protected bound(operator: 'gte' | 'lte'): string {
    const filter = this.filter();
    const [value] = filter?.operator === operator ? filter.values : [];
    if (!value) return '';
    return this.field().kind === 'money'
      ? majorText({ amountMinor: value, currency: this.currency() })
      : value.slice(0, this.isTime() ? 10 : undefined);
  }

  protected pick(value: string | null): void {
    if (value === null) return;
    if (this.field().kind === 'flag') return this.done.emit([this.condition('in', [value])]);
    this.chosen.update((all) =>
      all.includes(value) ? all.filter((one) => one !== value) : [...all, value],
    );
  }

  protected apply(): void {
    const values = this.chosen();
    this.done.emit(values.length > 0 ? [this.condition('in', values)] : []);
  }
  protected applyText(text: string): void {
    const values = text
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean);
    this.done.emit(values.length > 0 ? [this.condition('in', values)] : []);
  }
  protected applyRange(from: string, to: string): void {
    const [least, most] = [this.parse(from), this.parse(to)];
    this.done.emit([
      ...(least ? [this.condition('gte', [least])] : []),
      ...(most ? [this.condition('lte', [most])] : []),
    ]);
  }
  protected empty(isEmpty: boolean): void {
    this.done.emit([this.condition('null', [String(isEmpty)])]);
  }

  private condition(operator: Filter['operator'], values: readonly string[]): Filter {
    return { field: this.field().name, operator, values };
  }
  private currency(): string {
    return this.session.identity()?.workspace.currency ?? 'USD';
  }
  private parse(text: string): string | undefined {
    if (!text.trim()) return undefined;
    switch (this.field().kind) {
      case 'money':
        return minorUnits(text, this.currency());
      case 'day':
      case 'instant':
        return text;
      default: {
        const number = Number(text.replaceAll(/[\s,%]/g, ''));
        return Number.isInteger(number) ? String(number) : undefined;
      }
    }
  }
}

const yesNo: readonly Option[] = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
];

const day = (date: Date) => date.toISOString().slice(0, 10);

/** Periods people ask for most, as days. */
function presetsFrom(now: Date): { label: string; from: string; to: string }[] {
  const shift = (days: number) => day(new Date(now.getTime() + days * 86_400_000));
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  return [
    { label: 'Overdue', from: '', to: shift(-1) },
    { label: 'Next 30 days', from: shift(0), to: shift(30) },
    { label: 'Last 7 days', from: shift(-7), to: '' },
    { label: 'Last 30 days', from: shift(-30), to: '' },
    {
      label: 'This month',
      from: day(new Date(Date.UTC(year, month, 1))),
      to: day(new Date(Date.UTC(year, month + 1, 0))),
    },
    { label: 'This year', from: `${year}-01-01`, to: `${year}-12-31` },
  ];
}
