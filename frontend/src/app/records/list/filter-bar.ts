import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import { Component, ElementRef, computed, effect, inject, signal, viewChild } from '@angular/core';
import { Icon } from '../../../ui/icon';
import { Picker, type Option } from '../../../ui/picker';
import { provideKeys } from '../../frame/commands';
import { fieldOf, type Field } from '../record-type';
import { FilterChip } from './filter-chip';
import { FilterEditor } from './filter-editor';
import type { Filter } from './list-state';
import { ListStore } from './list-store';

/** Search, conditions and what is shown; every change goes into the address. */
@Component({
  selector: 'cf-filter-bar',
  imports: [CdkConnectedOverlay, CdkOverlayOrigin, FilterChip, FilterEditor, Icon, Picker],
  templateUrl: './filter-bar.html',
  styleUrl: './filter-bar.scss',
})
export class FilterBar {
  protected readonly store = inject(ListStore);
  private readonly box = viewChild<ElementRef<HTMLInputElement>>('box');
  private timer: ReturnType<typeof setTimeout> | undefined;

  protected readonly isChoosing = signal(false);
  /** The field whose condition is being made. */
  protected readonly adding = signal<Field | undefined>(undefined);
  protected readonly options = computed<readonly Option[]>(() =>
    this.store.type.fields
      .filter(({ filter }) => filter)
      .map(({ name, label }) => ({ value: name, label })),
  );
  protected readonly conditions = computed(() =>
    this.store.state().filters.flatMap((filter, index) => {
      const field = fieldOf(this.store.type, filter.field);
      return field ? [{ filter, field, index }] : [];
    }),
  );

  constructor() {
    // Back and links change the text; typing does not come back to the box it came from.
    effect(() => {
      const { search } = this.store.state();
      const box = this.box()?.nativeElement;
      if (box && box.value.trim() !== search) box.value = search;
    });
    provideKeys([
      {
        title: 'Search this list',
        keys: '/',
        icon: 'search',
        group: 'List',
        run: () => this.box()?.nativeElement.focus(),
      },
      {
        title: 'Add a filter',
        keys: 'f',
        icon: 'filter',
        group: 'List',
        run: () => this.isChoosing.set(true),
      },
    ]);
  }

  protected search(text: string, wait = 150): void {
    clearTimeout(this.timer);
    const given = text.trim().slice(0, 200);
    this.timer = setTimeout(() => {
      const { search } = this.store.state();
      if (given !== search) this.store.go({ search: given }, search !== '' && given !== '');
    }, wait);
  }

  protected leaveSearch(event: Event): void {
    const box = event.target as HTMLInputElement;
    if (box.value) this.search((box.value = ''), 0);
    else box.blur();
    event.preventDefault();
  }

  protected choose(name: string | null): void {
    this.isChoosing.set(false);
    this.adding.set(name ? fieldOf(this.store.type, name) : undefined);
  }

  protected add(filters: readonly Filter[]): void {
    this.adding.set(undefined);
    if (filters.length > 0) this.set([...this.store.state().filters, ...filters]);
  }
  protected replace(index: number, filters: readonly Filter[]): void {
    this.set(this.store.state().filters.toSpliced(index, 1, ...filters));
  }
  protected clear(): void {
    this.store.go({ filters: [], search: '', life: 'current' });
  }
  private set(filters: readonly Filter[]): void {
    // A later condition on the same field and operator takes the place of the earlier one.
    const last = new Map(filters.map((one) => [`${one.field} ${one.operator}`, one]));
    this.store.go({ filters: [...last.values()] });
  }
}
