import { Injectable, inject } from '@angular/core';
import { apiError, type ApiError } from '../../data/api';
import { Toasts } from '../../ui/toasts';
import { Conflicts, recordOf } from './conflicts';
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
  private readonly conflicts = inject(Conflicts);
  private readonly toasts = inject(Toasts);

  /** Sets one field of the record as it was seen; the message offers the value before. */
  async change(
    type: RecordType,
    row: RecordRow,
    field: Field,
    value: unknown,
    text = `${field.label} of ${row.label} changed.`,
  ): Promise<Outcome> {
    try {
      const merged = await this.conflicts.change(type, row, { [field.name]: value });
      if ('kept' in merged) {
        this.toasts.done(`${field.label} of ${row.label} stays as it is.`);
        return { done: true, record: merged.kept };
      }
      const after = recordOf(merged, row);
      const before = row[field.name] ?? null;
      const undo = () => void this.change(type, after, field, before, 'Undone.');
      return this.tell(Promise.resolve(merged.answer), text, undo);
    } catch (given) {
      return this.failed(given);
    }
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
  async tell(
    work: Promise<Answer>,
    text: string,
    undo?: () => Promise<Answer> | void,
  ): Promise<Outcome> {
    try {
      const answer = await work;
      if (!answer.accepted) {
        const error = errorOf(answer);
        this.toasts.problem(sayRefused(error));
        return { done: false, error };
      }
      const action = undo && { label: 'Undo', run: () => this.takeBack(undo) };
      this.toasts.done(text, action);
      return { done: true, record: answer.record };
    } catch (given) {
      return this.failed(given);
    }
  }

  private takeBack(undo: () => Promise<Answer> | void): void {
    const work = undo();
    if (work) void this.tell(work, 'Undone.');
  }
  private failed(given: unknown): Outcome {
    const error = apiError(given);
    this.toasts.problem(error.message);
    return { done: false, error };
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
