import {
  CdkDrag,
  CdkDragHandle,
  CdkDropList,
  moveItemInArray,
  type CdkDragDrop,
} from '@angular/cdk/drag-drop';
import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import { Component, computed, inject, signal } from '@angular/core';
import { Icon } from '../../../ui/icon';
import { fieldsOf } from '../actions';
import { ColumnChoice } from './column-choice';
import { ListStore } from './list-store';

/** Which columns a list shows, and in which order. */
@Component({
  selector: 'cf-column-menu',
  imports: [CdkConnectedOverlay, CdkDrag, CdkDragHandle, CdkDropList, CdkOverlayOrigin, Icon],
  templateUrl: './column-menu.html',
  styleUrl: './column-menu.scss',
})
export class ColumnMenu {
  protected readonly store = inject(ListStore);
  private readonly choice = inject(ColumnChoice);
  protected readonly isOpen = signal(false);
  protected readonly chosen = computed(() => fieldsOf(this.store.type, this.store.state().columns));
  protected readonly others = computed(() => {
    const { columns } = this.store.state();
    return this.store.type.fields.filter(({ name }) => !columns.includes(name));
  });

  protected drop({ previousIndex, currentIndex }: CdkDragDrop<unknown>): void {
    const columns = [...this.store.state().columns];
    moveItemInArray(columns, previousIndex, currentIndex);
    this.keep(columns);
  }
  protected shift(index: number, by: number): void {
    const columns = [...this.store.state().columns];
    moveItemInArray(columns, index, index + by);
    this.keep(columns);
  }
  protected toggle(name: string): void {
    const { columns } = this.store.state();
    const next = columns.includes(name)
      ? columns.filter((one) => one !== name)
      : [...columns, name];
    if (next.length > 0) this.keep(next);
  }
  protected reset(): void {
    this.choice.keepWidths(this.store.type, {});
    this.keep(this.store.type.columns);
  }

  /** The choice stays for the next time; the address shows it to others. */
  private keep(columns: readonly string[]): void {
    this.choice.keepColumns(this.store.type, columns);
    this.store.go({ columns }, true);
  }
}
