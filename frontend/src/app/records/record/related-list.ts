import { Component, computed, effect, inject, input, signal, untracked } from '@angular/core';
import { MatDialog } from '@angular/material/dialog';
import { RouterLink } from '@angular/router';
import { apiError, type ApiError } from '../../../data/api';
import { Bones } from '../../../ui/bones';
import { countText } from '../../../ui/format';
import { Icon } from '../../../ui/icon';
import { Time } from '../../frame/time';
import { Session } from '../../session/session';
import { Actions, fieldsOf } from '../actions';
import type { RecordRow, RecordType, Related } from '../record-type';
import { Records } from '../records';
import { typeOf } from '../registry';
import { isNumeric } from '../selection';
import { Value } from '../value';
import { createRecord } from './create-record';

const SHOWN = 20;

/** Records that belong to a record: the first of them, with a way to the whole list and to more. */
@Component({
  selector: 'cf-related-list',
  imports: [Bones, Icon, RouterLink, Value],
  templateUrl: './related-list.html',
  styleUrl: './related-list.scss',
})
export class RelatedList {
  private readonly records = inject(Records);
  private readonly actions = inject(Actions);
  private readonly session = inject(Session);
  private readonly dialog = inject(MatDialog);
  private readonly time = inject(Time);
  readonly type = input.required<RecordType>();
  readonly row = input.required<RecordRow>();
  readonly related = input.required<Related>();

  protected readonly target = computed(() => typeOf(this.related().collection));
  protected readonly fields = computed(() => fieldsOf(this.target(), this.related().columns));
  protected readonly rows = signal<readonly RecordRow[] | undefined>(undefined);
  protected readonly total = signal({ count: 0, text: '' });
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly isTasks = computed(() => this.related().collection === 'tasks');
  protected readonly mayCreate = computed(
    () => !this.time.isPast() && this.session.may(`${this.related().collection}:create`),
  );
  protected readonly isNumeric = isNumeric;
  /** The whole list can be asked for where the relation is a filter of it. */
  protected readonly link = computed(() => {
    const { by } = this.related();
    return this.target().fields.some(({ name, filter }) => name === by && filter)
      ? { [by]: this.row().id }
      : undefined;
  });

  constructor() {
    effect((done) => {
      const [related, { id }] = [this.related(), this.row()];
      this.time.asOf();
      this.records.changed();
      const abort = new AbortController();
      untracked(() => void this.read(related, id, abort.signal));
      done(() => abort.abort());
    });
  }

  protected create(): void {
    const { by } = this.related();
    const about = this.isTasks() ? { relatedToType: this.type().record } : {};
    const company = this.row()['companyId'];
    const also = by === 'contactId' && company ? { companyId: company } : {};
    const preset = { [by]: this.row().id, ...about, ...also };
    void createRecord(this.dialog, this.target(), preset);
  }
  protected complete(task: RecordRow): void {
    const step = this.target().steps.find(({ command }) => command === 'completeTask')!;
    void this.actions.step(this.target(), task, step);
  }
  protected isOpen(task: RecordRow): boolean {
    return task['status'] === 'pending' || task['status'] === 'in_progress';
  }
  protected mayComplete(task: RecordRow): boolean {
    const assignee = task['assignedToId'] as string | null;
    return !this.time.isPast() && this.isOpen(task) && this.session.mayChange('tasks', assignee);
  }

  private async read(related: Related, id: string, signal: AbortSignal): Promise<void> {
    const type = typeOf(related.collection);
    const about = this.isTasks() ? { relatedToType: { eq: this.type().record } } : {};
    const filter = { ...about, [related.by]: { eq: id } };
    try {
      const variables = { first: SHOWN, filter };
      const page = await this.records.page(type, related.columns, variables, signal);
      this.rows.set(page.rows);
      this.total.set({ count: page.total, text: countText(page.total, page.isCapped) });
      this.error.set(undefined);
    } catch (error) {
      if (!signal.aborted) this.error.set(apiError(error));
    }
  }
}
