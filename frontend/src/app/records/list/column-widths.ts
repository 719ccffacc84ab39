import { Injectable, inject, signal } from '@angular/core';
import type { Field } from '../record-type';
import { ListStore } from './list-store';

const [LEAST, MOST] = [64, 640];

/** Widths of columns as the person dragged them, kept in this browser. */
@Injectable()
export class ColumnWidths {
  private readonly store = inject(ListStore);
  private readonly dragged = signal<Readonly<Record<string, number>> | undefined>(undefined);

  of(field: Field): number {
    return (this.dragged() ?? this.stored())[field.name] ?? field.width ?? 140;
  }

  /** Follows the pointer until it is let go. */
  drag(event: PointerEvent, field: Field): void {
    event.preventDefault();
    event.stopPropagation();
    const handle = event.target as HTMLElement;
    const [start, before] = [event.clientX, this.of(field)];
    const move = ({ clientX }: PointerEvent) => this.set(field, before + clientX - start);
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener('pointermove', move);
    handle.addEventListener('lostpointercapture', () => {
      handle.removeEventListener('pointermove', move);
      localStorage.setItem(this.key(), JSON.stringify(this.dragged() ?? {}));
    });
  }

  private set(field: Field, width: number): void {
    const fitting = Math.round(Math.max(LEAST, Math.min(MOST, width)));
    this.dragged.update((all) => ({ ...(all ?? this.stored()), [field.name]: fitting }));
  }
  private key(): string {
    return `cf.widths.${this.store.type.collection}`;
  }
  private stored(): Readonly<Record<string, number>> {
    try {
      return JSON.parse(localStorage.getItem(this.key()) ?? '{}') as Record<string, number>;
    } catch {
      return {};
    }
  }
}
