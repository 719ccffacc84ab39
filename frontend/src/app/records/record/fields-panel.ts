import { Component, computed, input } from '@angular/core';
import type { RecordRow, RecordType } from '../record-type';
import { fieldsOf } from '../actions';
import { FieldRow } from './field-row';

/** All fields of a record by section. */
@Component({
  selector: 'cf-fields-panel',
  imports: [FieldRow],
  template: `
    @for (section of sections(); track section.title) {
      <section>
        <h2>{{ section.title }}</h2>
        @for (field of section.fields; track field.name) {
          <cf-field-row [field]="field" [row]="row()" />
        }
      </section>
    }
  `,
  styles: `
    section {
      padding: 12px 12px 12px 16px;
    }
    section + section {
      border-top: 1px solid var(--cf-line);
    }
    h2 {
      margin-bottom: 4px;
      font-size: 0.75rem;
      font-weight: 600;
      color: var(--cf-text-soft);
    }
  `,
})
export class FieldsPanel {
  readonly type = input.required<RecordType>();
  readonly row = input.required<RecordRow>();
  protected readonly sections = computed(() =>
    this.type().sections.map(({ title, fields }) => ({
      title,
      fields: fieldsOf(this.type(), fields),
    })),
  );
}
