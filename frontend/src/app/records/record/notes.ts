import { Component, effect, inject, input, signal, untracked } from '@angular/core';
import { apiError, type ApiError } from '../../../data/api';
import { Bones } from '../../../ui/bones';
import { Avatar } from '../../../ui/avatar';
import { Icon } from '../../../ui/icon';
import { Markdown } from '../../../ui/markdown';
import { When } from '../../../ui/when';
import { Time } from '../../frame/time';
import { Session } from '../../session/session';
import { Actions } from '../actions';
import { Editor } from '../editor';
import { fieldOf, type RecordRow, type RecordType, type Reference } from '../record-type';
import { Records } from '../records';
import { note } from '../types/note';
import { NoteComposer } from './note-composer';

/** The notes of a record, pinned ones first. */
@Component({
  selector: 'cf-notes',
  imports: [Avatar, Bones, Editor, Icon, Markdown, NoteComposer, When],
  templateUrl: './notes.html',
  styleUrl: './notes.scss',
})
export class Notes {
  private readonly records = inject(Records);
  private readonly actions = inject(Actions);
  private readonly session = inject(Session);
  protected readonly time = inject(Time);
  readonly type = input.required<RecordType>();
  readonly row = input.required<RecordRow>();

  protected readonly notes = signal<readonly RecordRow[] | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  /** The note that is edited, as it was when that began. */
  protected readonly editing = signal<RecordRow | undefined>(undefined);
  protected readonly content = fieldOf(note, 'content')!;

  constructor() {
    effect((done) => {
      const { id } = this.row();
      this.time.asOf();
      this.records.changed();
      const abort = new AbortController();
      untracked(() => void this.read(id, abort.signal));
      done(() => abort.abort());
    });
  }

  protected mayChange(one: RecordRow): boolean {
    return !this.time.isPast() && this.session.mayChange('notes', one['ownerId'] as string | null);
  }
  protected author(one: RecordRow): string {
    return (one['owner'] as Reference | null)?.label ?? 'Somebody';
  }
  protected togglePin(one: RecordRow): void {
    const [pin, unpin] = note.steps;
    void this.actions.step(note, one, (one['isPinned'] ? unpin : pin)!);
  }
  protected save(one: RecordRow, content: unknown): void {
    this.editing.set(undefined);
    void this.actions.change(note, one, this.content, content);
  }
  protected delete(one: RecordRow): void {
    void this.actions.delete(note, { ...one, label: 'Note' });
  }

  private async read(id: string, signal: AbortSignal): Promise<void> {
    const filter = {
      relatedToType: { eq: this.type().record },
      relatedToId: { eq: id },
    };
    const sort = [
      { field: 'isPinned', direction: 'desc' },
      { field: 'createdAt', direction: 'desc' },
    ];
    const fields = ['content', 'isPinned', 'ownerId', 'createdAt'];
    try {
      const page = await this.records.page(note, fields, { first: 100, filter, sort }, signal);
      this.notes.set(page.rows);
      this.error.set(undefined);
    } catch (error) {
      if (!signal.aborted) this.error.set(apiError(error));
    }
  }
}
