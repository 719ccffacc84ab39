import { Component, computed, effect, inject, signal, untracked } from '@angular/core';
import { MAT_DIALOG_DATA, MatDialogModule, MatDialogRef } from '@angular/material/dialog';
import { RouterLink } from '@angular/router';
import { apiError } from '../../../data/api';
import { Icon } from '../../../ui/icon';
import { Toasts } from '../../../ui/toasts';
import { Pipelines } from '../../pipelines/pipelines';
import { Session } from '../../session/session';
import { fieldsOf } from '../actions';
import type { RecordRow, Reference } from '../record-type';
import { Records, type Refused } from '../records';
import type { CreateRequest } from './create-record';
import { FormField } from './form-field';

const WAIT = 300;

/** The form for a new record; warns of records that look like it while it is typed. */
@Component({
  selector: 'cf-create-dialog',
  imports: [FormField, Icon, MatDialogModule, RouterLink],
  templateUrl: './create-dialog.html',
  styleUrl: './create-dialog.scss',
})
export class CreateDialog {
  protected readonly request = inject<CreateRequest>(MAT_DIALOG_DATA);
  private readonly ref = inject(MatDialogRef) as MatDialogRef<unknown, RecordRow>;
  private readonly records = inject(Records);
  private readonly toasts = inject(Toasts);
  private readonly session = inject(Session);
  private readonly pipelines = inject(Pipelines);

  protected readonly type = this.request.type;
  protected readonly fields = fieldsOf(this.type, this.type.create).map((field) =>
    field.name === 'pipelineId' ? { ...field, required: true } : field,
  );
  protected readonly values = signal<Readonly<Record<string, unknown>>>(this.request.preset);
  protected readonly row = computed<RecordRow>(() => {
    return { id: '', label: '', revision: 0, ...this.values() };
  });
  protected readonly refused = signal<Refused | undefined>(undefined);
  protected readonly problem = signal<string | undefined>(undefined);
  protected readonly isBusy = signal(false);
  protected readonly alike = signal<readonly Reference[]>([]);
  protected readonly isTried = signal(false);
  protected readonly duplicates = computed<readonly Reference[]>(() => {
    const refused = this.refused();
    if (refused?.code !== 'DUPLICATE') return this.alike();
    return refused.details.map(({ value, message }) => ({
      id: String(value),
      label: message.split(' (')[0]!,
    }));
  });

  constructor() {
    const defaults: Record<string, unknown> = {};
    const me = this.session.identity()?.user.id;
    if (this.type.create.includes('ownerId')) defaults['ownerId'] = me;
    if (this.type.create.includes('assignedToId')) defaults['assignedToId'] = me;
    this.values.update((given) => ({ ...defaults, ...given }));
    effect(() => {
      const initial = this.pipelines.initial();
      if (!this.type.create.includes('pipelineId') || !initial) return;
      untracked(() => this.values.update((given) => ({ pipelineId: initial.id, ...given })));
    });
    effect((done) => {
      const text = this.compared();
      const abort = new AbortController();
      const timer = setTimeout(() => void this.lookForAlike(text, abort.signal), WAIT);
      done(() => {
        clearTimeout(timer);
        abort.abort();
      });
    });
  }

  protected set(change: Readonly<Record<string, unknown>>): void {
    this.refused.set(undefined);
    this.values.update((values) => ({ ...values, ...change }));
  }

  protected problemOf(name: string): string | undefined {
    const refused = this.refused()?.details.find(({ field }) => field === name);
    if (refused && this.refused()?.code !== 'DUPLICATE') return refused.message;
    const field = this.fields.find((one) => one.name === name);
    const isMissing = field?.required && !this.values()[name];
    return this.isTried() && isMissing ? `${field.label} is needed.` : undefined;
  }

  protected async create(event: Event | undefined, allowDuplicate = false): Promise<void> {
    event?.preventDefault();
    this.isTried.set(true);
    if (this.isBusy() || this.fields.some(({ name }) => this.problemOf(name))) return;
    this.isBusy.set(true);
    this.problem.set(undefined);
    const given = Object.entries(this.values())
      .map(([name, value]) => [name, typeof value === 'string' ? value.trim() : value] as const)
      .filter(([, value]) => value !== null && value !== undefined && value !== '');
    const input = { ...Object.fromEntries(given), ...(allowDuplicate ? { allowDuplicate } : {}) };
    try {
      const answer = await this.records.create(this.type, input);
      if (!answer.accepted) return this.refused.set(answer);
      const record = answer.record ?? { ...this.row(), id: answer.id };
      const undo = () => void this.records.delete(this.type, answer.id);
      this.toasts.done(`${record.label} created.`, { label: 'Undo', run: undo });
      this.ref.close(record);
    } catch (error) {
      this.problem.set(apiError(error).message);
    } finally {
      this.isBusy.set(false);
    }
  }

  protected close(): void {
    this.ref.close();
  }

  /** What tells two records of this type apart: an address, else the name. */
  private compared(): string {
    const { email, name, firstName, lastName } = this.values();
    if (typeof email === 'string' && email.includes('@')) return email;
    if (firstName && lastName) return `${String(firstName)} ${String(lastName)}`;
    return typeof name === 'string' ? name : '';
  }

  private async lookForAlike(text: string, signal: AbortSignal): Promise<void> {
    if (text.trim().length < 3 || !this.type.isSearchable) return this.alike.set([]);
    const isPerson = this.type.create.includes('firstName');
    const field = text.includes('@') ? 'email' : isPerson ? 'fullName' : 'name';
    const variables = { first: 5, search: text.trim() };
    try {
      const page = await this.records.page(this.type, [field], variables, signal);
      const same = page.rows.filter((row) => like(row[field]) === like(text));
      this.alike.set(same.map(({ id, label }) => ({ id, label })));
    } catch {
      if (!signal.aborted) this.alike.set([]);
    }
  }
}

const like = (text: unknown) =>
  String(text ?? '')
    .trim()
    .toLowerCase();
