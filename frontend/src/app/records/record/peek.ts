import { Component, effect, inject, input, output, untracked } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Icon } from '../../../ui/icon';
import type { RecordRow, RecordType } from '../record-type';
import { FieldsPanel } from './fields-panel';
import { RecordStore } from './record-store';

/** A record beside its list. */
@Component({
  selector: 'cf-peek',
  imports: [FieldsPanel, Icon, RouterLink],
  providers: [RecordStore],
  template: `
    <header>
      @if (store.row(); as row) {
        <a class="cut" [routerLink]="['/', type().collection, row.id]" [title]="row.label">
          <h2 class="cut">{{ row.label }}</h2>
        </a>
        <a
          class="button quiet small"
          [routerLink]="['/', type().collection, row.id]"
          aria-label="Open the page of this record"
          >Open</a
        >
      }
      <button
        type="button"
        class="icon-button"
        aria-label="Close the side panel"
        (click)="closed.emit()"
      >
        <cf-icon name="close" [size]="16" />
      </button>
    </header>
    <div class="fields">
      @if (store.row(); as row) {
        <cf-fields-panel [type]="type()" [row]="row" />
      } @else if (store.error() || store.isMissing()) {
        <p class="notice">This record cannot be shown.</p>
      }
    </div>
  `,
  host: { role: 'region', 'aria-label': 'Record beside the list' },
  styleUrl: './peek.scss',
})
export class Peek {
  readonly type = input.required<RecordType>();
  readonly id = input.required<string>();
  readonly closed = output();
  readonly changed = output<RecordRow>();
  protected readonly store = inject(RecordStore);

  constructor() {
    effect(() => {
      const [type, id] = [this.type(), this.id()];
      untracked(() => this.store.show(type, id));
    });
    effect(() => {
      const row = this.store.row();
      if (row) untracked(() => this.changed.emit(row));
    });
  }
}
