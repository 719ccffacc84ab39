import { Injectable, computed, inject, signal } from '@angular/core';
import type { Field } from '../record-type';
import { ColumnChoice } from './column-choice';
import { ListStore } from './list-store';

const [LEAST, MOST, STEP] = [64, 640, 16];

/** Widths of the columns of a list, changed by the mouse or by keys. */
@Injectable()
export class ColumnWidths {
  private readonly store = inject(ListStore);
  private readonly choice = inject(ColumnChoice);
  /** While a border is dragged. */
  private readonly dragged = signal<Readonly<Record<string, number>> | undefined>(undefined);
  private readonly widths = computed(() => this.dragged() ?? this.choice.widths(this.store.type));

  of(field: Field): number {
    return this.widths()[field.name] ?? usual(field);
  }

  /** Follows the pointer until it is let go. */
  drag(event: PointerEvent, field: Field): void {
    event.preventDefault();
    event.stopPropagation();
    const handle = event.target as HTMLElement;
    const [start, before] = [event.clientX, this.of(field)];
    const move = ({ clientX }: PointerEvent) =>
      this.dragged.set(this.changed(field, before + clientX - start));
    const end = () => {
      handle.removeEventListener('pointermove', move);
      this.choice.keepWidths(this.store.type, this.widths());
      this.dragged.set(undefined);
    };
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener('pointermove', move);
    handle.addEventListener('lostpointercapture', end, { once: true });
  }
  /** One step wider, or narrower with -1. */
  step(field: Field, by: number): void {
    this.keep(field, this.of(field) + by * STEP);
  }
  /** As wide as it would be without any choice. */
  reset({ name }: Field): void {
    const { [name]: _own, ...others } = this.widths();
    this.choice.keepWidths(this.store.type, others);
  }

  private keep(field: Field, width: number): void {
    this.choice.keepWidths(this.store.type, this.changed(field, width));
  }
  private changed(field: Field, width: number): Readonly<Record<string, number>> {
    const fitting = Math.round(Math.max(LEAST, Math.min(MOST, width)));
    return { ...this.widths(), [field.name]: fitting };
  }
}

const usual = ({ width }: Field) => width ?? 140;
