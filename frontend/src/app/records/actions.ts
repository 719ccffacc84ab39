import { Injectable, inject } from '@angular/core';
import { apiError, type ApiError } from '../../data/api';
import { Toasts } from '../../ui/toasts';
import { fieldOf, type Field, type RecordRow, type RecordType, type Step } from './record-type';
import { Records, errorOf, type Answer } from './records';

const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1);

/** What came of an action: the record afterwards, or why it was refused. */
export type Outcome =
  | { readonly done: true; readonly record: RecordRow | null }
  | { readonly done: false; readonly error: ApiError };

/** Changes records for pages: tells the result and offers to undo it. */
@Injectable({ providedIn: 'root' })
export class Actions {
  private readonly records = inject(Records);
  private readonly toasts = inject(Toasts);

  /** Sets one field; the message offers the value before. */
  change(type: RecordType, row: RecordRow, field: Field, value: unknown): Promise<Outcome> {
    const before = row[field.name] ?? null;
    const undo = () => this.records.change(type, row.id, { [field.name]: before });
    return this.tell(
      this.records.change(type, row.id, { [field.name]: value }),
      `${field.label} of ${row.label} changed.`,
      undo,
    );
  }

  archive(type: RecordType, row: RecordRow): Promise<Outcome> {
    const undo = () => this.records.restore(type, row.id);
    return this.tell(this.records.archive(type, row.id), `${row.label} archived.`, undo);
  }
  restore(type: RecordType, row: RecordRow): Promise<Outcome> {
    const again = row['deletedAt'] ? 'delete' : 'archive';
    const undo = () => this.records[again](type, row.id);
    return this.tell(this.records.restore(type, row.id), `${row.label} restored.`, undo);
  }
  delete(type: RecordType, row: RecordRow): Promise<Outcome> {
    const undo = () => this.records.restore(type, row.id);
    return this.tell(this.records.delete(type, row.id), `${row.label} deleted.`, undo);
  }
  step(type: RecordType, row: RecordRow, step: Step): Promise<Outcome> {
    const { undo: back } = step;
    const undo = back ? () => this.records.run(type, back, row.id) : undefined;
    const work = this.records.run(type, step.command, row.id, step.input);
    return this.tell(work, `${step.label}: ${row.label}.`, undo);
  }

  /** Waits for a command, says what came of it and offers to take it back. */
  async tell(work: Promise<Answer>, text: string, undo?: () => Promise<Answer>): Promise<Outcome> {
    try {
      const answer = await work;
      if (!answer.accepted) {
        const error = errorOf(answer);
        this.toasts.problem(sayRefused(error));
        return { done: false, error };
      }
      const action = undo && { label: 'Undo', run: () => void this.takeBack(undo) };
      this.toasts.done(text, action);
      return { done: true, record: answer.record };
    } catch (given) {
      const error = apiError(given);
      this.toasts.problem(error.message);
      return { done: false, error };
    }
  }

  private takeBack(undo: () => Promise<Answer>): Promise<Outcome> {
    return this.tell(undo(), 'Undone.');
  }
}

/** What happened and what to do about it. */
export function sayRefused(error: ApiError): string {
  const remedy = error.details.length === 1 ? error.details[0]?.remedy : undefined;
  return remedy ? `${error.message} ${remedy}` : error.message;
}

/** The columns of a list as fields. */
export function fieldsOf(type: RecordType, names: readonly string[]): readonly Field[] {
  return names.flatMap((name) => fieldOf(type, name) ?? []);
}

export { capital };
