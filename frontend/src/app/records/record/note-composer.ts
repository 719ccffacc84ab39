import { Component, inject, input, output, signal } from '@angular/core';
import { Session } from '../../session/session';
import { Actions } from '../actions';
import type { RecordRow, RecordType } from '../record-type';
import { Records } from '../records';
import { note } from '../types/note';

/** Writes a note about a record. */
@Component({
  selector: 'cf-note-composer',
  template: `
    @if (session.may('notes:create')) {
      <form (submit)="$event.preventDefault(); write()">
        <textarea
          #box
          class="input"
          maxlength="20000"
          aria-label="Write a note"
          placeholder="Write a note…"
          [rows]="text() ? 4 : 1"
          [value]="text()"
          (input)="text.set(box.value)"
          (keydown.control.enter)="write()"
          (keydown.meta.enter)="write()"
        ></textarea>
        @if (text().trim()) {
          <div class="foot">
            <span>Markdown works here.</span>
            <button class="button primary small" [disabled]="isBusy()">Add note</button>
          </div>
        }
      </form>
    }
  `,
  styles: `
    form {
      margin-bottom: 8px;
    }
    .foot {
      display: flex;
      align-items: center;
      justify-content: space-between;
      margin-top: 6px;
      color: var(--cf-text-faint);
      font-size: 0.75rem;
    }
  `,
})
export class NoteComposer {
  private readonly records = inject(Records);
  private readonly actions = inject(Actions);
  protected readonly session = inject(Session);
  readonly type = input.required<RecordType>();
  readonly row = input.required<RecordRow>();
  readonly written = output();
  protected readonly text = signal('');
  protected readonly isBusy = signal(false);

  protected async write(): Promise<void> {
    const content = this.text().trim();
    if (!content || this.isBusy()) return;
    this.isBusy.set(true);
    const about = { relatedToType: this.type().record, relatedToId: this.row().id };
    const work = this.records.create(note, { content, ...about });
    const undo = async () => {
      const answer = await work;
      return answer.accepted ? this.records.delete(note, answer.id) : answer;
    };
    const result = await this.actions.tell(work, 'Note added.', undo);
    this.isBusy.set(false);
    if (!result.done) return;
    this.text.set('');
    this.written.emit();
  }
}
