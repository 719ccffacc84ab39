import { Component, computed, inject, input, signal } from '@angular/core';
import { MatDialog } from '@angular/material/dialog';
import { Icon } from '../../../ui/icon';
import type { IconName } from '../../../ui/icons';
import { Session } from '../../session/session';
import type { RecordRow, RecordType } from '../record-type';
import { typeOf } from '../registry';
import { ActivityForm } from './activity-form';
import { createRecord } from './create-record';
import { NoteComposer } from './note-composer';

interface Kind {
  readonly value: string;
  readonly label: string;
  readonly icon: IconName;
}

/** On top of a record: writes a note, logs what was said, plans what is to be done. */
@Component({
  selector: 'cf-composer',
  imports: [ActivityForm, Icon, NoteComposer],
  template: `
    @if (logging(); as kind) {
      <cf-activity-form
        [type]="type()"
        [about]="row().id"
        [kind]="kind"
        (closed)="logging.set(undefined)"
      />
    } @else {
      <cf-note-composer [type]="type()" [row]="row()" />
      <div class="kinds">
        @for (kind of kinds(); track kind.value) {
          <button type="button" class="button quiet small" (click)="logging.set(kind.value)">
            <cf-icon [name]="kind.icon" [size]="14" /> {{ kind.label }}
          </button>
        }
        @if (mayPlan()) {
          <button type="button" class="button quiet small" (click)="plan()">
            <cf-icon name="task" [size]="14" /> Create task
          </button>
        }
      </div>
    }
  `,
  styles: `
    :host {
      display: block;
      margin-bottom: 12px;
    }
    .kinds {
      display: flex;
      flex-wrap: wrap;
      gap: 2px;
    }
  `,
})
export class Composer {
  private readonly session = inject(Session);
  private readonly dialog = inject(MatDialog);
  readonly type = input.required<RecordType>();
  readonly row = input.required<RecordRow>();

  protected readonly logging = signal<string | undefined>(undefined);
  protected readonly kinds = computed<readonly Kind[]>(() =>
    this.session.may('activities:create')
      ? [
          { value: 'call', label: 'Log call', icon: 'phone' },
          { value: 'meeting', label: 'Log meeting', icon: 'calendar' },
          { value: 'email', label: 'Log e-mail', icon: 'mail' },
        ]
      : [],
  );
  protected readonly mayPlan = computed(() => this.session.may('tasks:create'));

  protected plan(): void {
    const preset = { relatedToType: this.type().record, relatedToId: this.row().id };
    void createRecord(this.dialog, typeOf('tasks'), preset);
  }
}
